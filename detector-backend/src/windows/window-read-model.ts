import type { Client } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import { isoTime } from '../platform/http/time-range.ts';
import { FEATURE_NAMES } from './window-schema.ts';
import type { StoredWindow } from './window-repository.ts';

/** `service_id.window_start.window_seconds`: windows have no id of their own, their key is one. */
export const windowId = (window: {
  service_id: string;
  window_start: number;
  window_seconds: number;
}): string => `${window.service_id}.${window.window_start}.${window.window_seconds}`;

/** The key of a window id. Throws `not_found` for text that is none. */
export function parseWindowId(id: string): {
  service_id: string;
  window_start: number;
  window_seconds: number;
} {
  const match = /^([0-9a-f-]{36})\.(\d{1,15})\.(\d{1,5})$/.exec(id);
  if (!match?.[1]) throw new AppError('not_found', `There is no window ${id.slice(0, 80)}.`, { field: 'id' });
  return { service_id: match[1], window_start: Number(match[2]), window_seconds: Number(match[3]) };
}

export const windowJson = (window: StoredWindow) => ({
  id: windowId(window),
  service_id: window.service_id,
  window_start: isoTime(window.window_start),
  window_end: isoTime(window.window_end),
  window_seconds: window.window_seconds,
  revision: window.revision,
  lines: window.lines,
  errors: window.errors,
  expected_lines: window.expected_lines,
  score: window.score,
  is_minute: window.is_minute,
  is_blind: window.is_blind,
  features: Object.fromEntries(FEATURE_NAMES.map((name, i) => [name, window.features[i] ?? 0])),
});
export type WindowJson = ReturnType<typeof windowJson>;

const columns = `service_id, window_start, window_seconds, window_end, revision, lines, errors, features, hashed_counts,
  expected_lines, score, head_p, model_version_id, learn_weight, is_minute, is_blind`;

/** Stored windows of a service that start in [from, to), oldest first, at most `limit`. */
export async function listWindows(
  client: Client,
  query: { service_id: string; from: number; to: number; limit: number },
): Promise<StoredWindow[]> {
  const { rows } = await client.query<StoredWindow>(
    `select ${columns} from feature_windows
     where tenant_id = app_tenant_id() and service_id = $1 and window_start >= $2 and window_start < $3
     order by window_start limit $4`,
    [query.service_id, new Date(query.from), new Date(query.to), query.limit],
  );
  return rows;
}

export async function findWindow(client: Client, id: string): Promise<StoredWindow | null> {
  const key = parseWindowId(id);
  const { rows } = await client.query<StoredWindow>(
    `select ${columns} from feature_windows
     where tenant_id = app_tenant_id() and service_id = $1 and window_start = $2 and window_seconds = $3`,
    [key.service_id, new Date(key.window_start), key.window_seconds],
  );
  return rows[0] ?? null;
}

export interface SwimLane {
  service_id: string;
  service: string;
  environment: string;
  /** Highest score of each bucket; null where no window ended. */
  cells: (number | null)[];
  blind: boolean[];
  lines: number[];
}

interface LaneCell {
  service_id: string;
  service: string;
  environment: string;
  /** Null for a service without windows in the range. */
  bucket: number | null;
  score: number;
  lines: number;
  blind: boolean;
}

/** One lane a service: scores, lines and blindness in equal buckets of [from, to). */
export async function swimLanes(
  client: Client,
  range: { from: number; to: number; bucket_seconds: number },
): Promise<SwimLane[]> {
  const { rows } = await client.query<LaneCell>(
    `select s.id as service_id, s.name as service, s.environment, w.bucket, w.score, w.lines, w.blind
     from services s left join (
       select service_id, floor(extract(epoch from window_start - $1) / $3)::integer as bucket, max(score) as score,
         coalesce(sum(lines) filter (where is_minute), 0)::integer as lines, bool_or(is_blind) as blind
       from feature_windows where tenant_id = app_tenant_id() and window_start >= $1 and window_start < $2
       group by 1, 2
     ) w on w.service_id = s.id
     order by s.slug, s.environment, s.id`,
    [new Date(range.from), new Date(range.to), range.bucket_seconds],
  );
  return lanesOf(rows, Math.ceil((range.to - range.from) / 1000 / range.bucket_seconds));
}

function lanesOf(rows: LaneCell[], buckets: number): SwimLane[] {
  const lanes = new Map<string, SwimLane>();
  for (const { service_id, service, environment, bucket, score, lines, blind } of rows) {
    let lane = lanes.get(service_id);
    if (!lane) {
      const cells = new Array<number | null>(buckets).fill(null);
      const quiet = {
        blind: new Array<boolean>(buckets).fill(false),
        lines: new Array<number>(buckets).fill(0),
      };
      lanes.set(service_id, (lane = { service_id, service, environment, cells, ...quiet }));
    }
    if (bucket === null) continue;
    lane.cells[bucket] = score;
    lane.blind[bucket] = blind;
    lane.lines[bucket] = lines;
  }
  return [...lanes.values()];
}
