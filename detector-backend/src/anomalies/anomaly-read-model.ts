import type { Client } from '../platform/postgres.ts';
import { isoTime, isoTimeOrNull, parseTime } from '../platform/http/time-range.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { explanationView, type KeptExplanation } from '../explanations/explanation-schema.ts';
import type { AnomalyDetail, AnomalyQuery, AnomalySummary } from './anomaly-schema.ts';

interface SummaryRow {
  id: string;
  service_id: string;
  service: string;
  environment: string;
  status: AnomalySummary['status'];
  anomaly_type: AnomalySummary['anomaly_type'];
  kinds: string[];
  severity: AnomalySummary['severity'];
  score: number;
  summary: string;
  started_at: number;
  opened_at: number;
  last_seen_at: number;
  resolved_at: number | null;
  detected_at: number;
  true_positive: number;
  false_positive: number;
  simulated: boolean;
}

// Services come to the list from their sources: what only a simulated source carries is labelled as simulated.
const summarySql = `
  select a.id, a.service_id, s.name as service, s.environment, a.status, a.anomaly_type, a.kinds, a.severity, a.score,
    a.explanation->>'summary' as summary, a.started_at, a.opened_at, a.last_seen_at, a.resolved_at, a.detected_at,
    (select count(*) from feedback f where f.anomaly_id = a.id and f.is_true_positive)::integer as true_positive,
    (select count(*) from feedback f where f.anomaly_id = a.id and not f.is_true_positive)::integer as false_positive,
    (select bool_and(ls.source_type = 'simulated') from log_source_services lss join log_sources ls on ls.id = lss.log_source_id
      where lss.service_id = a.service_id) is true as simulated`;

const summaryOf = ({ true_positive, false_positive, ...row }: SummaryRow): AnomalySummary => ({
  ...row,
  started_at: isoTime(row.started_at),
  opened_at: isoTime(row.opened_at),
  last_seen_at: isoTime(row.last_seen_at),
  resolved_at: isoTimeOrNull(row.resolved_at),
  detected_at: isoTime(row.detected_at),
  feedback: { true_positive, false_positive },
});

/** Anomalies, newest start first, page by page; `range` is half-open and finds every episode that overlaps it. */
export async function listAnomalies(
  client: Client,
  query: AnomalyQuery,
  range: { from: number | null; to: number | null },
): Promise<{ items: AnomalySummary[]; next_cursor: string | null }> {
  const limit = query.limit ?? 50;
  const [cursor_at, cursor_id] = query.cursor ? decodeCursor(query.cursor, 2) : [null, null];
  const { rows } = await client.query<SummaryRow>(
    `${summarySql}
     from anomalies a join services s on s.id = a.service_id
     where ($1::text is null or a.status = $1) and ($2::uuid is null or a.service_id = $2)
       and ($3::text is null or a.severity = $3)
       and ($4::timestamptz is null or coalesce(a.resolved_at, 'infinity') >= $4) and ($5::timestamptz is null or a.started_at < $5)
       and ($6::timestamptz is null or (a.started_at, a.id::text) < ($6, $7::text))
     order by a.started_at desc, a.id::text desc limit $8`,
    [
      query.status ?? null,
      query.service_id ?? null,
      query.severity ?? null,
      isoTimeOrNull(range.from),
      isoTimeOrNull(range.to),
      cursor_at === null ? null : isoTime(parseTime(String(cursor_at), 'cursor')),
      cursor_id,
      limit + 1,
    ],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(summaryOf),
    next_cursor: rows.length > limit && last ? encodeCursor([last.started_at, last.id]) : null,
  };
}

/** One anomaly with everything its page shows; null when the tenant has none of that id. */
export async function findAnomaly(client: Client, id: string): Promise<AnomalyDetail | null> {
  const { rows } = await client.query<
    SummaryRow & {
      explanation: KeptExplanation;
      window_start: number | null;
      window_seconds: number | null;
      revision: number;
      model_version: AnomalyDetail['model_version'];
    }
  >(
    `${summarySql}, a.explanation, a.window_start, a.window_seconds, a.revision,
       (select json_build_object('id', m.id, 'name', m.name, 'version', m.version) from model_versions m where m.id = a.model_version_id) as model_version
     from anomalies a join services s on s.id = a.service_id where a.id = $1`,
    [id],
  );
  const row = rows[0];
  if (!row) return null;
  const { explanation, window_start, window_seconds, revision, model_version, ...summary } = row;
  return {
    ...summaryOf(summary),
    explanation: explanationView(explanation),
    window:
      window_start === null || window_seconds === null
        ? null
        : {
            id: `${row.service_id}.${window_start}.${window_seconds}`,
            window_start: isoTime(window_start),
            window_seconds,
          },
    model_version,
    revision,
    events: await eventsOf(client, id),
    alerts: await alertsOf(client, id),
  };
}

/** Service and time of an anomaly, epoch ms; null when the tenant has none of that id. */
export async function findAnomalySpan(
  client: Client,
  id: string,
): Promise<{ service_id: string; started_at: number; ended_at: number } | null> {
  const { rows } = await client.query<{ service_id: string; started_at: number; ended_at: number }>(
    `select service_id, started_at, greatest(resolved_at, last_seen_at) as ended_at
     from anomalies where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

async function eventsOf(client: Client, id: string): Promise<AnomalyDetail['events']> {
  const { rows } = await client.query<{
    event: string;
    severity: string;
    score: number;
    occurred_at: number;
  }>(
    'select event, severity, score, occurred_at from anomaly_events where anomaly_id = $1 order by occurred_at, created_at',
    [id],
  );
  return rows.map((row) => ({ ...row, occurred_at: isoTime(row.occurred_at) }));
}

async function alertsOf(client: Client, id: string): Promise<AnomalyDetail['alerts']> {
  const { rows } = await client.query<
    Omit<AnomalyDetail['alerts'][number], 'sent_at'> & { sent_at: number | null }
  >(
    `select al.id, p.name as policy, i.name as integration, al.event, al.status, al.status_reason, al.sent_at
     from alerts al join alert_policies p on p.id = al.policy_id join integrations i on i.id = al.integration_id
     where al.anomaly_id = $1 order by al.occurred_at, al.event, p.name, i.name`,
    [id],
  );
  return rows.map((row) => ({ ...row, sent_at: isoTimeOrNull(row.sent_at) }));
}
