import type { Database } from './platform/postgres.ts';
import { clearWindowPointers } from './anomalies/anomaly-repository.ts';
import { deleteBatchesBefore } from './ingest/ingest-batch-repository.ts';
import type { LogStore } from './logstore/log-store.ts';
import { deleteOutagesBefore } from './reading/outage-repository.ts';
import { deleteSlicesBefore } from './reading/slice-repository.ts';

const DAY_MS = 86_400_000;
/** How long retried batches are recognised, in wall time. */
const BATCH_MS = DAY_MS;

export interface RetentionOptions {
  /** Days that log lines and tiles are kept. */
  log_days: number;
  /** Days that judged windows are kept; anomalies stay. */
  window_days: number;
}

/**
 * Empties what would point into expired days, then drops whole days. Partitions hold the rows of all tenants, so a day goes
 * when it is too old for each of them. Ages count from the clock that is furthest behind: a replay of last year's logs is
 * not thrown away while it runs.
 */
export const retentionJob =
  ({
    database,
    log_store,
    retention,
  }: {
    database: Database;
    log_store: LogStore;
    retention: RetentionOptions;
  }) =>
  async ({ wall_now }: { wall_now: number }): Promise<{ days: number }> => {
    await makeDaysAhead(database, wall_now);
    const sources = await database.sweep<{ tenant_id: string; clock_at: number | null }>(
      `select tenant_id, case clock_mode when 'log' then clock_at else now() end as clock_at from log_sources
       where is_enabled and (clock_mode = 'wall' or updated_at > now() - interval '1 day')`,
    );
    const clocks = sources.flatMap(({ clock_at }) => clock_at ?? []);
    // A source whose clock never moved may just be getting its first lines, of any age: then nothing is dropped.
    if (sources.length === 0 || clocks.length < sources.length) return { days: 0 };
    const now = Math.min(wall_now, ...clocks);
    const logs_before = dayStart(now - retention.log_days * DAY_MS);
    const windows_before = dayStart(now - retention.window_days * DAY_MS);
    const tenant_ids = [...new Set(sources.map(({ tenant_id }) => tenant_id))];
    for (const tenant_id of tenant_ids) {
      await database.withTenant(tenant_id, async (client) => {
        await clearWindowPointers(client, windows_before);
        await deleteSlicesBefore(client, logs_before);
        await deleteOutagesBefore(client, windows_before);
        await deleteBatchesBefore(client, wall_now - BATCH_MS);
      });
    }
    const [any_tenant = ''] = tenant_ids;
    const days = await log_store.dropDaysBefore(any_tenant, logs_before);
    const tiles = await dropDays(database, any_tenant, 'tiles', logs_before);
    return { days: days + tiles + (await dropDays(database, any_tenant, 'feature_windows', windows_before)) };
  };

/** The partitions of today and tomorrow, before midnight needs them. Any tenant will do: they hold the rows of all. */
async function makeDaysAhead(database: Database, wall_now: number): Promise<void> {
  const [tenant] = await database.sweep<{ id: string }>('select id from tenants limit 1');
  if (!tenant) return;
  const days = [wall_now, wall_now + DAY_MS].map((at) => new Date(at).toISOString().slice(0, 10));
  await database.withTenant(tenant.id, async (client) => {
    for (const parent of ['embedded_logs', 'tiles', 'feature_windows']) {
      await client.query('select ensure_day_partitions($1, $2::date[])', [parent, days]);
    }
  });
}

const dayStart = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

async function dropDays(
  database: Database,
  tenant_id: string,
  parent: 'tiles' | 'feature_windows',
  before: number,
) {
  return database.withTenant(tenant_id, async (client) => {
    const { rows } = await client.query<{ dropped: number }>(
      'select drop_day_partitions($1, $2) as dropped',
      [parent, new Date(before).toISOString().slice(0, 10)],
    );
    return rows[0]?.dropped ?? 0;
  });
}
