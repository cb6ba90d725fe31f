import type { Database } from '../platform/postgres.ts';
import { READ_BY_INDEX } from './postgres-log-reads.ts';

const DAY_MS = 86_400_000;
/** A transaction each, which neither holds locks nor fills the database's log for long (300,000 lines: 8 s in all). */
const LINES_AT_ONCE = 10_000;
/** What one call takes at most, so that one tenant does not keep the others waiting. */
const BUDGET_MS = 60_000;

/*
 * $1: end, $2: how many at most, $3: start. A day's partition holds the lines of all tenants, and no index begins with the tenant:
 * its lines are found by its services.
 */
const DELETE = `
  with expired as (
    select event_id, timestamp from embedded_logs
    where service_id = any(array(select id from services)) and timestamp >= $3 and timestamp < $1 limit $2
  ), gone as (
    delete from embedded_logs l using expired e
    where l.event_id = e.event_id and l.timestamp = e.timestamp and l.timestamp >= $3 and l.timestamp < $1 returning l.timestamp
  )
  select count(*) as lines, coalesce(array_agg(distinct date_bin('1 day', timestamp, to_timestamp(0))), '{}') as days
  from gone`;

const dayOf = (ms: number) => new Date(Math.floor(ms / DAY_MS) * DAY_MS);

/**
 * Deletes the tenant's lines of whole UTC days before the day of `before` and, if given, from that of `shared_from` on (epoch
 * ms); returns of how many days. Stops after `budget_ms`: the next call goes on.
 */
export async function deleteDaysBefore(
  database: Database,
  tenant_id: string,
  { before, shared_from }: { before: number; shared_from?: number | undefined },
  budget_ms = BUDGET_MS,
): Promise<number> {
  const [start, end] = [shared_from === undefined ? '-infinity' : dayOf(shared_from), dayOf(before)];
  const stop_at = performance.now() + budget_ms;
  const days = new Set<number>();
  for (let more = true; more;) {
    more = await database.withTenant(tenant_id, async (client) => {
      await client.query(READ_BY_INDEX);
      const { rows } = await client.query<{ lines: number; days: number[] }>(DELETE, [
        end,
        LINES_AT_ONCE,
        start,
      ]);
      for (const day of rows[0]?.days ?? []) days.add(day);
      return rows[0]?.lines === LINES_AT_ONCE && performance.now() < stop_at;
    });
  }
  return days.size;
}
