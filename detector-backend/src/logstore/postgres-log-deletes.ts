import type { Database } from '../platform/postgres.ts';
import { READ_BY_INDEX } from './postgres-log-reads.ts';

const DAY_MS = 86_400_000;
/** A transaction each, which neither holds locks nor fills the database's log for long (300,000 lines: 8 s in all). */
const LINES_AT_ONCE = 10_000;

/*
 * $1: end, $2: how many at most. A day's partition holds the lines of all tenants, and no index begins with the tenant:
 * its lines are found by its services.
 */
const DELETE = `
  with expired as (
    select event_id, timestamp from embedded_logs
    where service_id = any(array(select id from services)) and timestamp < $1 limit $2
  ), gone as (
    delete from embedded_logs l using expired e
    where l.event_id = e.event_id and l.timestamp = e.timestamp and l.timestamp < $1 returning l.timestamp
  )
  select count(*) as lines, coalesce(array_agg(distinct date_bin('1 day', timestamp, to_timestamp(0))), '{}') as days
  from gone`;

/** Deletes the tenant's lines of whole UTC days before the day of `before` (epoch ms); returns of how many days. */
export async function deleteDaysBefore(
  database: Database,
  tenant_id: string,
  before: number,
): Promise<number> {
  const end = new Date(Math.floor(before / DAY_MS) * DAY_MS);
  const days = new Set<number>();
  for (let more = true; more;) {
    more = await database.withTenant(tenant_id, async (client) => {
      await client.query(READ_BY_INDEX);
      const { rows } = await client.query<{ lines: number; days: number[] }>(DELETE, [end, LINES_AT_ONCE]);
      for (const day of rows[0]?.days ?? []) days.add(day);
      return rows[0]?.lines === LINES_AT_ONCE;
    });
  }
  return days.size;
}
