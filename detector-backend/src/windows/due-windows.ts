import type { Database } from '../platform/postgres.ts';

/** Tenants that may have windows to judge: a source was read past the next tile edge, or late lines touched a window. */
export function dueTenants(database: Database) {
  return database.sweep<{ tenant_id: string; read_until: number; judged_until: number | null; dirty: number }>(
    `select source.tenant_id, source.read_until, service.judged_until,
       (select count(*) from dirty_windows d where d.tenant_id = source.tenant_id) as dirty
     from (
       select tenant_id, max(cursor_at - make_interval(secs => allowed_lateness_seconds)) as read_until
       from log_sources where is_enabled and cursor_at is not null group by tenant_id
     ) source
     left join (select tenant_id, min(judged_until) as judged_until from baselines group by tenant_id) service using (tenant_id)
     where service.judged_until is null or source.read_until >= service.judged_until + interval '10 seconds'
       or exists (select from dirty_windows d where d.tenant_id = source.tenant_id)`,
  );
}
