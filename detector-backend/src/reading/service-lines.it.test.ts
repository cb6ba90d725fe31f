import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { DEFAULT_INGEST_LIMITS } from '../ingest/ingest-limits.ts';
import { createPostgresLogStore } from '../logstore/postgres-log-store.ts';
import {
  scriptedEngine,
  type ScriptedAnswer,
  type ScriptedEngine,
} from '../logstore/scripted-engine-fixture.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createSourceReader, type SourceReader } from './source-reader.ts';

const NOON = Date.UTC(2026, 2, 2, 12);
const SERVICE = randomUUID();
const READABLE = { acme: ['app-*'] };

let db: TestDatabase;
let cluster: ScriptedEngine;
let answer: ScriptedAnswer;
/** Before `answer`, by method and path. */
let answers: Record<string, ScriptedAnswer> = {};
let reader: SourceReader;
const logged: { level: string; msg: string; log_source?: string }[] = [];

/** A process of its own: it has no memory of a cluster's troubles. */
function createReader(readable_indices: Record<string, string[]> = READABLE) {
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    logged.push(JSON.parse(chunk.toString()));
    done();
  };
  return createSourceReader({
    database: db.database,
    log_store: createPostgresLogStore({ database: db.database }),
    engines: { elasticsearch: cluster.engine },
    readable_indices,
    limits: DEFAULT_INGEST_LIMITS,
    metrics: createMetrics({ process_metrics: false }),
    logger: createLogger({ level: 'info' }, new Writable({ write })),
  });
}

beforeAll(async () => {
  db = await createTestDatabase();
  cluster = await scriptedEngine(
    'elasticsearch',
    ({ method, path }) => answers[`${method} ${path}`] ?? answer,
    { request_timeout_ms: 30_000 },
  );
  const { owner, tenant_id } = db;
  await owner.query(
    `insert into services (id, tenant_id, name, slug) values ($1, $2, 'checkout', 'checkout')`,
    [SERVICE, tenant_id],
  );
  const push = randomUUID();
  await owner.query(
    `insert into log_sources (id, tenant_id, name, source_type) values ($1, $2, 'push', 'push')`,
    [push, tenant_id],
  );
  await owner.query(
    `with made as (insert into log_sources (id, tenant_id, name, source_type, connection_config, cursor_at)
       values (gen_random_uuid(), $1, 'cluster', 'elasticsearch', '{"index": "app-1"}', $3) returning id)
     insert into log_source_services (tenant_id, log_source_id, service_id) select $1, id, $2 from made`,
    [tenant_id, SERVICE, new Date(NOON + 1000)],
  );
  await createPostgresLogStore({ database: db.database }).write(
    tenant_id,
    Array.from({ length: 6 }, (_, place) => ({
      event_id: randomUUID(),
      timestamp: NOON + place,
      log_source_id: push,
      service_id: SERVICE,
      service: 'checkout',
      source: 'pod-1',
      severity: 'error' as const,
      message: `line ${place}`,
      metadata: null,
      ingested_at: NOON + place,
    })),
  );
});
afterAll(async () => {
  await cluster.close();
  await db.close();
});
beforeEach(() => {
  reader = createReader();
  logged.length = 0;
  answers = {};
});

const ask = async (is_sparing = false, from = NOON - 1000) => {
  const query = { tenant_id: db.tenant_id, service_id: SERVICE, at: NOON + 3, from, to: NOON + 1000 };
  const { before, after, unread_sources } = await reader.readAround({
    ...query,
    before: 2,
    after: 2,
    is_sparing,
  });
  // What can be read is always there.
  expect([...before, ...after].map(({ message }) => message)).toEqual([
    'line 1',
    'line 2',
    'line 3',
    'line 4',
  ]);
  return unread_sources;
};
const expectReason = (found: { log_source: string; reason: string }[], reason: RegExp) =>
  expect(found).toMatchObject([{ log_source: 'cluster', reason: expect.stringMatching(reason) as string }]);

