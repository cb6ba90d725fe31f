import type { Client } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import type { Baseline } from './baseline.ts';
import { WINDOW_MS } from './tile.ts';
import type { ServiceClock } from './edge.ts';

/** A service with everything that judging it needs to start. */
export interface ServiceProgress extends ServiceClock {
  service: string;
  window_count: number;
  last_line_at: number | null;
  /** A source of it can not be read. */
  is_blind: boolean;
  /** Outages of its sources in the last day before `judged_until`: half-open spans of event time, epoch ms. */
  blind_spans: { blind_from: number; blind_until: number }[];
  /** Writes of late lines so far. */
  late_marks: number;
}

/** A replay or shop that moved its clock last so long ago is over, orderly or not: nobody waits for it. `ls` is log_sources. */
export const IS_STOPPED = `(ls.clock_mode = 'log' and ls.updated_at < now() - interval '10 minutes')`;

/**
 * Services of the transaction's tenant with their clocks. A service that was never judged starts at the first full
 * minute after its first tile.
 */
export async function loadProgress(client: Client): Promise<ServiceProgress[]> {
  await client.query(
    `insert into baselines (tenant_id, service_id, judged_until, learned_until)
     select s.tenant_id, s.id, first.minute, first.minute
     from services s
     cross join lateral (
       select date_trunc('minute', min(t.tile_start) + interval '59 seconds') as minute from tiles t where t.service_id = s.id
     ) first
     where first.minute is not null and not exists (select from baselines b where b.service_id = s.id)
     on conflict do nothing`,
  );
  const { rows } = await client.query<ServiceProgress & { allowed_lateness_seconds: number }>({
    name: 'load-progress',
    text: `select s.id as service_id, s.name as service, b.judged_until, b.window_count, b.last_line_at, b.late_marks,
             coalesce(min(ls.cursor_at) filter (where ls.blind_since is null and not ${IS_STOPPED}), max(ls.cursor_at)) as clock_at,
             bool_or(ls.blind_since is not null) as is_blind,
             (select coalesce(json_agg(json_build_object('blind_from', round(date_part('epoch', o.blind_from) * 1000),
                 'blind_until', round(date_part('epoch', o.blind_until) * 1000))), '[]')
               from blind_spans o join log_source_services own on own.log_source_id = o.log_source_id
               where own.service_id = s.id and o.blind_until > b.judged_until - interval '1 day') as blind_spans,
             max(ls.allowed_lateness_seconds) as allowed_lateness_seconds
           from services s
           join baselines b on b.service_id = s.id
           join log_source_services lss on lss.service_id = s.id
           join log_sources ls on ls.id = lss.log_source_id and ls.is_enabled and ls.cursor_at is not null
           group by s.id, b.service_id
           order by s.id`,
  });
  return rows.map(({ allowed_lateness_seconds, ...row }) => ({
    ...row,
    allowed_lateness_ms: allowed_lateness_seconds * 1000,
  }));
}

export interface StoredBaseline {
  service_id: string;
  judged_until: number;
  /** Null before the first full minute was learned. */
  state: Baseline | null;
  /** Judgements of the edges since the last full minute; what they hold is their owner's business. */
  minute_scores: unknown[];
}

export async function loadBaselines(client: Client, service_ids: string[]): Promise<StoredBaseline[]> {
  const { rows } = await client.query<StoredBaseline>(
    'select service_id, judged_until, state, minute_scores from baselines where service_id = any($1)',
    [service_ids],
  );
  return rows;
}

export interface BaselineUpdate {
  service_id: string;
  judged_from: number;
  judged_until: number;
  window_count: number;
  last_line_at: number | null;
  minute_scores: unknown[];
  /** Null when no minute was learned. */
  state: Baseline | null;
}

/**
 * Moves services on. Throws `lost_lease` when another worker judged one of them meanwhile: `judged_from` is compared, so
 * two workers at the same edges can never both write.
 */
export async function saveBaselines(client: Client, updates: BaselineUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  const rows = updates.map((update) => ({
    ...update,
    judged_from: new Date(update.judged_from).toISOString(),
    judged_until: new Date(update.judged_until).toISOString(),
    learned_until: new Date(Math.floor(update.judged_until / WINDOW_MS) * WINDOW_MS).toISOString(),
    last_line_at: update.last_line_at === null ? null : new Date(update.last_line_at).toISOString(),
  }));
  const { rowCount } = await client.query(
    `update baselines b set judged_until = u.judged_until, learned_until = u.learned_until, window_count = u.window_count,
       last_line_at = u.last_line_at, minute_scores = u.minute_scores, state = coalesce(u.state, b.state), updated_at = now()
     from json_to_recordset($1) as u (service_id uuid, judged_from timestamptz, judged_until timestamptz,
       learned_until timestamptz, window_count integer, last_line_at timestamptz, minute_scores json, state json)
     where b.service_id = u.service_id and b.judged_until = u.judged_from`,
    [JSON.stringify(rows)],
  );
  if (rowCount !== updates.length)
    throw new AppError('lost_lease', 'Another worker judged the same windows.');
}
