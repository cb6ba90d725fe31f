import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import pg from 'pg';
import type { Identity } from '../platform/http/identity.ts';
import { createApiKey, hashApiKey } from './api-key.ts';
import { insertApiKey } from './api-key-repository.ts';
import { audit } from './audit-repository.ts';
import { setLogRetention } from './log-retention-repository.ts';
import { hashPassword } from './password.ts';
import { ROLES, type RoleName } from './role.ts';

export interface Bootstrapped {
  tenant_id: string;
  /** The administrator's key; null when it was made before and is kept nowhere (no `key_file`). */
  api_key: string | null;
}

/** A key that a part of the installation reads from a file: made once, kept there (mode 0600). */
export interface KeyFile {
  file: string;
  name: string;
  permissions: readonly string[];
}

const SYSTEM = { actor: 'system', permissions: ['*'], user_id: null, key_id: null } as const;

/**
 * Makes a tenant usable: the tenant, its three roles, an administrator (password unknown until it is reset) and a first
 * API key. Safe to call at every start; what exists stays as it is, but for a retention that is given. One transaction, on an
 * owner connection.
 * @param options.slug `^[a-z0-9_]{1,40}$`
 * @param options.log_retention_days within LOG_RETENTION_RANGE; left out, the tenant keeps what it has
 * @param options.key_file keeps the administrator's key as text (mode 0600) and reads it back
 * @param options.key_files further keys of the tenant, kept the same way
 */
export async function bootstrapTenant(options: {
  owner_url: string;
  slug: string;
  name: string;
  admin_email?: string;
  log_retention_days?: number;
  key_file?: string;
  key_files?: readonly KeyFile[];
}): Promise<Bootstrapped> {
  const client = new pg.Client({ connectionString: options.owner_url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query("select pg_advisory_xact_lock(hashtext('seismolog bootstrap'))");
    const tenant_id = await ensureTenant(client, options.slug, options.name);
    // From here on with the rights of the application: the owner has none on the rows of a tenant.
    await client.query('set local role seismolog_app');
    await client.query("select set_config('app.tenant_id', $1, true)", [tenant_id]);
    const identity = { ...SYSTEM, tenant_id, tenant_slug: options.slug };
    if (options.log_retention_days !== undefined)
      await setLogRetention(client, identity, options.log_retention_days, null);
    for (const role of Object.keys(ROLES) as RoleName[]) await ensureRole(client, identity, role);
    await ensureUser(client, identity, options.admin_email ?? `admin@${options.slug}.local`, 'admin');
    const api_key = await ensureAdminKey(client, identity, options.key_file);
    for (const key_file of options.key_files ?? []) await ensureKeyFile(client, identity, key_file);
    await client.query('commit');
    return { tenant_id, api_key };
  } finally {
    // Ending the connection rolls back what was not committed.
    await client.end();
  }
}

async function ensureTenant(client: pg.Client, slug: string, name: string): Promise<string> {
  // Ids of services, sources and templates hang on it: the same lines give the same results in every installation.
  await client.query(
    `insert into tenants (id, slug, name) values (md5('tenant ' || $1)::uuid, $1, $2) on conflict (slug) do nothing`,
    [slug, name],
  );
  const { rows } = await client.query<{ id: string }>('select id from tenants where slug = $1', [slug]);
  return rows[0]?.id as string;
}

async function ensureRole(client: pg.ClientBase, identity: Identity, name: RoleName): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `insert into roles (tenant_id, name, permissions) values ($1, $2, $3)
     on conflict (tenant_id, name) do nothing returning id`,
    [identity.tenant_id, name, JSON.stringify(ROLES[name])],
  );
  if (rows[0]) await trace(client, identity, 'role', rows[0].id, { name, permissions: ROLES[name] });
}

/** Makes a user of one role, once. Without a password nobody can log in as the user until one is set. */
export async function ensureUser(
  client: pg.ClientBase,
  identity: Identity,
  email: string,
  role: RoleName,
  password = randomBytes(32).toString('base64url'),
): Promise<void> {
  const known = await client.query('select from users where email = $1', [email]);
  if (known.rowCount) return;
  const { rows } = await client.query<{ id: string }>(
    `with made as (insert into users (tenant_id, email, password_hash) values ($1, $2, $3) returning id)
     insert into user_roles (tenant_id, user_id, role_id)
     select $1, made.id, roles.id from made, roles where roles.name = $4
     returning user_id as id`,
    [identity.tenant_id, email, await hashPassword(password), role],
  );
  await trace(client, identity, 'user', rows[0]?.id ?? email, { email, role });
}

async function ensureAdminKey(
  client: pg.ClientBase,
  identity: Identity,
  key_file?: string,
): Promise<string | null> {
  const admin = { name: 'bootstrap', permissions: ROLES.admin };
  if (key_file !== undefined) return ensureKeyFile(client, identity, { file: key_file, ...admin });
  const { rowCount } = await client.query("select from api_keys where created_by = 'system'");
  return rowCount ? null : insertKey(client, identity, admin);
}

async function ensureKeyFile(client: pg.ClientBase, identity: Identity, key: KeyFile): Promise<string> {
  const kept = fs.existsSync(key.file) ? fs.readFileSync(key.file, 'utf8').trim() : '';
  const { rowCount } = await client.query('select from api_keys where key_hash = $1 and revoked_at is null', [
    hashApiKey(kept),
  ]);
  if (rowCount) return kept;
  const api_key = await insertKey(client, identity, key);
  // Written before the commit: a key in the file that is not in the database is made anew by the next start.
  fs.rmSync(key.file, { force: true });
  fs.writeFileSync(key.file, `${api_key}\n`, { mode: 0o600 });
  return api_key;
}

async function insertKey(
  client: pg.ClientBase,
  identity: Identity,
  { name: purpose, permissions }: Omit<KeyFile, 'file'>,
): Promise<string> {
  const key = createApiKey();
  // Names of keys are unique; a lost key is replaced by one of the same purpose.
  const name = `${purpose} ${key.key_prefix}`;
  const row = { name, permissions, created_by: identity.actor, expires_at: null };
  const { id } = await insertApiKey(client, identity.tenant_id, key, row);
  await trace(client, identity, 'api_key', id, { name, permissions });
  return key.api_key;
}

function trace(
  client: pg.ClientBase,
  identity: Identity,
  resource_type: string,
  resource_id: string,
  after: Record<string, unknown>,
): Promise<void> {
  const action = `${resource_type}.create`;
  return audit(client, identity, {
    action,
    resource_type,
    resource_id,
    details: { after },
    request_id: null,
  });
}
