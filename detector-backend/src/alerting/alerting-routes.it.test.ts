import type { FastifyInstance } from 'fastify';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createHttpServer } from '../platform/http/http-server.ts';
import type { Audit, Identity } from '../platform/http/identity.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { alertRoutes } from './alert-routes.ts';
import { createFixture, createSendDeps, HMAC_SECRET, noon, startReceiver } from './alerting-fixture.ts';
import { changeRoutes } from './change-routes.ts';
import { deliverStep } from './deliver-step.ts';
import { evaluateStep } from './evaluate-step.ts';
import { integrationRoutes } from './integration-routes.ts';
import { policyRoutes } from './policy-routes.ts';

const NOWHERE = '00000000-0000-4000-8000-000000000000';
let test: TestDatabase;
let fixture: ReturnType<typeof createFixture>;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let app: FastifyInstance;
const sendDeps = createSendDeps();
let identity: Identity;
/** Everything that clients were answered and that was logged. */
let shown = '';

const audit: Audit = async (client, { tenant_id, actor }, entry) => {
  await client.query(
    `insert into audit_logs (tenant_id, actor, action, resource_type, resource_id, details, request_id)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [tenant_id, actor, entry.action, entry.resource_type, entry.resource_id, entry.details, entry.request_id],
  );
};

beforeAll(async () => {
  test = await createTestDatabase();
  fixture = createFixture(test.owner, test.tenant_id);
  receiver = await startReceiver();
  const { tenant_id } = test;
  identity = {
    tenant_id,
    tenant_slug: 'acme',
    actor: 'key:test',
    permissions: ['*'],
    user_id: null,
    key_id: null,
  };
  const log = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      shown += chunk.toString();
      done();
    },
  });
  app = await createHttpServer({
    config: { body_limit_bytes: 1_000_000, requests_per_minute: 10_000 },
    logger: createLogger({ level: 'trace' }, log),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  app.addHook('onRequest', async (request) => void (request.identity = identity));
  const deps = { database: test.database, audit, ...sendDeps };
  for (const routes of [policyRoutes(deps), integrationRoutes(deps), alertRoutes(deps), changeRoutes(deps)]) {
    await app.register(routes);
  }
});
beforeEach(async () => {
  receiver.restart();
  await fixture.clear();
  await test.owner.query('delete from audit_logs; delete from changes');
});
afterAll(async () => {
  await app.close();
  await receiver.close();
  await test.close();
});

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
async function call(method: Method, url: string, payload?: object) {
  const answer = await app.inject({ method, url, ...(payload ? { payload } : {}) });
  shown += answer.body;
  const body = (answer.body === '' ? {} : answer.json()) as Record<string, unknown> & {
    id: string;
    items: never[];
  };
  return { status: answer.statusCode, body };
}
const actions = async () =>
  (await test.owner.query<{ action: string }>('select action from audit_logs order by id')).rows.map(
    ({ action }) => action,
  );
const webhook = (name = 'hook') => ({
  type: 'webhook',
  name,
  config: { url: receiver.url },
  secret: HMAC_SECRET,
});

describe('integrations', () => {
  it('are created, read, listed, replaced and deleted, each change with its trace', async () => {
    const created = await call('POST', '/integrations', webhook());
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'hook', has_secret: true, is_enabled: true },
    });
    const { id, updated_at } = created.body;
    expect((await call('GET', `/integrations/${id}`)).body).toEqual(created.body);
    expect((await call('GET', '/integrations')).body).toEqual({ items: [created.body], next_cursor: null });
    const replaced = await call('PUT', `/integrations/${id}`, {
      name: 'renamed',
      config: { url: `${receiver.url}/2` },
      updated_at,
    });
    expect(replaced).toMatchObject({ status: 200, body: { name: 'renamed', has_secret: true } });
    expect((await call('DELETE', `/integrations/${id}`)).status).toBe(204);
    expect((await call('GET', `/integrations/${id}`)).status).toBe(404);
    expect(await actions()).toEqual(['integration.create', 'integration.update', 'integration.delete']);
  });

  it.each([
    [{ type: 'email', name: 'x', config: { url: 'http://a' } }, 'type', /not supported yet/],
    [{ type: 'pager', name: 'x', config: { url: 'http://a' } }, 'type', /webhook, slack, email/],
    [{ type: 'webhook', name: '', config: { url: 'http://a' } }, 'name', /./],
    [{ type: 'webhook', name: 'x', config: {} }, 'config.url', /is required/],
    [{ type: 'webhook', name: 'x', config: { url: 'ftp://a' } }, 'config.url', /http and https/],
    [{ type: 'webhook', name: 'x', config: { url: 'http://10.1.1.1/' } }, 'config.url', /public internet/],
    [{ type: 'webhook', name: 'x', config: { url: 'http://u:p@127.0.0.1/' } }, 'config.url', /password/],
    [{ type: 'webhook', name: 'x', config: { url: 'http://a' }, secret: 'short' }, 'secret', /16/],
    [{ type: 'slack', name: 'x', config: { url: 'http://a' }, secret: HMAC_SECRET }, 'secret', /URL/],
    [{ type: 'webhook', name: 'x', config: { url: 'http://a' }, colour: 1 }, 'colour', /not known/],
  ])('%j is refused', async (payload, field, detail) => {
    const { status, body } = await call('POST', '/integrations', payload);
    expect([status, body['code'], body['field']]).toEqual([400, 'invalid_request', field]);
    expect(body['detail']).toMatch(detail);
  });

  it('are not overwritten by someone who read an older state, nor do names clash', async () => {
    const { body: first } = await call('POST', '/integrations', webhook());
    await call('POST', '/integrations', webhook('other'));
    const update = { name: 'hook', config: { url: receiver.url }, updated_at: first['updated_at'] };
    expect((await call('PUT', `/integrations/${first.id}`, update)).status).toBe(200);
    const late = await call('PUT', `/integrations/${first.id}`, { ...update, name: 'late' });
    expect(late).toMatchObject({ status: 409, body: { code: 'conflict', field: 'updated_at' } });
    expect(await call('POST', '/integrations', webhook())).toMatchObject({
      status: 409,
      body: { field: 'name' },
    });
    const clash = await call('PUT', `/integrations/${first.id}`, { ...update, name: 'other' });
    expect(clash).toMatchObject({ status: 409, body: { field: 'name' } });
  });

  it('keep, replace or lose their secret as the update says', async () => {
    const { body } = await call('POST', '/integrations', webhook());
    let updated_at = body['updated_at'];
    const put = async (change: object) => {
      const update = { name: 'hook', config: { url: receiver.url }, updated_at, ...change };
      const answer = await call('PUT', `/integrations/${body.id}`, update);
      updated_at = answer.body['updated_at'];
      return answer.body['has_secret'];
    };
    expect(await put({})).toBe(true);
    expect(await put({ secret: null })).toBe(false);
    expect(await put({})).toBe(false);
    expect(await put({ secret: HMAC_SECRET })).toBe(true);
  });

  it('send a test message and say what became of it', async () => {
    const { body } = await call('POST', '/integrations', webhook());
    expect((await call('POST', `/integrations/${body.id}/test`)).body).toMatchObject({
      outcome: 'ok',
      status_code: 204,
    });
    expect(receiver.received[0]?.headers['x-seismolog-signature']).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ version: 1, event: 'test' });
    receiver.restart(() => ({ status: 404 }));
    expect((await call('POST', `/integrations/${body.id}/test`)).body).toEqual({
      outcome: 'terminal',
      status_code: 404,
      detail: 'HTTP 404',
    });
    expect(await actions()).toEqual(['integration.create', 'integration.test', 'integration.test']);
  });

  it('of Slack keep the path of their URL to themselves, and use it', async () => {
    const url = `${receiver.url}/T000/B000/slack-token`;
    const { body } = await call('POST', '/integrations', { type: 'slack', name: 'slack', config: { url } });
    const config = { url: `${new URL(url).origin}/…` };
    expect(body).toMatchObject({ config, has_secret: true });
    const update = { name: 'slack 2', config, updated_at: body['updated_at'] };
    expect((await call('PUT', `/integrations/${body.id}`, update)).status).toBe(200);
    expect((await call('POST', `/integrations/${body.id}/test`)).body).toMatchObject({ outcome: 'ok' });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toHaveProperty('blocks');
  });

  it('can not be deleted while a policy sends through them', async () => {
    const { body } = await call('POST', '/integrations', webhook());
    await call('POST', '/alert-policies', { name: 'critical', integration_ids: [body.id] });
    expect(await call('DELETE', `/integrations/${body.id}`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('critical') as string },
    });
  });
});

describe('alert policies', () => {
  it('are created, read, replaced and deleted, each change with its trace', async () => {
    const hook = (await call('POST', '/integrations', webhook())).body.id;
    const service_id = await fixture.service(`policy-${Date.now()}`);
    const policy = {
      name: 'critical',
      conditions: { min_score: 90, severities: ['high'], service_ids: [service_id], events: ['opened'] },
      severity_mapping: { high: 'warning' },
      cooldown_seconds: 60,
      integration_ids: [hook],
    };
    const created = await call('POST', '/alert-policies', policy);
    expect(created).toMatchObject({ status: 201, body: { ...policy, is_enabled: true } });
    const path = `/alert-policies/${created.body.id}`;
    expect((await call('GET', path)).body).toEqual(created.body);
    const { updated_at } = created.body;
    const replaced = await call('PUT', path, { name: 'critical', is_enabled: false, updated_at });
    expect(replaced.body).toMatchObject({ is_enabled: false, conditions: {}, integration_ids: [] });
    expect((await call('PUT', path, { name: 'late', updated_at })).status).toBe(409);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', path)).status).toBe(404);
    expect((await actions()).slice(1)).toEqual([
      'alert_policy.create',
      'alert_policy.update',
      'alert_policy.delete',
    ]);
  });

  it.each([
    [{ conditions: {} }, 'name'],
    [{ name: 'x', conditions: { min_score: 101 } }, 'conditions.min_score'],
    [{ name: 'x', conditions: { severities: ['huge'] } }, 'conditions.severities.0'],
    [{ name: 'x', conditions: { anomaly_types: [] } }, 'conditions.anomaly_types'],
    [{ name: 'x', conditions: { service: 'x' } }, 'conditions.service'],
    [{ name: 'x', conditions: { service_ids: [NOWHERE] } }, 'conditions.service_ids'],
    [{ name: 'x', conditions: { service_ids: ['urn:uuid:x'] } }, 'conditions.service_ids.0'],
    [{ name: 'x', severity_mapping: { low: 'loud' } }, 'severity_mapping.low'],
    [{ name: 'x', cooldown_seconds: -1 }, 'cooldown_seconds'],
    [{ name: 'x', cooldown_seconds: '60' }, 'cooldown_seconds'],
    [{ name: 'x', integration_ids: [NOWHERE] }, 'integration_ids'],
  ])('%j is refused, naming %s', async (payload, field) => {
    expect(await call('POST', '/alert-policies', payload)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', field },
    });
  });

  it('are listed in pages', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await call('POST', '/alert-policies', { name });
    const names: string[] = [];
    let cursor = '';
    do {
      const { body } = await call('GET', `/alert-policies?limit=2${cursor && `&cursor=${cursor}`}`);
      names.push(...(body.items as { name: string }[]).map(({ name }) => name));
      cursor = (body['next_cursor'] as string | null) ?? '';
    } while (cursor !== '');
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await call('GET', '/alert-policies?cursor=nonsense')).body).toMatchObject({ field: 'cursor' });
  });
});

describe('alerts', () => {
  it('show what was sent and what was suppressed, in pages, by anomaly and by status', async () => {
    const hook = (await call('POST', '/integrations', webhook())).body.id;
    await call('POST', '/alert-policies', { name: 'all', integration_ids: [hook] });
    await call('POST', '/alert-policies', {
      name: 'high',
      integration_ids: [hook],
      conditions: { min_score: 90 },
    });
    const service = await fixture.service(`alerts-${Date.now()}`);
    const anomaly_id = await fixture.anomaly(service);
    await fixture.event(anomaly_id, 'opened', noon);
    await fixture.event(await fixture.anomaly(service), 'opened', noon);
    await evaluateStep(test)({ tenant_id: test.tenant_id });
    const { body } = await call('GET', `/alerts?anomaly_id=${anomaly_id}&status=suppressed`);
    expect(body).toMatchObject({
      items: [
        {
          policy: 'high',
          integration: 'hook',
          event: 'opened',
          status_reason: 'score 80 is below min_score 90',
        },
      ],
      next_cursor: null,
    });
    const first = (await call('GET', '/alerts?limit=3')).body;
    const second = (await call('GET', `/alerts?limit=3&cursor=${String(first['next_cursor'])}`)).body;
    const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
    expect([new Set(ids).size, second['next_cursor']]).toEqual([4, null]);
    expect((await call('GET', '/alerts?status=lost')).body).toMatchObject({ field: 'status' });
  });
});

describe('changes', () => {
  it('are recorded, and found by service and time', async () => {
    const service_id = await fixture.service(`changes-${Date.now()}`);
    const other = await fixture.service(`other-${Date.now()}`);
    const at = (minute: number) => new Date(noon + minute * 60_000).toISOString();
    const deploy = { service_id, kind: 'deploy', title: 'v2', occurred_at: at(1) };
    expect(await call('POST', '/changes', deploy)).toMatchObject({
      status: 201,
      body: { ...deploy, actor: 'key:test' },
    });
    await call('POST', '/changes', { kind: 'maintenance', title: 'all', occurred_at: noon + 120_000 });
    await call('POST', '/changes', { ...deploy, service_id: other, title: 'v3', occurred_at: at(3) });
    const titles = async (query: string) =>
      ((await call('GET', `/changes?${query}`)).body.items as { title: string }[]).map(({ title }) => title);
    expect(await titles('')).toEqual(['v3', 'all', 'v2']);
    expect(await titles(`service_id=${service_id}`)).toEqual(['all', 'v2']);
    expect(await titles(`from=${at(1)}&to=${at(3)}`)).toEqual(['all', 'v2']);
    const page = (await call('GET', '/changes?limit=2')).body;
    expect(await titles(`limit=2&cursor=${String(page['next_cursor'])}`)).toEqual(['v2']);
    expect(await actions()).toEqual(['change.create', 'change.create', 'change.create']);
  });

  it.each([
    [{ kind: 'party', title: 'x' }, 'kind'],
    [{ kind: 'deploy', title: '' }, 'title'],
    [{ kind: 'deploy', title: 'x', service_id: NOWHERE }, 'service_id'],
    [{ kind: 'deploy', title: 'x', occurred_at: 'yesterday' }, 'occurred_at'],
  ])('%j is refused, naming %s', async (payload, field) => {
    expect(await call('POST', '/changes', payload)).toMatchObject({ status: 400, body: { field } });
  });
});

it('never shows a secret: not in answers, logs, audit rows or errors of delivery', async () => {
  receiver.restart(() => ({ status: 500 }));
  const token = 'slack-token-in-the-path';
  const hook = (await call('POST', '/integrations', webhook())).body.id;
  const slack = { type: 'slack', name: 'slack', config: { url: `${receiver.url}/${token}` } };
  const slackId = (await call('POST', '/integrations', slack)).body.id;
  await call('POST', '/integrations', { ...webhook(), secret: `${HMAC_SECRET}!` });
  for (const id of [hook, slackId]) await call('POST', `/integrations/${id}/test`);
  await call('GET', '/integrations');
  const bad = await call('POST', '/integrations', { ...slack, name: 7 });
  expect(bad.status).toBe(400);
  await call('POST', '/alert-policies', { name: 'all', integration_ids: [hook, slackId] });
  await fixture.event(await fixture.anomaly(await fixture.service(`secrets-${Date.now()}`)), 'opened', noon);
  const { alert_ids } = await evaluateStep(test)({ tenant_id: test.tenant_id });
  const deliver = deliverStep({ database: test.database, ...sendDeps });
  for (const alert_id of alert_ids) {
    expect(await deliver({ tenant_id: test.tenant_id, alert_id })).toBe('retry');
  }
  await call('GET', '/alerts');
  const { rows } = await test.owner.query('select details from audit_logs');
  const { rows: stored } = await test.owner.query('select * from alerts');
  const { rows: configs } = await test.owner.query('select config from integrations');
  const everything = shown + JSON.stringify([rows, stored, configs]);
  expect(everything).toContain('has_secret');
  for (const secret of [HMAC_SECRET, token, 'slack-token']) expect(everything).not.toContain(secret);
});
