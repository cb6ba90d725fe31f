import type { Database } from '../platform/postgres.ts';
import { IS_STOPPED } from './baseline-repository.ts';

/** Tenants that have windows to judge: a service's clock passed its next tile edge, or late lines touched a window. */
export function dueTenants(database: Database) {
  return database.sweep<{
    tenant_id: string;
    read_until: number | null;
    judged_until: number | null;
    dirty: number;
  }>(
    `select tenant_id, max(final_at) as read_until, min(judged_until) as judged_until,
       (select count(*) from dirty_windows d where d.tenant_id = due.tenant_id) as dirty
     from (
       select lss.tenant_id, lss.service_id, b.judged_until,
         coalesce(min(ls.cursor_at) filter (where ls.blind_since is null and not ${IS_STOPPED}), max(ls.cursor_at))
           - make_interval(secs => max(ls.allowed_lateness_seconds)) as final_at
       from log_source_services lss
       join log_sources ls on ls.id = lss.log_source_id and ls.is_enabled and ls.cursor_at is not null
       left join baselines b on b.service_id = lss.service_id
       group by lss.tenant_id, lss.service_id, b.judged_until
     ) due
     where judged_until is null or final_at >= judged_until + interval '10 seconds'
     group by tenant_id
     union all
     select tenant_id, null, null, count(*) from dirty_windows d
     group by tenant_id`,
  );
}
