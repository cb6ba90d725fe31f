import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSearchEngine } from '../logstore/search-engine-connect.ts';
import { createIngestTestApp, type IngestTestApp } from './ingest-test-app.ts';

let stack: IngestTestApp;
beforeAll(async () => {
  // Nobody listens there: what is tested here asks no cluster.
  const engine = createSearchEngine({
    engine: 'elasticsearch',
    nodes: ['http://127.0.0.1:9'],
    request_timeout_ms: 1000,
  });
  const config = { readable_indices: { acme: ['filebeat-*'], other: ['nginx-*'] }, backfill_hours: 12 };
  stack = await createIngestTestApp({}, { engines: { elasticsearch: engine }, config });
});
afterAll(() => stack.close());

interface Answer {
  status: number;
  body: Record<string, unknown> & { id: string };
}

async function send(method: string, path: string, body?: object, tenant = 'acme'): Promise<Answer> {
  const response = await fetch(`${stack.base_url}/log-sources${path}`, {
    method,
    headers: { 'x-tenant': tenant, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

let made = 0;
const create = (values: object, tenant?: string) =>
  send('POST', '', { name: `source ${(made += 1)}`, source_type: 'elasticsearch', ...values }, tenant);
const filebeat = { connection_config: { index: 'filebeat-*' } };

test('a source in a cluster waits 30 s for documents and begins as far back as the operator set', async () => {
  const { status, body } = await create(filebeat);
  expect(status).toBe(201);
  expect(body).toMatchObject({
    source_type: 'elasticsearch',
    connection_config: { index: 'filebeat-*' },
    read_lag_seconds: 30,
    backfill_hours: 12,
    backfill: null,
    coverage: 1,
    lines_unmined: 0,
    slices_reread: 0,
    shard_of: null,
    last_error: null,
  });
  expect((await create({ ...filebeat, read_lag_seconds: 60, backfill_hours: 0 })).body).toMatchObject({
    read_lag_seconds: 60,
    backfill_hours: 0,
  });
  const own = { connection_config: { index: 'logs-acme-2*', preset: 'seismolog' } };
  expect((await create(own)).body).toMatchObject({ read_lag_seconds: 5 });
});

test('a source that is sent to us has the lag of our store and is read from its first line', async () => {
  const { body } = await create({ source_type: 'push' });
  expect(body).toMatchObject({ read_lag_seconds: 2, backfill_hours: null, connection_config: {} });
});

test.each([
  [{}, 400, 'connection_config', 'needs at least an index'],
  [{ connection_config: {} }, 400, 'connection_config.index', 'is required'],
  [
    { connection_config: { index: 'filebeat-*', url: 'http://x' } },
    400,
    'connection_config.url',
    'is not known',
  ],
  [
    { connection_config: { index: 'filebeat-*', api_key: 'x' } },
    400,
    'connection_config.api_key',
    'is not known',
  ],
  [
    { connection_config: { index: 'filebeat-*', fields: { msg: 'm' } } },
    400,
    'connection_config.fields.msg',
    'is not known',
  ],
  [
    { connection_config: { index: 'filebeat-*', fields: { message: null } } },
    400,
    'connection_config.fields.message',
    'must be string',
  ],
  [
    { connection_config: { index: 'filebeat-*', fields: { service: 'a*' } } },
    400,
    'connection_config.fields.service',
    '',
  ],
  [
    { connection_config: { index: 'filebeat-*', preset: 'x' } },
    400,
    'connection_config.preset',
    'ecs, seismolog',
  ],
  [
    { connection_config: { index: 'filebeat-*', query: { script: {} } } },
    400,
    'connection_config.query',
    '"script" is not allowed',
  ],
  [
    { connection_config: { index: 'nginx-1' } },
    403,
    'connection_config.index',
    'SEISMOLOG_READABLE_INDICES=acme=nginx-1',
  ],
  [{ connection_config: { index: 'logs-other-2*' } }, 403, 'connection_config.index', 'logs-other-2*'],
  [{ source_type: 'opensearch', ...filebeat }, 400, 'source_type', 'OPENSEARCH_URL'],
  [{ source_type: 'push', ...filebeat }, 400, 'connection_config', 'elasticsearch or opensearch'],
  [{ source_type: 'push', backfill_hours: 1 }, 400, 'backfill_hours', 'elasticsearch or opensearch'],
  [{ ...filebeat, backfill_hours: 721 }, 400, 'backfill_hours', '720'],
  [{ ...filebeat, backfill_hours: null }, 400, 'backfill_hours', 'integer'],
])('%j is refused by the name of its field', async (values, status, field, detail) => {
  const answer = await create(values);
  expect(answer).toMatchObject({
    status,
    body: { field, detail: expect.stringContaining(detail) as string },
  });
});

test('what one tenant may read, another may not', async () => {
  const nginx = { connection_config: { index: 'nginx-1' } };
  expect((await create(nginx, 'other')).status).toBe(201);
  expect((await create(filebeat, 'other')).status).toBe(403);
});

describe('a change', () => {
  const sourceWith = async (values: object = filebeat) => (await create(values)).body.id;

  test('is made, audited and shown in the list', async () => {
    const id = await sourceWith();
    const change = {
      is_enabled: false,
      read_lag_seconds: 45,
      allowed_lateness_seconds: 20,
      backfill_hours: 48,
      connection_config: { index: 'filebeat-9*', fields: { service: 'event.dataset' } },
    };
    const { status, body } = await send('PATCH', `/${id}`, change);
    expect([status, body]).toMatchObject([200, { ...change, status: 'disabled' }]);
    expect(stack.audited.at(-1)).toBe('log_source.update');
    const listed = (await send('GET', '')).body['items'] as Answer['body'][];
    expect(listed.find((source) => source.id === id)).toMatchObject(change);
    expect((await send('GET', `/${id}/health`)).body).toMatchObject({
      connection_config: change.connection_config,
      backfill_hours: 48,
    });
  });

  test('leaves alone what it does not name', async () => {
    const id = await sourceWith({ ...filebeat, read_lag_seconds: 60 });
    await send('PATCH', `/${id}`, { is_enabled: false });
    expect((await send('PATCH', `/${id}`, { is_enabled: true })).body).toMatchObject({
      is_enabled: true,
      read_lag_seconds: 60,
      ...filebeat,
    });
  });

  test.each([
    [{ connection_config: { index: 'nginx-1' } }, 403, 'connection_config.index'],
    [{ connection_config: { index: 'filebeat-*', query: { wrapper: {} } } }, 400, 'connection_config.query'],
    [{ source_type: 'push' }, 400, 'source_type'],
    [{ read_lag_seconds: -1 }, 400, 'read_lag_seconds'],
  ])('to %j is refused and changes nothing', async (change, status, field) => {
    const id = await sourceWith();
    const answer = await send('PATCH', `/${id}`, { is_enabled: false, ...change });
    expect(answer).toMatchObject({ status, body: { field } });
    expect((await send('GET', `/${id}/health`)).body).toMatchObject({ ...filebeat, status: 'ok' });
  });

  test('of nothing, and of a source of another tenant, is refused', async () => {
    const id = await sourceWith();
    expect((await send('PATCH', `/${id}`, {})).status).toBe(400);
    expect((await send('PATCH', `/${id}`, { is_enabled: false }, 'other')).status).toBe(404);
    const pushed = await sourceWith({ source_type: 'push' });
    expect((await send('PATCH', `/${pushed}`, filebeat)).body).toMatchObject({ field: 'connection_config' });
    expect((await send('PATCH', `/${pushed}`, { read_lag_seconds: 3 })).status).toBe(200);
  });

  test('of where reading began is refused once it has begun', async () => {
    const id = await sourceWith();
    await stack.db.owner.query('update log_sources set cursor_at = now() where id = $1', [id]);
    expect(await send('PATCH', `/${id}`, { backfill_hours: 1 })).toMatchObject({
      status: 409,
      body: { field: 'backfill_hours' },
    });
    expect((await send('PATCH', `/${id}`, { is_enabled: false })).status).toBe(200);
  });

  test('of a shard is made at the source that it was split from', async () => {
    const id = await sourceWith();
    const shard = await sourceWith();
    await stack.db.owner.query('update log_sources set shard_of = $2, split_at = now() where id = $1', [
      shard,
      id,
    ]);
    expect(await send('PATCH', `/${shard}`, filebeat)).toMatchObject({ status: 409 });
    expect((await send('GET', `/${shard}/health`)).body).toMatchObject({ shard_of: id });
  });
});

test('a backfill and what was not mined are shown', async () => {
  const { id } = (await create(filebeat)).body;
  const now = stack.clock.now;
  await stack.db.owner.query(
    `update log_sources set read_from = $2, first_read_at = $3, cursor_at = $4, lines_read = 1000, lines_unmined = 250,
       slices_reread = 3, last_error = 'away' where id = $1`,
    [id, ...[now - 36_000_000, now - 60_000, now - 18_000_000].map((ms) => new Date(ms))],
  );
  const expected = {
    backfill: { from: new Date(now - 36_000_000).toISOString(), progress: expect.closeTo(0.5, 1) as number },
    coverage: 0.75,
    lines_unmined: 250,
    slices_reread: 3,
    last_error: 'away',
  };
  const health = (await send('GET', `/${id}/health`)).body;
  expect(health).toMatchObject(expected);
  expect((health['backfill'] as { seconds_left: number }).seconds_left).toBeGreaterThan(50);
  const listed = (await send('GET', '')).body['items'] as Answer['body'][];
  expect(listed.find((source) => source.id === id)).toMatchObject(expected);
});

test('a preview of a cluster that does not answer says so', async () => {
  const answer = await send('POST', '/preview', { source_type: 'elasticsearch', ...filebeat });
  expect(answer).toMatchObject({ status: 503, body: { code: 'log_store_unavailable' } });
});

test.each([
  [401, 'security_exception', 502, 'log_store_refused'],
  [403, 'security_exception', 502, 'log_store_refused'],
  [503, 'cluster_block_exception', 503, 'log_store_unavailable'],
])('a cluster that answers %i is told apart from our own refusals', async (answered, type, status, code) => {
  const cluster = http.createServer((_request, response) => {
    const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
    response
      .writeHead(answered, headers)
      .end(JSON.stringify({ error: { type, reason: 'no' }, status: answered }));
  });
  await new Promise<void>((resolve) => void cluster.listen(0, '127.0.0.1', resolve));
  const { port } = cluster.address() as AddressInfo;
  const nodes = [`http://127.0.0.1:${port}`];
  const engine = createSearchEngine({ engine: 'elasticsearch', nodes, request_timeout_ms: 2000 });
  const config = { readable_indices: { acme: ['filebeat-*'] }, backfill_hours: 12 };
  const app = await createIngestTestApp({}, { engines: { elasticsearch: engine }, config });
  const response = await fetch(`${app.base_url}/log-sources/preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source_type: 'elasticsearch', ...filebeat }),
  });
  const body = (await response.json()) as { code: string; detail: string };
  expect([response.status, body.code]).toEqual([status, code]);
  expect(body.detail).toMatch(/elasticsearch/i);
  await app.close();
  await engine.close();
  cluster.close();
});
