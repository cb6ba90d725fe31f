import type { Database } from './platform/postgres.ts';

export interface TenantClock {
  tenant_id: string;
  /** The tenant's own term; null: that of the installation. */
  log_retention_days: number | null;
  /** Epoch ms from which its lines age; null while that is not known, when none of them may go. */
  now: number | null;
}

export interface RetentionClocks {
  tenants: TenantClock[];
  /** The clock that is furthest behind: ages of what all tenants share. Null while one of them is not known. */
  all: number | null;
}

interface Row {
  tenant_id: string;
  log_retention_days: number | null;
  clock_at: number | null;
  is_starting: boolean;
  is_resting: boolean;
}

/*
 * A replay or simulation that ended (its source is disabled), or whose source did not change for a day, rests: it holds nobody
 * else's days. What was sent to us on the wall's clock ages by how far it was read: else a weekend without a worker would delete
 * lines that nobody counted. Three days at most, so a source that can not be read holds the rest no longer.
 */
const CLOCKS = `
  select t.id as tenant_id, t.log_retention_days,
    min(s.clock_at) filter (where not s.rests) as clock_at,
    coalesce(bool_or(not s.rests and s.clock_at is null), false) as is_starting,
    coalesce(bool_or(s.rests), false) as is_resting
  from tenants t left join (
    select tenant_id,
      case when clock_mode = 'log' then clock_at
        when source_type in ('elasticsearch', 'opensearch') then now()
        else greatest(now() - interval '3 days', least(now(), coalesce(cursor_at, now()))) end as clock_at,
      clock_mode = 'log' and (not is_enabled or updated_at <= now() - interval '1 day') as rests
    from log_sources where is_enabled or clock_mode = 'log'
  ) s on s.tenant_id = t.id
  group by t.id order by t.id`;

/** What retention calls *now*, of each tenant and of all: the lowest clock of the sources, never later than the wall's. */
export async function retentionClocks(database: Database, wall_now: number): Promise<RetentionClocks> {
  const rows = await database.sweep<Row>(CLOCKS);
  const running = rows.flatMap(({ clock_at }) => clock_at ?? []);
  const tenants = rows.map(({ tenant_id, log_retention_days, clock_at, is_starting }) => {
    const at = clock_at ?? idleClock(rows, running, wall_now);
    // A source whose clock never moved may just be getting its first lines, of any age.
    const now = is_starting || at === null ? null : Math.min(wall_now, at);
    return { tenant_id, log_retention_days, now };
  });
  const known = tenants.flatMap(({ now }) => now ?? []);
  return { tenants, all: known.length < tenants.length ? null : Math.min(wall_now, ...known) };
}

/**
 * Of a tenant without a running source: it ages with the others. Where none runs, the wall's clock counts, unless a replay
 * rests: then its lines are what the installation is for.
 */
function idleClock(rows: Row[], running: number[], wall_now: number): number | null {
  if (running.length > 0) return Math.min(...running);
  return rows.some(({ is_resting }) => is_resting) ? null : wall_now;
}
