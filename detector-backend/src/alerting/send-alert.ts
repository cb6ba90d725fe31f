import type { AlertPayload } from './alert-payload.ts';
import { openTarget, type Integration } from './integration.ts';
import type { SecretBox } from './secret-box.ts';
import { slackMessage } from './slack-message.ts';
import type { SendWebhook, WebhookOutcome } from './webhook-client.ts';
import { webhookRequest } from './webhook-request.ts';

export interface SendDeps {
  secret_box: SecretBox;
  send: SendWebhook;
}

/** One attempt to hand a payload to an integration, in the form that its type wants. `now` is epoch ms, for the signature. */
export async function sendAlert(
  deps: SendDeps,
  integration: Integration,
  payload: AlertPayload,
  idempotency_key: string,
  now: number,
): Promise<WebhookOutcome> {
  const target = tryOpen(deps.secret_box, integration);
  if (target === null) {
    const detail =
      'the stored secret does not open with SEISMOLOG_SECRET_KEY: restore the key or save the secret again';
    return { outcome: 'retry', status_code: null, detail, retry_after_seconds: null };
  }
  const request = webhookRequest({
    payload: integration.type === 'slack' ? slackMessage(payload) : payload,
    idempotency_key,
    secret: target.secret,
    timestamp: now / 1000,
  });
  return deps.send(target.url, request);
}

function tryOpen(secret_box: SecretBox, integration: Integration) {
  try {
    return openTarget(secret_box, integration);
  } catch {
    return null;
  }
}
