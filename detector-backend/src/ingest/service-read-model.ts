import type { Static } from 'typebox';
import type { Client } from '../platform/postgres.ts';
import { isoTimeOrNull } from '../platform/http/time-range.ts';
import { READY_WINDOW_COUNT, type Service } from './service-schema.ts';

interface ServiceListRow {
  id: string;
  name: string;
  slug: string;
  environment: string;
  window_count: number;
  judged_until: number | null;
  last_line_at: number | null;
  is_blind: boolean;
  simulated: boolean;
  open_anomaly_id: string | null;
  latest_score: number | null;
  lines_per_minute: number;
}

// What a service is, with what every stage knows of it. The latest window lies within the hour before judged_until, which
// keeps the search inside one or two day partitions. $1 and $2: slug and environment after which to begin; $3: limit.
const LIST = `
  select s.id, s.name, s.slug, s.environment, coalesce(b.window_count, 0) as window_count, b.judged_until,
         src.last_line_at, coalesce(src.is_blind, false) as is_blind, coalesce(src.simulated, false) as simulated,
         a.id as open_anomaly_id, w.score as latest_score, coalesce(w.lines * 60.0 / w.window_seconds, 0)::float8 as lines_per_minute
  from services s
  left join baselines b on b.service_id = s.id
  left join anomalies a on a.service_id = s.id and a.status = 'open'
  left join lateral (
    select max(carried.last_line_at) as last_line_at, bool_or(ls.is_enabled and ls.blind_since is not null) as is_blind,
           bool_and(ls.source_type = 'simulated') as simulated
    from log_source_services carried join log_sources ls on ls.id = carried.log_source_id
    where carried.service_id = s.id
  ) src on true
  left join lateral (
    select score, lines, window_seconds from feature_windows
    where tenant_id = s.tenant_id and service_id = s.id and window_start < b.judged_until
      and window_start >= b.judged_until - interval '1 hour'
    order by window_start desc limit 1
  ) w on true
  where (s.slug, s.environment) > ($1, $2)
  order by s.slug, s.environment limit $3`;

export async function listServices(
  client: Client,
  after: { slug: string; environment: string; limit: number },
): Promise<Static<typeof Service>[]> {
  const { rows } = await client.query<ServiceListRow>(LIST, [after.slug, after.environment, after.limit]);
  return rows.map((row) => ({
    ...row,
    state: stateOf(row.window_count),
    ready_at_window_count: READY_WINDOW_COUNT,
    last_line_at: isoTimeOrNull(row.last_line_at),
    judged_until: isoTimeOrNull(row.judged_until),
  }));
}

const stateOf = (window_count: number): 'cold' | 'warming' | 'ready' =>
  window_count === 0 ? 'cold' : window_count < READY_WINDOW_COUNT ? 'warming' : 'ready';
