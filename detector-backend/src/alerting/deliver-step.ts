import { createMaskDirectory } from '../ingest/mask-directory.ts';
import type { Mask } from '../ingest/mask.ts';
import type { Client, Database } from '../platform/postgres.ts';
import { maskPattern } from '../templates/parameter-value.ts';
import type { AlertPayload } from './alert-payload.ts';
import {
  claimAlert,
  recordFailed,
  recordRetry,
  recordSent,
  type ClaimedAlert,
} from './delivery-repository.ts';
import { findIntegration } from './integration-repository.ts';
import type { Integration } from './integration.ts';
import { MAX_ATTEMPTS, planRetry } from './retry-delay.ts';
import { sendAlert, type SendDeps } from './send-alert.ts';
import type { WebhookOutcome } from './webhook-client.ts';

/** `none`: the alert was not due, is done, or waits for an earlier event of its anomaly. */
export type Delivered = 'sent' | 'retry' | 'failed' | 'none';

/**
 * Sends one alert of the outbox, at least once: claim (own transaction), send, record (own transaction). A crash between
 * the last two repeats the request after the lease, with the same idempotency key. `retry` is not an error of the job:
 * the row says when it is due again and the sweeper comes back to it.
 */
export const deliverStep = (deps: SendDeps & { database: Database }) => {
  const maskOf = createMaskDirectory(deps);
  return async ({ tenant_id, alert_id }: { tenant_id: string; alert_id: string }): Promise<Delivered> => {
    // Before the claim: without the policy nothing is sent, and nothing waits for the lease.
    const mask = await maskOf(tenant_id);
    const claimed = await deps.database.withTenant(tenant_id, async (client) => {
      const alert = await claimAlert(client, alert_id);
      if (!alert) return null;
      return { alert, integration: await findIntegration(client, alert.integration_id) };
    });
    if (!claimed) return 'none';
    const started = Date.now();
    const payload = maskedPayload(claimed.alert.payload, mask);
    const outcome = await attempt(deps, { ...claimed.alert, payload }, claimed.integration);
    const now = claimed.alert.claimed_at + (Date.now() - started);
    return deps.database.withTenant(tenant_id, (client) => record(client, claimed.alert, outcome, now));
  };
};

// Its texts come from templates, which were masked by the policy of their time.
const maskedPayload = (payload: AlertPayload, mask: Mask): AlertPayload => ({
  ...payload,
  anomaly: { ...payload.anomaly, summary: maskPattern(payload.anomaly.summary, mask) },
  explanation: {
    ...payload.explanation,
    templates: payload.explanation.templates.map((template) => ({
      ...template,
      pattern: maskPattern(template.pattern, mask),
    })),
  },
});

async function attempt(
  deps: SendDeps,
  alert: ClaimedAlert,
  integration: Integration | null,
): Promise<WebhookOutcome> {
  if (!integration?.is_enabled) {
    return { outcome: 'terminal', status_code: null, detail: 'the integration is disabled' };
  }
  // Only attempts that crashed leave a count beyond the limit; without this they would go on for ever.
  if (alert.attempts > MAX_ATTEMPTS) {
    return { outcome: 'terminal', status_code: null, detail: `gave up after ${MAX_ATTEMPTS} attempts` };
  }
  return sendAlert(deps, integration, alert.payload, alert.idempotency_key, Date.now());
}

async function record(
  client: Client,
  alert: ClaimedAlert,
  outcome: WebhookOutcome,
  now: number,
): Promise<Delivered> {
  if (outcome.outcome === 'ok') {
    await recordSent(client, alert);
    return 'sent';
  }
  if (outcome.outcome === 'terminal') {
    await recordFailed(client, alert, outcome.detail);
    return 'failed';
  }
  const plan = planRetry(alert, outcome.retry_after_seconds, now);
  if ('gave_up' in plan) {
    await recordFailed(client, alert, `${plan.gave_up}; last: ${outcome.detail}`);
    return 'failed';
  }
  await recordRetry(client, alert, outcome.detail, plan.next_attempt_at);
  return 'retry';
}

/** Alerts that are to be sent now, over all tenants, the longest due first; `next_attempt_at` in epoch ms. */
export const dueAlerts = (
  database: Database,
  limit = 500,
): Promise<{ tenant_id: string; id: string; next_attempt_at: number }[]> =>
  database.sweep(
    `select tenant_id, id, next_attempt_at from alerts
     where status = 'pending' and next_attempt_at <= now() order by next_attempt_at limit $1`,
    [limit],
  );
