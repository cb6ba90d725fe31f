import type { Client } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import type { SampleLines } from '../explanations/sample-step.ts';
import type { Episode, EpisodeEvent } from './episode.ts';

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

const columns = `id, service_id, status, anomaly_type, kinds, severity, score, explanation, started_at, opened_at, last_seen_at,
  resolved_at, window_start, window_seconds, model_version_id`;

/** Open episodes of the transaction's tenant, by service. */
export async function loadOpenEpisodes(client: Client): Promise<Map<string, Episode>> {
  const { rows } = await client.query<Episode>(
    `select ${columns}, revision from anomalies where status = 'open'`,
  );
  return new Map(rows.map((row) => [row.service_id, row]));
}

/**
 * Writes episodes as they are now; resolved ones first, because a service has one open episode at most.
 * Throws `lost_lease` when one of them was changed since it was loaded: then nothing of the transaction holds.
 */
export async function saveEpisodes(
  client: Client,
  tenant_id: string,
  episodes: Iterable<Episode>,
): Promise<void> {
  const rows = [...episodes]
    .sort((a, b) => Number(a.status === 'open') - Number(b.status === 'open'))
    .map((episode) => ({
      ...episode,
      started_at: iso(episode.started_at),
      opened_at: iso(episode.opened_at),
      last_seen_at: iso(episode.last_seen_at),
      resolved_at: iso(episode.resolved_at),
      window_start: iso(episode.window_start),
      shap_values: episode.explanation.shap_values,
    }));
  if (rows.length === 0) return;
  for (const row of rows) {
    const { rowCount } = await client.query(
      `insert into anomalies as a (tenant_id, ${columns}, shap_values)
       select $1, ${columns}, shap_values from json_to_record($2) as row (id uuid, service_id uuid, status text,
         anomaly_type text, kinds text[], severity text, score double precision, explanation jsonb, started_at timestamptz,
         opened_at timestamptz, last_seen_at timestamptz, resolved_at timestamptz, window_start timestamptz,
         window_seconds integer, model_version_id uuid, shap_values jsonb)
       on conflict (id) do update set status = excluded.status, anomaly_type = excluded.anomaly_type, kinds = excluded.kinds,
         severity = excluded.severity, score = excluded.score, explanation = excluded.explanation,
         shap_values = excluded.shap_values, started_at = excluded.started_at, last_seen_at = excluded.last_seen_at,
         resolved_at = excluded.resolved_at, window_start = excluded.window_start, window_seconds = excluded.window_seconds,
         model_version_id = excluded.model_version_id, revision = a.revision + 1, updated_at = now()
         where a.revision = $3`,
      [tenant_id, JSON.stringify(row), row.revision],
    );
    if (rowCount === 0) throw new AppError('lost_lease', `Anomaly ${row.id} was changed by another worker.`);
  }
}

/** Adds lines to the explanation of an anomaly, if it is still that of the window at `window_start` (epoch ms). */
export async function saveLines(
  client: Client,
  id: string,
  window_start: number,
  lines: SampleLines,
): Promise<void> {
  // A judge that loaded the anomaly before must not write it back without them: its revision is an old one now.
  await client.query(
    `update anomalies set explanation = explanation || $3::jsonb, revision = revision + 1, updated_at = now()
     where id = $1 and window_start = $2`,
    [id, new Date(window_start), JSON.stringify(lines)],
  );
}

/** Records events; one that is known stays as it is, so each is decided once. */
export async function saveEvents(client: Client, tenant_id: string, events: EpisodeEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({ ...event, occurred_at: iso(event.occurred_at) }));
  await client.query(
    `insert into anomaly_events (tenant_id, anomaly_id, event, severity, score, occurred_at)
     select $1, anomaly_id, event, severity, score, occurred_at from json_to_recordset($2) as row (anomaly_id uuid,
       event text, severity text, score double precision, occurred_at timestamptz)
     on conflict (anomaly_id, event) do nothing`,
    [tenant_id, JSON.stringify(rows)],
  );
}

/** Episodes that a window of the service ending at `window_end` belongs to, the newest first. */
export async function episodesTouching(
  client: Client,
  service_id: string,
  window_start: number,
  window_end: number,
) {
  const { rows } = await client.query<Episode>(
    `select ${columns}, revision from anomalies
     where service_id = $1 and status <> 'withdrawn' and opened_at <= $3 and last_seen_at >= $2 order by opened_at desc`,
    [service_id, new Date(window_start), new Date(window_end)],
  );
  return rows;
}

/** Empties the pointers of anomalies into windows before `before`, so their day can be dropped; returns how many. */
export async function clearWindowPointers(client: Client, before: number): Promise<number> {
  const { rowCount } = await client.query(
    'update anomalies set window_start = null, window_seconds = null where window_start < $1',
    [new Date(before)],
  );
  return rowCount ?? 0;
}
