import type { Client } from '../platform/postgres.ts';
import { isoTime, isoTimeOrNull } from '../platform/http/time-range.ts';
import type { AlertView } from './alert-schema.ts';

type TimeField = 'next_attempt_at' | 'occurred_at' | 'sent_at' | 'created_at';

/** Times in epoch ms; `created_us` is the sort key in µs. */
export type AlertRow = Omit<AlertView, TimeField> & {
  next_attempt_at: number | null;
  occurred_at: number;
  sent_at: number | null;
  created_at: number;
  created_us: number;
};

export interface AlertQuery {
  anomaly_id: string | null;
  status: string | null;
  after: { created_us: number; id: string } | null;
  limit: number;
}

/** Alerts with the names of what they belong to, newest first. */
export async function listAlerts(client: Client, query: AlertQuery): Promise<AlertRow[]> {
  const { rows } = await client.query<AlertRow>(
    `select al.id, al.anomaly_id, al.payload #>> '{anomaly,summary}' as summary, s.id as service_id, s.name as service,
       p.id as policy_id, p.name as policy, i.id as integration_id, i.name as integration, al.channel, al.event,
       al.payload ->> 'severity' as severity, (al.payload #>> '{anomaly,score}')::double precision as score,
       al.status, al.status_reason, al.attempts, al.next_attempt_at, al.last_error, al.occurred_at, al.sent_at,
       al.created_at, (extract(epoch from al.created_at) * 1000000)::bigint as created_us
     from alerts al
     join anomalies an on an.id = al.anomaly_id
     join services s on s.id = an.service_id
     join alert_policies p on p.id = al.policy_id
     join integrations i on i.id = al.integration_id
     where ($1::uuid is null or al.anomaly_id = $1)
       and ($2::text is null or al.status = $2)
       and ($3::bigint is null or (al.created_at, al.id) <
            ('epoch'::timestamptz + $3::bigint * interval '1 microsecond', $4::uuid))
     order by al.created_at desc, al.id desc limit $5`,
    [query.anomaly_id, query.status, query.after?.created_us ?? null, query.after?.id ?? null, query.limit],
  );
  return rows;
}

export const alertView = ({ created_us: _, ...row }: AlertRow): AlertView => ({
  ...row,
  next_attempt_at: isoTimeOrNull(row.next_attempt_at),
  occurred_at: isoTime(row.occurred_at),
  sent_at: isoTimeOrNull(row.sent_at),
  created_at: isoTime(row.created_at),
});
