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

/** Slices whose re-count is due, or whose second reading was interrupted; oldest first, at most 100. */
export function dueRecounts(database: Database) {
  return database.sweep<{
    tenant_id: string;
    log_source_id: string;
    slice_start: number;
    recount_at: number;
  }>(
    `select tenant_id, log_source_id, slice_start, recount_at from slices
     where recount_at < now() and (state = 'done' or lease_until < now()) order by recount_at limit 100`,
  );
}
