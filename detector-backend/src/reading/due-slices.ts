import type { Database } from '../platform/postgres.ts';

/** Sources that may have a slice to read: enabled and with their clock past the cursor. */
export function dueLogSources(database: Database) {
  return database.sweep<{ id: string; tenant_id: string; cursor_at: number | null }>(
    `select id, tenant_id, cursor_at from log_sources
     where is_enabled and (cursor_at is null or
       case clock_mode when 'log' then clock_at else now() - make_interval(secs => read_lag_seconds) end
         >= cursor_at + make_interval(secs => slice_seconds))`,
  );
}

/** Due re-counts that one source may have in the queue at a time: the others get their turn after so many. */
const RECOUNTS_PER_SOURCE = 10;

/**
 * Slices whose re-count is due, or whose second reading was interrupted; at most 100, and the oldest of every source before
 * the next oldest of any. Those of a source that is disabled, or can not be read just now, wait until it is read again.
 */
export function dueRecounts(database: Database) {
  return database.sweep<{
    tenant_id: string;
    log_source_id: string;
    slice_start: number;
    recount_at: number;
  }>(
    `select due.tenant_id, due.log_source_id, due.slice_start, due.recount_at
     from log_sources ls cross join lateral (
       select tenant_id, log_source_id, slice_start, recount_at, row_number() over (order by recount_at) as place
       from slices where log_source_id = ls.id and recount_at < now() and (state = 'done' or lease_until < now())
       order by recount_at limit $1
     ) due
     where ls.is_enabled and ls.last_error_at is null
     order by due.place, due.recount_at limit 100`,
    [RECOUNTS_PER_SOURCE],
  );
}
