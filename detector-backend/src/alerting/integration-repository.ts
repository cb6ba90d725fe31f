import type { Client } from '../platform/postgres.ts';
import type { Integration } from './integration.ts';

const COLUMNS = 'id, type, name, config, secret, is_enabled, created_at, updated_at';

/** Integrations in the order of their names, from the one after `after` on. */
export async function listIntegrations(
  client: Client,
  after: string | null,
  limit: number,
): Promise<Integration[]> {
  const { rows } = await client.query<Integration>(
    `select ${COLUMNS} from integrations where $1::text is null or name > $1 order by name limit $2`,
    [after, limit],
  );
  return rows;
}

export async function findIntegration(client: Client, id: string): Promise<Integration | null> {
  const { rows } = await client.query<Integration>(`select ${COLUMNS} from integrations where id = $1`, [id]);
  return rows[0] ?? null;
}

export type IntegrationFields = Pick<
  Integration,
  'id' | 'type' | 'name' | 'config' | 'secret' | 'is_enabled'
>;

/** Null when the name is taken. */
export async function insertIntegration(client: Client, row: IntegrationFields): Promise<Integration | null> {
  const { rows } = await client.query<Integration>(
    `insert into integrations (id, tenant_id, type, name, config, secret, is_enabled)
     values ($1, app_tenant_id(), $2, $3, $4, $5, $6)
     on conflict (tenant_id, name) do nothing returning ${COLUMNS}`,
    [row.id, row.type, row.name, row.config, row.secret, row.is_enabled],
  );
  return rows[0] ?? null;
}

/** Replaces the row that is still as it was at `updated_at` (epoch ms); null when it is not. */
export async function updateIntegration(
  client: Client,
  row: IntegrationFields,
  updated_at: number,
): Promise<Integration | null> {
  const { rows } = await client.query<Integration>(
    `update integrations set name = $2, config = $3, secret = $4, is_enabled = $5,
       updated_at = greatest(now(), updated_at + interval '1 millisecond')
     where id = $1 and date_trunc('milliseconds', updated_at) = to_timestamp($6::double precision / 1000)
     returning ${COLUMNS}`,
    [row.id, row.name, row.config, row.secret, row.is_enabled, updated_at],
  );
  return rows[0] ?? null;
}

export async function deleteIntegration(client: Client, id: string): Promise<void> {
  await client.query('delete from integrations where id = $1', [id]);
}

/** Names of the policies that send through the integration. */
export async function policiesUsing(client: Client, integration_id: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select p.name from alert_policy_integrations pi join alert_policies p on p.id = pi.policy_id
     where pi.integration_id = $1 order by p.name limit 5`,
    [integration_id],
  );
  return rows.map((row) => row.name);
}

/** Whether another integration than `id` has the name. */
export async function isNameOfOther(client: Client, name: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query('select from integrations where name = $1 and id <> $2', [
    name,
    id,
  ]);
  return rowCount !== 0;
}
