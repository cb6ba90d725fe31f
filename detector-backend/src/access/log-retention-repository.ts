import type { Identity } from '../platform/http/identity.ts';
import type { Client } from '../platform/postgres.ts';
import { audit } from './audit-repository.ts';

/** Days that the tenant's log lines are kept; null: as long as the installation keeps them. */
export async function readLogRetention(client: Client): Promise<number | null> {
  const { rows } = await client.query<{ log_retention_days: number | null }>(
    'select log_retention_days from tenants where id = app_tenant_id()',
  );
  return rows[0]?.log_retention_days ?? null;
}

/**
 * Sets them, and traces what that changes.
 * @param days within LOG_RETENTION_RANGE, or null for the term of the installation
 */
export async function setLogRetention(
  client: Client,
  identity: Identity,
  days: number | null,
  request_id: string | null,
): Promise<void> {
  // Locked, so that the trace tells what was there before.
  await client.query('select from tenants where id = app_tenant_id() for update');
  const before = await readLogRetention(client);
  if (before === days) return;
  await client.query(
    'update tenants set log_retention_days = $1, updated_at = now() where id = app_tenant_id()',
    [days],
  );
  await audit(client, identity, {
    action: 'log_retention.update',
    resource_type: 'log_retention',
    resource_id: identity.tenant_id,
    details: { before: { log_retention_days: before }, after: { log_retention_days: days } },
    request_id,
  });
}
