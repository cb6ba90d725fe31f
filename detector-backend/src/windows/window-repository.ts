import type { Client } from '../platform/postgres.ts';
import { ensureDays } from './tile-repository.ts';
import type { FeatureVector } from './window-schema.ts';

/** A judged window as it is stored. Times in epoch ms. */
export interface StoredWindow {
  service_id: string;
  window_start: number;
  window_seconds: number;
  window_end: number;
  revision: number;
  lines: number;
  errors: number;
  features: number[];
  hashed_counts: number[];
  expected_lines: number;
  score: number;
  head_p: number[];
  model_version_id: string | null;
  learn_weight: number;
  is_minute: boolean;
  is_blind: boolean;
}

export const storedWindow = (
  vector: FeatureVector,
  judgement: { score: number; head_p: number[]; model_version_id: string | null; learn_weight: number },
  is_minute: boolean,
): StoredWindow => ({
  service_id: vector.service_id,
  window_start: vector.window_start,
  window_seconds: (vector.window_end - vector.window_start) / 1000,
  window_end: vector.window_end,
  revision: 1,
  lines: vector.lines,
  errors: vector.errors,
  features: vector.features,
  hashed_counts: vector.hashed_counts,
  expected_lines: vector.expected_lines,
  score: judgement.score,
  head_p: judgement.head_p,
  model_version_id: judgement.model_version_id,
  learn_weight: judgement.learn_weight,
  is_minute,
  is_blind: vector.is_blind,
});

const columns = `service_id, window_start, window_seconds, window_end, lines, errors, features, hashed_counts, expected_lines,
  score, head_p, model_version_id, learn_weight, is_minute, is_blind`;

/** Stores windows; one that is stored already becomes its next revision. */
export async function saveWindows(client: Client, tenant_id: string, windows: StoredWindow[]): Promise<void> {
  if (windows.length === 0) return;
  await ensureDays(
    client,
    'feature_windows',
    windows.map((window) => window.window_start),
  );
  const rows = windows.map((window) => ({
    ...window,
    window_start: new Date(window.window_start).toISOString(),
    window_end: new Date(window.window_end).toISOString(),
  }));
  await client.query(
    `insert into feature_windows as w (tenant_id, ${columns})
     select $1, ${columns} from json_to_recordset($2) as row (service_id uuid, window_start timestamptz,
       window_seconds integer, window_end timestamptz, lines integer, errors integer, features double precision[],
       hashed_counts real[], expected_lines double precision, score double precision, head_p double precision[],
       model_version_id uuid, learn_weight real, is_minute boolean, is_blind boolean)
     on conflict (tenant_id, service_id, window_start, window_seconds) do update set
       revision = w.revision + 1, lines = excluded.lines, errors = excluded.errors, features = excluded.features,
       hashed_counts = excluded.hashed_counts, expected_lines = excluded.expected_lines, score = excluded.score,
       head_p = excluded.head_p, model_version_id = excluded.model_version_id, is_blind = excluded.is_blind`,
    [tenant_id, JSON.stringify(rows)],
  );
}

/** Takes windows that are due for a new revision, at most `limit`; they are gone from the list once the transaction commits. */
export async function takeDirtyWindows(client: Client, limit: number) {
  const { rows } = await client.query<{ service_id: string; window_start: number }>(
    `delete from dirty_windows d using (
       select service_id, window_start from dirty_windows order by service_id, window_start limit $1 for update skip locked
     ) due where d.service_id = due.service_id and d.window_start = due.window_start
     returning d.service_id, d.window_start`,
    [limit],
  );
  return rows;
}

/** Highest score of the stored windows of a service that end in (from, to]; null when there is none. */
export async function peakScore(
  client: Client,
  service_id: string,
  from: number,
  to: number,
): Promise<number | null> {
  const { rows } = await client.query<{ peak: number | null }>(
    `select max(score) as peak from feature_windows
     where tenant_id = app_tenant_id() and service_id = $1 and window_end > $2 and window_end <= $3`,
    [service_id, new Date(from), new Date(to)],
  );
  return rows[0]?.peak ?? null;
}

export interface StoredJudgement {
  score: number;
  features: number[];
  expected_lines: number;
}

/** What was thought of stored windows, by `service_id window_start`; a window that is not stored is absent. */
export async function loadStoredScores(
  client: Client,
  windows: { service_id: string; window_start: number }[],
): Promise<Map<string, StoredJudgement>> {
  const keys = windows.map((window) => ({
    ...window,
    window_start: new Date(window.window_start).toISOString(),
  }));
  const { rows } = await client.query<StoredJudgement & { service_id: string; window_start: number }>(
    `select w.service_id, w.window_start, w.score, w.features, w.expected_lines
     from json_to_recordset($1) as k (service_id uuid, window_start timestamptz)
     join feature_windows w on w.tenant_id = app_tenant_id() and w.service_id = k.service_id and w.window_start = k.window_start`,
    [JSON.stringify(keys)],
  );
  return new Map(rows.map((row) => [`${row.service_id} ${row.window_start}`, row]));
}
