import { randomBytes } from 'node:crypto';
import type { EmbeddedStack } from './embedded.ts';
import { AppError } from './platform/errors.ts';
import { startAlertReceiver, type AlertReceiver, type ReceivedAlert } from './simulation/alert-receiver.ts';
import type { IntegrationView } from './alerting/integration-schema.ts';
import type { PolicyView } from './alerting/policy-schema.ts';

const NAME = 'simulated on-call';

/** One call of the product's own API as its administrator. Throws AppError with the answer for anything but 2xx. */
export async function callApi<T>(
  stack: EmbeddedStack,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(new URL(`/api/v1${path}`, stack.base_url), {
    method,
    headers: { authorization: `Bearer ${stack.api_key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok)
    throw new AppError('internal', `${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/**
 * A receiver on loopback, an integration that points to it and a policy that sends everything from score 75 on: alerts
 * take the whole way, over HTTP, and can be counted at its end.
 */
export async function startOnCallDemo(
  stack: EmbeddedStack,
  onAlert?: (alert: ReceivedAlert) => void,
): Promise<AlertReceiver> {
  const receiver = await startAlertReceiver(onAlert);
  const integration = await ensureIntegration(stack, receiver.url);
  const policies = await callApi<{ items: PolicyView[] }>(stack, 'GET', '/alert-policies?limit=200');
  if (!policies.items.some((policy) => policy.name === NAME)) {
    const conditions = { min_score: 75 };
    await callApi(stack, 'POST', '/alert-policies', {
      name: NAME,
      conditions,
      integration_ids: [integration.id],
    });
  }
  return receiver;
}

async function ensureIntegration(stack: EmbeddedStack, url: string): Promise<IntegrationView> {
  const { items } = await callApi<{ items: IntegrationView[] }>(stack, 'GET', '/integrations?limit=200');
  const known = items.find((integration) => integration.name === NAME);
  const config = { url };
  if (known) {
    // The receiver of this run listens on another port than the last one's.
    const { id, updated_at } = known;
    return callApi(stack, 'PUT', `/integrations/${id}`, { name: NAME, config, is_enabled: true, updated_at });
  }
  const secret = randomBytes(24).toString('base64url');
  return callApi(stack, 'POST', '/integrations', { type: 'webhook', name: NAME, config, secret });
}
