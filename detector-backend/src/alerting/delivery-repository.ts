import type { Client } from '../platform/postgres.ts';
import type { AlertPayload } from './alert-payload.ts';
import { LEASE_MS } from './retry-delay.ts';

/** An alert that this worker may send now. `attempts` counts this attempt and is the fencing token of its record. */
export interface ClaimedAlert {
  id: string;
  integration_id: string;
  attempts: number;
  /** Epoch ms by the clock of the database, as `claimed_at`. */
  created_at: number;
  claimed_at: number;
  idempotency_key: string;
  payload: AlertPayload;
}

const IS_DUE = `a.id = $1 and a.status = 'pending' and a.next_attempt_at <= now()`;

// Earlier events of the same (anomaly, policy, integration) that are not through yet: "resolved" must not arrive before
// "opened".
const IS_EARLIER = `e.anomaly_id = a.anomaly_id and e.policy_id = a.policy_id and e.integration_id = a.integration_id
    and e.status = 'pending' and e.id <> a.id
    and (e.occurred_at, array_position(array['opened', 'escalated', 'resolved', 'withdrawn'], e.event))
      < (a.occurred_at, array_position(array['opened', 'escalated', 'resolved', 'withdrawn'], a.event))`;
const EARLIER_PENDING = `from alerts e where ${IS_EARLIER}`;

/**
 * Takes a due alert: counts the attempt and moves `next_attempt_at` past the lease *before* anything is sent, so another
 * worker does not send at the same time and a crash repeats the attempt later. Null when it is not due, or has to wait
 * for an earlier event of its anomaly.
 */
export async function claimAlert(client: Client, alert_id: string): Promise<ClaimedAlert | null> {
  const claimed = await takeAlert(client, alert_id);
  if (claimed) return claimed;
  // Without the locks, an earlier alert could be recorded between looking and waiting: it would release nobody, and this
  // one would wait for a lease that is over. In their order, because who records one goes on to those behind it.
  const { rowCount } = await client.query(
    `select e.id from alerts a join alerts e on ${IS_EARLIER} where ${IS_DUE} order by e.occurred_at, e.event for share of e`,
    [alert_id],
  );
  if (!rowCount) return takeAlert(client, alert_id);
  await client.query(
    `update alerts a
     set next_attempt_at = (select greatest(now(), max(e.next_attempt_at)) + interval '1 second' ${EARLIER_PENDING})
     where ${IS_DUE} and exists (select ${EARLIER_PENDING})`,
    [alert_id],
  );
  return null;
}

async function takeAlert(client: Client, alert_id: string): Promise<ClaimedAlert | null> {
  const { rows } = await client.query<ClaimedAlert>(
    `update alerts a
     set attempts = a.attempts + 1, next_attempt_at = now() + make_interval(secs => $2::double precision / 1000)
     where ${IS_DUE} and not exists (select ${EARLIER_PENDING})
     returning a.id, a.integration_id, a.attempts, a.created_at, now() as claimed_at, a.payload,
       concat_ws('.', a.anomaly_id, a.policy_id, a.integration_id, a.event) as idempotency_key`,
    [alert_id, LEASE_MS],
  );
  return rows[0] ?? null;
}

/** The receiver took it. Recorded whoever holds the lease by now, because it is true. */
export async function recordSent(client: Client, alert: ClaimedAlert): Promise<void> {
  await client.query(
    `update alerts set status = 'sent', sent_at = now(), last_error = null, next_attempt_at = null
     where id = $1 and status = 'pending'`,
    [alert.id],
  );
  await releaseFollowers(client, alert);
}

/** Nothing more is tried. Not recorded when another worker took the alert over. */
export async function recordFailed(client: Client, alert: ClaimedAlert, last_error: string): Promise<void> {
  await client.query(
    `update alerts set status = 'failed', last_error = $3, next_attempt_at = null
     where id = $1 and status = 'pending' and attempts = $2`,
    [alert.id, alert.attempts, last_error],
  );
  await releaseFollowers(client, alert);
}

/** To be tried again at `next_attempt_at` (epoch ms). Not recorded when another worker took the alert over. */
export async function recordRetry(
  client: Client,
  alert: ClaimedAlert,
  last_error: string,
  next_attempt_at: number,
): Promise<void> {
  await client.query(
    `update alerts set last_error = $3, next_attempt_at = to_timestamp($4::double precision / 1000)
     where id = $1 and status = 'pending' and attempts = $2`,
    [alert.id, alert.attempts, last_error, next_attempt_at],
  );
}

// Alerts that waited for this one (see claimAlert) and were never tried are due at once.
async function releaseFollowers(client: Client, alert: ClaimedAlert): Promise<void> {
  await client.query(
    `update alerts f set next_attempt_at = now()
     from alerts a
     where a.id = $1 and f.anomaly_id = a.anomaly_id and f.policy_id = a.policy_id
       and f.integration_id = a.integration_id and f.status = 'pending' and f.attempts = 0
       and f.next_attempt_at > now()`,
    [alert.id],
  );
}
