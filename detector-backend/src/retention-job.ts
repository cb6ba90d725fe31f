import type { Database } from './platform/postgres.ts';
import type { Logger } from './platform/logger.ts';
import type { Metrics } from './platform/metrics.ts';
import { clearWindowPointers } from './anomalies/anomaly-repository.ts';
import { deleteBatchesBefore } from './ingest/ingest-batch-repository.ts';
import type { LogStore } from './logstore/log-store.ts';
import { deleteOutagesBefore } from './reading/outage-repository.ts';
import { deleteSlicesBefore } from './reading/slice-repository.ts';
import { retentionClocks, type RetentionClocks } from './retention-clock.ts';
import { createRetentionParts, type RunPart } from './retention-part.ts';

const DAY_MS = 86_400_000;
/** How long retried batches are recognised, in wall time. */
const BATCH_MS = DAY_MS;
const PARTITIONED = ['embedded_logs', 'tiles', 'feature_windows'] as const;

export interface RetentionOptions {
  /** Days that log lines are kept where a tenant has no term of its own; tiles and the ledger of all tenants are. */
  log_days: number;
  /** Days that judged windows are kept; anomalies stay. */
  window_days: number;
}

interface Retention {
  database: Database;
  log_store: LogStore;
  retention: RetentionOptions;
}

/**
 * Deletes the log lines of each tenant by its own term and clock, and drops whole days of what all tenants share once every
 * clock is past them. Ages count from the clock of the sources: a replay of last year's logs is not thrown away while it runs.
 * No part's failure stops another: it is logged once, counted, and tried again by the next run.
 */
export const retentionJob = (deps: Retention & { logger: Logger; metrics: Metrics }) => {
  const runPart = createRetentionParts(deps);
  return async ({ wall_now }: { wall_now: number }): Promise<{ days: number }> => {
    const clocks = await retentionClocks(deps.database, wall_now);
    const [any] = clocks.tenants;
    if (!any) return { days: 0 };
    await runPart('coming_days', null, () => makeDaysAhead(deps.database, any.tenant_id, wall_now));
    // In this order: what points into a shared day is emptied before the day goes.
    await expireRows(deps, runPart, clocks, wall_now);
    const line_days = await expireLines(deps, runPart, clocks);
    return { days: line_days + (await expireDays(deps, runPart, clocks)) };
  };
};

/** First day that is kept, epoch ms; null where the clock is not known. */
const keptFrom = (now: number | null, days: number): number | null =>
  now === null ? null : Math.floor((now - days * DAY_MS) / DAY_MS) * DAY_MS;

async function expireRows(
  { database, retention }: Retention,
  runPart: RunPart,
  { tenants, all }: RetentionClocks,
  wall_now: number,
): Promise<void> {
  const slices_from = keptFrom(all, retention.log_days);
  const windows_from = keptFrom(all, retention.window_days);
  for (const { tenant_id } of tenants) {
    await runPart('rows', tenant_id, () =>
      database.withTenant(tenant_id, async (client) => {
        await deleteBatchesBefore(client, wall_now - BATCH_MS);
        if (slices_from !== null) await deleteSlicesBefore(client, slices_from);
        if (windows_from === null) return;
        await clearWindowPointers(client, windows_from);
        await deleteOutagesBefore(client, windows_from);
      }),
    );
  }
}

async function expireLines(
  { database, log_store, retention }: Retention,
  runPart: RunPart,
  { tenants }: RetentionClocks,
): Promise<number> {
  const due = tenants.map(({ tenant_id, log_retention_days, now }) => {
    return { tenant_id, kept_from: keptFrom(now, log_retention_days ?? retention.log_days) };
  });
  const known = due.flatMap(({ kept_from }) => kept_from ?? []);
  // Days that nobody keeps go at once, and never line by line: one that can not be dropped now (a backup reads it) waits for the
  // next run. Also where the lines are in a cluster: the table gets its days ahead in any case.
  const shared_from = known.length === due.length ? Math.min(...known) : undefined;
  let days = 0;
  if (shared_from !== undefined) {
    days += await dropDays(database, runPart, due[0]?.tenant_id ?? '', 'embedded_logs', shared_from);
  }
  // A store that is away is told once, not by each tenant after a wait.
  if ((await runPart('log_store', null, () => log_store.ping().then(() => true))) === null) return days;
  for (const { tenant_id, kept_from } of due) {
    if (kept_from === null) continue;
    const drop = () => log_store.dropDaysBefore(tenant_id, kept_from, shared_from);
    days += (await runPart('lines', tenant_id, drop)) ?? 0;
  }
  return days;
}

async function expireDays(
  { database, retention }: Retention,
  runPart: RunPart,
  { tenants, all }: RetentionClocks,
): Promise<number> {
  const tiles_from = keptFrom(all, retention.log_days);
  const windows_from = keptFrom(all, retention.window_days);
  const any_tenant = tenants[0]?.tenant_id;
  if (tiles_from === null || windows_from === null || any_tenant === undefined) return 0;
  const tiles = await dropDays(database, runPart, any_tenant, 'tiles', tiles_from);
  return tiles + (await dropDays(database, runPart, any_tenant, 'feature_windows', windows_from));
}

type Partitioned = (typeof PARTITIONED)[number];

/** The partitions of today and tomorrow, before midnight needs them. Any tenant will do: they hold the rows of all. */
async function makeDaysAhead(database: Database, any_tenant: string, wall_now: number): Promise<void> {
  const days = [wall_now, wall_now + DAY_MS].map((at) => new Date(at).toISOString().slice(0, 10));
  await database.withTenant(any_tenant, async (client) => {
    for (const parent of PARTITIONED) {
      await client.query('select ensure_day_partitions($1, $2::date[])', [parent, days]);
    }
  });
}

async function dropDays(
  database: Database,
  runPart: RunPart,
  any_tenant: string,
  parent: Partitioned,
  before: number,
): Promise<number> {
  const dropped = await runPart(parent, null, () =>
    database.withTenant(any_tenant, async (client) => {
      const { rows } = await client.query<{ dropped: number }>(
        'select drop_day_partitions($1, $2) as dropped',
        [parent, new Date(before).toISOString().slice(0, 10)],
      );
      return rows[0]?.dropped ?? 0;
    }),
  );
  return dropped ?? 0;
}
