import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIngestTestApp, type IngestTestApp } from '../ingest/ingest-test-app.ts';
import { DEFAULT_MASK_POLICY } from '../ingest/mask-policy.ts';
import { createHttpServer } from '../platform/http/http-server.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { registerAnswerMask } from './answer-mask-hook.ts';
import { audit } from './audit-repository.ts';
import { maskPolicyRoutes } from './mask-policy-routes.ts';

let ingest: IngestTestApp;
let api: Awaited<ReturnType<typeof createHttpServer>>;

beforeAll(async () => {
  ingest = await createIngestTestApp();
  api = await createHttpServer({
    config: { body_limit_bytes: 100_000, requests_per_minute: 100_000 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  api.addHook('onRequest', async (request) => {
    const { tenant_id } = ingest.db;
    const who = { tenant_slug: 'acme', actor: 'user:ann', permissions: ['*'], user_id: null, key_id: null };
    request.identity = { tenant_id, ...who };
  });
  await api.register(maskPolicyRoutes({ database: ingest.db.database, audit }));
});
afterAll(async () => {
  await api.close();
  await ingest.close();
});

/** Sends a line and reads what is stored of it. */
async function stored(record: object, tenant = 'acme'): Promise<{ message: string; metadata: unknown }> {
  const service = randomUUID();
  const response = await fetch(`${ingest.base_url}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tenant': tenant },
    body: JSON.stringify({ ...record, service }),
  });
  expect(response.status).toBe(202);
  const { rows } = await ingest.db.owner.query<{ message: string; metadata: unknown }>(
    'select message, metadata from embedded_logs where service = $1',
    [service],
  );
  return rows[0] as { message: string; metadata: unknown };
}
const put = async (payload: object) =>
  (await api.inject({ method: 'PUT', url: '/mask-policy', payload })).statusCode;

it('masks by default what enters, before it is stored', async () => {
  expect((await api.inject({ url: '/mask-policy' })).json()).toEqual(DEFAULT_MASK_POLICY);
  const record = {
    message: 'login of ann@example.org with password=hunter2, card 4111 1111 1111 1111',
    metadata: { token: 'abc', note: 'by ann@example.org', n: 4111111111111111 },
    severity: 'ann@example.org',
    user: { mail: 'ann@example.org' },
  };
  expect(await stored(record)).toEqual({
    message: 'login of <email> with password=<secret>, card <card>',
    metadata: {
      token: '<secret>',
      note: 'by <email>',
      n: '<card>',
      original_severity: '<email>',
      user: { mail: '<email>' },
    },
  });
});

it('takes a new policy over within two seconds, for its tenant alone, and traces it without the words', async () => {
  expect(await put({ ...DEFAULT_MASK_POLICY, email: false, words: ['Hooli'] })).toBe(200);
  await expect
    .poll(async () => (await stored({ message: 'hooli ann@example.org' })).message, {
      timeout: 5000,
      interval: 200,
    })
    .toBe('<word> ann@example.org');
  expect((await stored({ message: 'hooli ann@example.org' }, 'other')).message).toBe('hooli <email>');
  const { rows } = await ingest.db.owner.query<{ action: string; actor: string; details: unknown }>(
    'select action, actor, details from audit_logs',
  );
  expect(rows).toEqual([
    {
      action: 'mask_policy.update',
      actor: 'user:ann',
      details: {
        before: { ...DEFAULT_MASK_POLICY, words: 0 },
        after: { ...DEFAULT_MASK_POLICY, email: false, words: 1 },
      },
    },
  ]);
});

it('masks what is stored when it is shown, by the policy of now', async () => {
  const answer = {
    items: [
      {
        pattern: 'hooli login password=<*> of <USER>',
        example: 'Hooli login by ann@example.org',
        name: 'hooli logins',
        parameters: [{ kind: '*', values: ['Hooli', 'x'] }],
        explanation: { summary: 'hooli: 3 × "login password=<*>"', sample_lines: [{ message: 'HOOLI up' }] },
        template_id: 4111111111111111,
        event: { kind: 'split', token: 'host=hooli' },
      },
    ],
  };
  const shown = await createHttpServer({
    config: { body_limit_bytes: 100_000, requests_per_minute: 100_000 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  shown.addHook('onRequest', async (request) => {
    const { tenant_id } = ingest.db;
    const who = { tenant_slug: 'acme', actor: 'user:ann', permissions: ['*'], user_id: null, key_id: null };
    request.identity = { tenant_id, ...who };
  });
  registerAnswerMask(shown, ingest.db);
  shown.get('/lines', { config: { permission: 'templates:read' } }, () => answer);
  shown.get('/other', { config: { permission: 'services:read' } }, () => answer);
  expect(await put({ ...DEFAULT_MASK_POLICY, words: ['Hooli'] })).toBe(200);
  expect((await shown.inject({ url: '/lines' })).json()).toEqual({
    items: [
      {
        pattern: '<word> login password=<*> of <USER>',
        example: '<word> login by <email>',
        name: 'hooli logins',
        parameters: [{ kind: '*', values: ['<word>', 'x'] }],
        explanation: {
          summary: '<word>: 3 × "login password=<*>"',
          sample_lines: [{ message: '<word> up' }],
        },
        template_id: 4111111111111111,
        event: { kind: 'split', token: 'host=<word>' },
      },
    ],
  });
  expect((await shown.inject({ url: '/other' })).json()).toEqual(answer);
  await shown.close();
});

it('refuses a policy that is not whole or has words that are none', async () => {
  expect(await put({ email: false })).toBe(400);
  for (const word of ['x', ' ab', '<a>', 'a'.repeat(65)]) {
    expect(await put({ ...DEFAULT_MASK_POLICY, words: [word] })).toBe(400);
  }
});
