import type { Database } from '../platform/postgres.ts';

/** Tenants with anomaly events that no alert policy was asked about yet. */
export function tenantsWithUndecidedEvents(database: Database) {
  return database.sweep<{ tenant_id: string; undecided: number; anomaly_id: string }>(
    `select tenant_id, count(*) as undecided, min(anomaly_id::text) as anomaly_id
     from anomaly_events where decided_at is null group by tenant_id`,
  );
}
