import type { Client } from '../platform/postgres.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { PolicyConditions, PolicyView, SeverityMapping } from './policy-schema.ts';

export interface PolicyRow {
  id: string;
  name: string;
  is_enabled: boolean;
  conditions: PolicyConditions;
  severity_mapping: SeverityMapping;
  cooldown_seconds: number;
  integration_ids: string[];
  created_at: number;
  updated_at: number;
}
export type PolicyFields = Omit<PolicyRow, 'id' | 'created_at' | 'updated_at'>;

const COLUMNS = `p.id, p.name, p.is_enabled, p.conditions, p.severity_mapping, p.cooldown_seconds, p.created_at, p.updated_at,
  array(select pi.integration_id::text from alert_policy_integrations pi
        where pi.policy_id = p.id order by pi.integration_id) as integration_ids`;

/** Policies in the order of their names, from the one after `after` on. */
export async function listPolicies(
  client: Client,
  after: string | null,
  limit: number,
): Promise<PolicyRow[]> {
  const { rows } = await client.query<PolicyRow>(
    `select ${COLUMNS} from alert_policies p where $1::text is null or p.name > $1 order by p.name limit $2`,
    [after, limit],
  );
  return rows;
}

export async function findPolicy(client: Client, id: string): Promise<PolicyRow | null> {
  const { rows } = await client.query<PolicyRow>(`select ${COLUMNS} from alert_policies p where p.id = $1`, [
    id,
  ]);
  return rows[0] ?? null;
}

/** Id of the new policy; null when the name is taken. */
export async function insertPolicy(client: Client, fields: PolicyFields): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `insert into alert_policies (tenant_id, name, is_enabled, conditions, severity_mapping, cooldown_seconds)
     values (app_tenant_id(), $1, $2, $3, $4, $5)
     on conflict (tenant_id, name) do nothing returning id`,
    [fields.name, fields.is_enabled, fields.conditions, fields.severity_mapping, fields.cooldown_seconds],
  );
  const id = rows[0]?.id ?? null;
  if (id !== null) await setIntegrations(client, id, fields.integration_ids);
  return id;
}

/** Replaces the policy that is still as it was at `updated_at` (epoch ms); false when it is not. */
export async function updatePolicy(
  client: Client,
  id: string,
  fields: PolicyFields,
  updated_at: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update alert_policies set name = $2, is_enabled = $3, conditions = $4, severity_mapping = $5,
       cooldown_seconds = $6, updated_at = greatest(now(), updated_at + interval '1 millisecond')
     where id = $1 and date_trunc('milliseconds', updated_at) = to_timestamp($7::double precision / 1000)`,
    [
      id,
      fields.name,
      fields.is_enabled,
      fields.conditions,
      fields.severity_mapping,
      fields.cooldown_seconds,
      updated_at,
    ],
  );
  if (rowCount === 0) return false;
  await setIntegrations(client, id, fields.integration_ids);
  return true;
}

async function setIntegrations(client: Client, policy_id: string, integration_ids: string[]): Promise<void> {
  await client.query(
    'delete from alert_policy_integrations where policy_id = $1 and integration_id <> all($2::uuid[])',
    [policy_id, integration_ids],
  );
  await client.query(
    `insert into alert_policy_integrations (tenant_id, policy_id, integration_id)
     select app_tenant_id(), $1, unnest($2::uuid[]) on conflict do nothing`,
    [policy_id, integration_ids],
  );
}

/** Whether another policy than `id` has the name. */
export async function isNameOfOther(client: Client, name: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query('select from alert_policies where name = $1 and id <> $2', [
    name,
    id,
  ]);
  return rowCount !== 0;
}

/** Its alerts go with it (foreign key). */
export async function deletePolicy(client: Client, id: string): Promise<void> {
  await client.query('delete from alert_policies where id = $1', [id]);
}

/** Those of the ids that name nothing of this tenant. */
export async function missingIds(
  client: Client,
  table: 'integrations' | 'services',
  ids: string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from unnest($1::uuid[]) as wanted (id) where id not in (select id from ${table})`,
    [ids],
  );
  return rows.map((row) => row.id);
}

export const policyView = (row: PolicyRow): PolicyView => ({
  ...row,
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});
