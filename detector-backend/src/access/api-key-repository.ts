import type { Identity } from '../platform/http/identity.ts';
import { isoTime, isoTimeOrNull } from '../platform/http/time-range.ts';
import type { Client, Database } from '../platform/postgres.ts';
import type { ApiKey } from './access-schema.ts';
import { hashApiKey, type NewApiKey } from './api-key.ts';

interface ApiKeyRow extends Omit<ApiKey, 'created_at' | 'expires_at' | 'revoked_at'> {
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}

const COLUMNS = 'id, name, key_prefix, permissions, created_by, created_at, expires_at, revoked_at';

const apiKeyOf = (row: ApiKeyRow): ApiKey => ({
  ...row,
  created_at: isoTime(row.created_at),
  expires_at: isoTimeOrNull(row.expires_at),
  revoked_at: isoTimeOrNull(row.revoked_at),
});

/** Who a key stands for; undefined when it is unknown, revoked or expired. Asked anew each time: a revoked key ends at once. */
export async function findIdentity(database: Database, api_key: string): Promise<Identity | undefined> {
  const [key] = await database.sweep<{ id: string; tenant_id: string }>(
    `select id, tenant_id from api_keys
     where key_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [hashApiKey(api_key)],
  );
  if (!key) return undefined;
  const rows = await database.withTenant(key.tenant_id, async (client) => {
    const found = await client.query<{ name: string; permissions: string[]; slug: string }>(
      'select k.name, k.permissions, t.slug from api_keys k join tenants t on t.id = k.tenant_id where k.id = $1',
      [key.id],
    );
    return found.rows;
  });
  return rows.map(({ name, permissions, slug }) => ({
    tenant_id: key.tenant_id,
    tenant_slug: slug,
    actor: `key:${name}`,
    permissions,
    user_id: null,
    key_id: key.id,
  }))[0];
}

export async function insertApiKey(
  client: Client,
  tenant_id: string,
  key: NewApiKey,
  input: { name: string; permissions: readonly string[]; created_by: string; expires_at: number | null },
): Promise<ApiKey> {
  const { rows } = await client.query<ApiKeyRow>(
    `insert into api_keys (tenant_id, name, key_hash, key_prefix, permissions, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, to_timestamp($7::double precision / 1000))
     returning ${COLUMNS}`,
    [
      tenant_id,
      input.name,
      key.key_hash,
      key.key_prefix,
      JSON.stringify(input.permissions),
      input.created_by,
      input.expires_at,
    ],
  );
  return apiKeyOf(rows[0] as ApiKeyRow);
}

/** In order of their names, which are unique; `after` is the last name of the page before. */
export async function listApiKeys(client: Client, limit: number, after: string): Promise<ApiKey[]> {
  const { rows } = await client.query<ApiKeyRow>(
    `select ${COLUMNS} from api_keys where name > $1 order by name limit $2`,
    [after, limit],
  );
  return rows.map(apiKeyOf);
}

/** `revoked` now, `already` before, or `unknown`; with the key where there is one. */
export async function revokeApiKey(
  client: Client,
  id: string,
): Promise<{ outcome: 'revoked' | 'already'; api_key: ApiKey } | { outcome: 'unknown' }> {
  const revoked = await client.query<ApiKeyRow>(
    `update api_keys set revoked_at = now() where id = $1 and revoked_at is null returning ${COLUMNS}`,
    [id],
  );
  if (revoked.rows[0]) return { outcome: 'revoked', api_key: apiKeyOf(revoked.rows[0]) };
  const known = await client.query<ApiKeyRow>(`select ${COLUMNS} from api_keys where id = $1`, [id]);
  return known.rows[0] ? { outcome: 'already', api_key: apiKeyOf(known.rows[0]) } : { outcome: 'unknown' };
}
