import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import type { Explanation } from '../explanations/explanation-schema.ts';
import { severityOf } from '../scoring/score-schema.ts';
import type { AlertEvent, PolicyConditions } from './policy-schema.ts';
import { createSecretBox } from './secret-box.ts';
import { createTargetGuard } from './target-guard.ts';
import { createWebhookClient } from './webhook-client.ts';

export const HMAC_SECRET = 'the secret of the test receiver';
export const noon = Date.UTC(2026, 0, 5, 12);

/** What delivery needs, with loopback allowed. */
export function createSendDeps() {
  const guard = createTargetGuard(['127.0.0.0/8']);
  const send = createWebhookClient(guard, { connect_ms: 1000, total_ms: 2000 });
  return { secret_box: createSecretBox(randomBytes(32)), guard, send };
}

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

type Respond = (count: number) => { status: number; headers?: Record<string, string> };

/** A webhook receiver on loopback that keeps what it got; `respond` is asked with the number of the request, from 1. */
export async function startReceiver(respond: Respond = () => ({ status: 204 })) {
  const received: Received[] = [];
  let current = respond;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      const { status, headers } = current(received.length);
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    keys: () => received.map(({ headers }) => headers['idempotency-key']),
    /** Forgets everything and answers in another way from now on. */
    restart(next: Respond = () => ({ status: 204 })) {
      received.length = 0;
      current = next;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const explanation: Explanation = {
  anomaly_type: 'error_surge',
  summary: 'checkout wrote 214 error lines in a minute, 3 expected',
  score: 80,
  base: 5,
  shap_values: [
    { feature: 'error_surprisal', shap_value: 70, actual: 214, expected: 3 },
    { feature: 'volume_high', shap_value: 5, actual: 900, expected: 700 },
  ],
  lines: { actual: 900, expected: 700 },
  templates: [
    {
      template_id: 42,
      pattern: 'payment <*> failed',
      severity: 'error',
      count: 211,
      expected: 3,
      contribution: 0.9,
      feature: 'error_surprisal',
      first_at: noon,
    },
  ],
  sample_lines: [{ timestamp: noon, severity: 'error', source: 'push', message: 'payment 7 failed' }],
  lines_before: [],
  unread_sources: [],
  started_at: noon,
};

/** Writes rows of the rooms to the left, as their owner. */
export function createFixture(owner: pg.Pool, tenant_id: string) {
  const insert = async (sql: string, values: unknown[]): Promise<string> => {
    const { rows } = await owner.query<{ id: string }>(`${sql} returning id`, values);
    return rows[0]?.id ?? '';
  };
  return {
    service: (name: string) =>
      insert('insert into services (id, tenant_id, name, slug) values (gen_random_uuid(), $1, $2, $2)', [
        tenant_id,
        name,
      ]),
    anomaly: (service_id: string, status = 'resolved') =>
      insert(
        `insert into anomalies (id, tenant_id, service_id, status, anomaly_type, kinds, severity, score, explanation,
           shap_values, started_at, opened_at, last_seen_at)
         values (gen_random_uuid(), $1, $2, $3, 'error_surge', '{error_surge}', 'medium', 80, $4, '[]', $5, $5, $5)`,
        [tenant_id, service_id, status, JSON.stringify(explanation), new Date(noon)],
      ),
    async event(anomaly_id: string, event: AlertEvent, occurred_at: number, score = 80): Promise<void> {
      await owner.query(
        `insert into anomaly_events (tenant_id, anomaly_id, event, severity, score, occurred_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [tenant_id, anomaly_id, event, severityOf(score), score, new Date(occurred_at)],
      );
    },
    integration: (name: string, url: string, secret: { id: string; sealed: Buffer } | null = null) =>
      insert(
        `insert into integrations (id, tenant_id, type, name, config, secret)
         values (coalesce($1::uuid, gen_random_uuid()), $2, 'webhook', $3, $4, $5)`,
        [secret?.id ?? null, tenant_id, name, { url }, secret?.sealed ?? null],
      ),
    async policy(
      name: string,
      integration_ids: string[],
      options: { conditions?: PolicyConditions; cooldown_seconds?: number } = {},
    ): Promise<string> {
      const id = await insert(
        'insert into alert_policies (tenant_id, name, conditions, cooldown_seconds) values ($1, $2, $3, $4)',
        [tenant_id, name, options.conditions ?? {}, options.cooldown_seconds ?? 0],
      );
      await owner.query(
        `insert into alert_policy_integrations (tenant_id, policy_id, integration_id) select $1, $2, unnest($3::uuid[])`,
        [tenant_id, id, integration_ids],
      );
      return id;
    },
    async clear(): Promise<void> {
      await owner.query('delete from alerts; delete from anomaly_events; delete from anomalies');
      await owner.query('delete from alert_policies; delete from integrations');
    },
    /** Lets the time until the next attempt of every pending alert pass. */
    async becomeDue(): Promise<void> {
      await owner.query(`update alerts set next_attempt_at = now() where status = 'pending'`);
    },
  };
}
