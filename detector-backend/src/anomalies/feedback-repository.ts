import type { Client } from '../platform/postgres.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { Feedback, FeedbackInput } from './anomaly-schema.ts';

type Row = Omit<Feedback, 'created_at'> & { created_at: number };
const columns = 'id, anomaly_id, actor, is_true_positive, comment, created_at';
const feedbackOf = (row: Row): Feedback => ({ ...row, created_at: isoTime(row.created_at) });

/** Stores what a person said of an anomaly; null when the tenant has no such anomaly. */
export async function addFeedback(
  client: Client,
  input: FeedbackInput & { tenant_id: string; user_id: string | null; actor: string },
): Promise<Feedback | null> {
  const { rows } = await client.query<Row>(
    `insert into feedback (tenant_id, anomaly_id, user_id, actor, is_true_positive, comment)
     select tenant_id, id, $2, $3, $4, $5 from anomalies where id = $1 returning ${columns}`,
    [input.anomaly_id, input.user_id, input.actor, input.is_true_positive, input.comment ?? null],
  );
  return rows[0] ? feedbackOf(rows[0]) : null;
}

/** Feedback on one anomaly, newest first, at most 200. */
export async function listFeedback(client: Client, anomaly_id: string): Promise<Feedback[]> {
  const { rows } = await client.query<Row>(
    `select ${columns} from feedback where anomaly_id = $1 order by created_at desc, id limit 200`,
    [anomaly_id],
  );
  return rows.map(feedbackOf);
}
