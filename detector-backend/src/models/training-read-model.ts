import type { Client } from '../platform/postgres.ts';

/** Windows that a forest is grown from at most. */
export const MAX_TRAINING_ROWS = 4096;
/** How far back they are picked from, in windows. */
const REACH = 10 * MAX_TRAINING_ROWS;
/** Windows of incidents are left out. */
const INCIDENT_SCORE = 50;

export interface TrainingSet {
  /** Features and hashed counts side by side, float32. */
  rows: Float32Array[];
  /** End of the first window, epoch ms. */
  trained_from: number;
}

/** Minute windows that ended by `until`, picked evenly from the most recent ones, in a fixed order. */
export async function readTrainingSet(client: Client, until: number): Promise<TrainingSet> {
  // The picking reads no features: only the rows that are taken are fetched whole.
  const { rows } = await client.query<{ features: number[]; hashed_counts: number[]; window_end: number }>(
    `with recent as (
       select service_id, window_start, window_seconds,
         row_number() over (order by window_end desc, service_id) as position, count(*) over () as stored
       from feature_windows
       where tenant_id = app_tenant_id() and is_minute and not is_blind and coalesce(score, 0) < $3
         and window_end <= to_timestamp($1::double precision / 1000)
       order by window_end desc, service_id limit $2
     )
     select w.features, w.hashed_counts, w.window_end
     from recent r join feature_windows w using (service_id, window_start, window_seconds)
     where r.position % ceil(least(r.stored, $2) / $4::numeric)::bigint = 0
     order by w.window_end, w.service_id`,
    [until, REACH, INCIDENT_SCORE, MAX_TRAINING_ROWS],
  );
  return {
    rows: rows.map((row) => Float32Array.from([...row.features, ...row.hashed_counts])),
    trained_from: rows[0]?.window_end ?? until,
  };
}