test('a cluster that hangs costs its lines and five seconds, and nothing more of who must not wait', async () => {
  answer = 'hang';
  const started = performance.now();
  expectReason(await ask(true), /did not answer within 5 s/);
  expect(performance.now() - started).toBeLessThan(15_000);
  const again = performance.now();
  for (let anomaly = 0; anomaly < 20; anomaly += 1) expectReason(await ask(true), /did not answer/);
  expect(performance.now() - again).toBeLessThan(5000);
  // A person who asks is given what there is now.
  answer = { status: 403, body: { error: { type: 'security_exception', reason: 'no permission' } } };
  expectReason(await ask(), /refuse|permission/i);
  expect(logged.map(({ level, log_source }) => [level, log_source])).toEqual([['warn', 'cluster']]);
});

test('a cluster that refuses, or answers nonsense, is named with the reason', async () => {
  answer = { status: 404, body: { error: { type: 'index_not_found_exception', reason: 'no such index' } } };
  expectReason(await ask(), /no index "app-1"/);
  answer = { status: 200, body: { indices: 'what' } };
  expectReason(await ask(), /can not be read: the log of the server says why/);
  expect(logged).toHaveLength(1);
});

test('a field that can only be searched is told with its name', async () => {
  const text = { text: { type: 'text', searchable: true, aggregatable: false } };
  answer = { status: 200, body: { indices: ['app-1'], fields: { 'service.name': text } } };
  expectReason(await ask(), /"service\.name" can not be grouped by/);
});

test('what the operator has taken away is told', async () => {
  reader = createReader({ acme: [] });
  expectReason(await ask(), /app-1/);
});

test('a disabled source is not asked; if it went before these lines came, nothing is missing', async () => {
  answer = 'hang';
  const started = performance.now();
  await db.owner.query(`update log_sources set is_enabled = false where name = 'cluster'`);
  try {
    expectReason(await ask(), /disabled/);
    await db.owner.query(`update log_sources set cursor_at = $1 where name = 'cluster'`, [
      new Date(NOON - 5000),
    ]);
    expect(await ask()).toEqual([]);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(logged).toEqual([]);
  } finally {
    await db.owner.query(`update log_sources set is_enabled = true where name = 'cluster'`);
  }
});

test('another tenant is given no line, whatever service it names', async () => {
  const { rows } = await db.owner.query<{ id: string }>(
    `insert into tenants (slug, name) values ('other', 'Other') returning id`,
  );
  const query = { service_id: SERVICE, at: NOON + 3, from: NOON - 1000, to: NOON + 1000 };
  expect(await reader.readAround({ ...query, tenant_id: rows[0]?.id ?? '', before: 9, after: 9 })).toEqual({
    before: [],
    after: [],
    unread_sources: [],
  });
});

test('what was opened in a cluster is closed, also when the five seconds are over', async () => {
  const keyword = { keyword: { type: 'keyword', searchable: true, aggregatable: true } };
  const shards = { total: 1, successful: 1, failed: 0 };
  answer = { status: 200, body: { indices: ['app-1'], fields: { 'service.name': keyword } } };
  answers = {
    'POST /app-1/_pit': { status: 200, body: { id: 'opened', _shards: shards } },
    'POST /_search': 'hang',
    'DELETE /_pit': { status: 200, body: { succeeded: true } },
  };
  const before = cluster.requests.length;
  expectReason(await ask(), /did not answer within 5 s/);
  const asked = (method: string) =>
    cluster.requests.slice(before).filter((one) => one.method === method && one.path.endsWith('/_pit'));
  expect(asked('POST').length).toBeGreaterThan(0);
  await expect.poll(() => asked('DELETE').length, { timeout: 5000 }).toBe(asked('POST').length);
  expect(asked('DELETE')[0]?.body).toBe('{"id":"opened"}');
});

// The last one: the connection remembers for a while that the cluster is away.
test('a cluster that is away is named', async () => {
  answer = 'cut';
  expectReason(await ask(), /Elasticsearch did not answer/);
});
