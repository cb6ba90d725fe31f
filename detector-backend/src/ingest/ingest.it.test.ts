import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { advanceClock, createLogSource } from './log-source-repository.ts';
import { createIngestTestApp, type IngestTestApp } from './ingest-test-app.ts';

let stack: IngestTestApp;
let source: string;

beforeAll(async () => {
  stack = await createIngestTestApp({
    max_compressed_bytes: 50_000,
    max_unpacked_bytes: 1_000_000,
    max_records: 1000,
    max_services: 40,
    max_log_sources: 60,
  });
});
afterAll(() => stack.close());
beforeEach(() => {
  source = `s-${randomUUID()}`;
  stack.clock.now = Date.now();
});

/** The result of a batch, or a problem. */
interface AnswerBody {
  accepted: number;
  rejected: number;
  duplicates: number;
  errors: { index: number; code: string }[];
  status: number;
  code: string;
}

interface Answer {
  status: number;
  headers: Headers;
  body: AnswerBody;
}

async function post(
  body: string | Buffer,
  headers: Record<string, string> = {},
  log_source = source,
): Promise<Answer> {
  const response = await fetch(`${stack.base_url}/logs?log_source=${encodeURIComponent(log_source)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as AnswerBody };
}

const get = async (path: string, tenant = 'acme') => {
  const response = await fetch(stack.base_url + path, { headers: { 'x-tenant': tenant } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const ndjson = (records: unknown[]) => records.map((record) => JSON.stringify(record)).join('\n');
const lines = (count: number, extra: object = {}) =>
  Array.from({ length: count }, (_, index) => ({ message: `line ${index}`, service: 'checkout', ...extra }));

async function stored(log_source = source) {
  const { rows } = await stack.db.owner.query<Record<string, never>>(
    `select e.*, extract(epoch from e.timestamp) * 1000 as ms, extract(epoch from e.ingested_at) * 1000 as ingested_ms
     from embedded_logs e join log_sources s on s.id = e.log_source_id where s.name = $1 order by e.ingested_at, e.event_id`,
    [log_source],
  );
  return rows;
}

test('NDJSON is stored in order with what the documents say', async () => {
  const answer = await post(`${ndjson(lines(3, { severity: 'err', region: 'eu' }))}\n\n`);
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({ accepted: 3, rejected: 0, duplicates: 0, errors: [] });
  const rows = await stored();
  expect(rows.map((row) => row['message'])).toEqual(['line 0', 'line 1', 'line 2']);
  expect(rows[0]).toMatchObject({
    severity: 'error',
    service: 'checkout',
    source,
    metadata: { region: 'eu' },
  });
  expect([Number(rows[0]?.['ms']), Number(rows[0]?.['ingested_ms'])]).toEqual([
    stack.clock.now,
    stack.clock.now,
  ]);
});

test.each([
  ['an object', JSON.stringify({ message: 'one' }), 1],
  ['an array', JSON.stringify(lines(4)), 4],
  ['logs in an object', JSON.stringify({ logs: lines(5) }), 5],
])('JSON: %s', async (_name, body, accepted) => {
  const answer = await post(body, { 'content-type': 'application/json; charset=utf-8' });
  expect([answer.status, answer.body.accepted]).toEqual([202, accepted]);
});

test('a batch without a source goes to the source push', async () => {
  const response = await fetch(`${stack.base_url}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"message":"m"}',
  });
  expect(response.status).toBe(202);
  expect(await stored('push')).toHaveLength(1);
});

test('bad records of a batch are named by place, the others go through', async () => {
  const body = [
    '{"message":"a"}',
    '{"message":',
    '"text"',
    '{"message":"b","timestamp":"soon"}',
    '{"message":"c"}',
  ].join('\n');
  const answer = await post(body);
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({ accepted: 2, rejected: 3 });
  expect(answer.body.errors.map((error) => [error.index, error.code])).toEqual([
    [1, 'invalid_json'],
    [2, 'not_an_object'],
    [3, 'invalid_value'],
  ]);
  expect((await stored()).map((row) => row['message'])).toEqual(['a', 'c']);
});

test('a batch of bad records only is a problem with the same numbers', async () => {
  const answer = await post(ndjson(Array.from({ length: 150 }, () => ({ message: 7 }))));
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({ code: 'all_records_rejected', accepted: 0, rejected: 150 });
  expect(answer.body.errors).toHaveLength(100);
});

test("another tenant's records are refused", async () => {
  const answer = await post(
    ndjson([
      { message: 'a', tenant_id: 'other' },
      { message: 'b', tenant_id: stack.db.tenant_id },
    ]),
  );
  expect(answer.body).toMatchObject({ accepted: 1, errors: [{ index: 0, code: 'forbidden_tenant' }] });
});

test('a retry with its key is answered the same and stores nothing', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const first = await post(ndjson(lines(10)), headers);
  stack.clock.now += 60_000;
  const again = await post(ndjson(lines(10)), headers);
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.body).toEqual(first.body);
  expect(await stored()).toHaveLength(10);
});

test('a retry after an attempt that broke off before its answer finds what was stored', async () => {
  const key = randomUUID();
  await post(ndjson(lines(10)), { 'idempotency-key': key });
  await stack.db.owner.query('update ingest_batches set response = null where idempotency_key = $1', [key]);
  await stack.db.owner.query(
    `delete from embedded_logs where message = 'line 3' and log_source_id = (select id from log_sources where name = $1)`,
    [source],
  );
  stack.clock.now += 60_000;
  const again = await post(ndjson(lines(10)), { 'idempotency-key': key });
  expect(again.body).toMatchObject({ accepted: 1, duplicates: 9, rejected: 0 });
  // The line that was missing is ingested now, so it is read after the others.
  const expected = lines(10).map((line) => line.message);
  expect((await stored()).map((row) => row['message'])).toEqual([
    ...expected.filter((text) => text !== 'line 3'),
    'line 3',
  ]);
});

test('retries at the same time store one copy', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const answers = await Promise.all(Array.from({ length: 6 }, () => post(ndjson(lines(200)), headers)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(6).fill(202));
  expect(await stored()).toHaveLength(200);
});

test('a key with another body, or for another source, is refused', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  await post(ndjson(lines(1)), headers);
  expect((await post(ndjson(lines(2)), headers)).body).toMatchObject({
    status: 422,
    code: 'idempotency_key_reused',
  });
  expect((await post(ndjson(lines(1)), headers, `${source}-b`)).status).toBe(422);
});

test('a key belongs to its tenant', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  await post(ndjson(lines(1)), headers);
  const other = await post(ndjson(lines(2)), { ...headers, 'x-tenant': 'other' });
  expect([other.status, other.body.accepted]).toEqual([202, 2]);
});

test('a refused batch is replayed as refused', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  await post('{}', headers);
  const again = await post('{}', headers);
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([400, 'true']);
});

test('a known event_id is a duplicate in the batch and across batches, without a time stamp too', async () => {
  const batch = ndjson([
    { message: 'a', event_id: 'e1' },
    { message: 'a', event_id: 'e1' },
    { message: 'b', event_id: 'e2' },
  ]);
  expect((await post(batch)).body).toMatchObject({ accepted: 2, duplicates: 1 });
  stack.clock.now += 86_400_000;
  expect((await post(batch)).body).toMatchObject({ accepted: 0, duplicates: 3 });
  expect((await post(batch, { 'x-tenant': 'other' })).body).toMatchObject({ accepted: 2 });
});

test('gzip is unpacked', async () => {
  const answer = await post(gzipSync(ndjson(lines(500))), { 'content-encoding': 'gzip' });
  expect(answer.body).toMatchObject({ accepted: 500 });
});

test.each([
  ['a bomb', gzipSync(Buffer.alloc(30_000_000, 'a')), 413, 'payload_too_large'],
  ['truncated gzip', gzipSync(ndjson(lines(500))).subarray(0, 200), 400, 'invalid_body'],
  ['no gzip at all', Buffer.from('{"message":"m"}'), 400, 'invalid_body'],
  ['nothing', Buffer.alloc(0), 400, 'invalid_body'],
  ['too large as sent', Buffer.alloc(60_000), 413, 'payload_too_large'],
])('gzip: %s', async (_name, body, status, code) => {
  expect((await post(body, { 'content-encoding': 'gzip' })).body).toMatchObject({ status, code });
});

test.each([
  ['text/plain', {}, 415],
  ['application/json; charset=utf-16', {}, 415],
  ['application/x-ndjson', { 'content-encoding': 'br' }, 415],
  ['application/x-ndjson', { 'content-encoding': 'gzip, gzip' }, 415],
  ['application/x-ndjson', { 'idempotency-key': 'x'.repeat(256) }, 400],
])('%s with %o is %i', async (content_type, headers: Record<string, string>, status) => {
  expect((await post('{"message":"m"}', { 'content-type': content_type, ...headers })).status).toBe(status);
});

test.each([
  ['too many records', ndjson(lines(1001)), 413],
  ['too many bytes', 'x'.repeat(1_100_000), 413],
  ['no record', '\n \n', 400],
])('%s stores nothing', async (_name, body, status) => {
  expect((await post(body)).status).toBe(status);
  expect(await stored()).toHaveLength(0);
});

test('deep JSON is refused before it is built', async () => {
  const answer = await post('['.repeat(400_000) + ']'.repeat(400_000), {
    'content-type': 'application/json',
  });
  expect(answer.body).toMatchObject({ status: 400, code: 'invalid_body' });
});

test('a body of unknown length that never stops is cut off', async () => {
  let sent = 0;
  const stream = new ReadableStream({
    pull(controller) {
      sent += 65_536;
      if (sent > 4_000_000) controller.close();
      else controller.enqueue(new Uint8Array(65_536).fill(97));
    },
  });
  const response = await fetch(`${stack.base_url}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: stream,
    duplex: 'half',
  } as RequestInit);
  expect(response.status).toBe(413);
});

test('services are made once, and not without end', async () => {
  const tenant = { 'x-tenant': 'other' };
  const named = Array.from({ length: 60 }, (_, index) => ({ message: 'm', service: `svc ${index}` }));
  const answer = await post(ndjson(named), tenant);
  expect(answer.body.errors[0]).toMatchObject({ code: 'too_many_services', field: 'service' });
  const { rows } = await stack.db.owner.query('select * from services where tenant_id = $1', [
    stack.tenants['other'],
  ]);
  expect(rows).toHaveLength(40);
  expect(answer.body.accepted + answer.body.rejected).toBe(60);
  expect((await post(ndjson([named[0]]), tenant)).body.accepted).toBe(1);
});

test('a tenant that sends too much waits', async () => {
  const small = await createIngestTestApp({ records_per_second: 10, burst_records: 100 });
  const send = () =>
    fetch(`${small.base_url}/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: ndjson(lines(120)),
    });
  expect((await send()).status).toBe(202);
  const refused = await send();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
  small.clock.now += 3000;
  expect((await send()).status).toBe(202);
  await small.close();
});

test('a server that holds enough bodies refuses more', async () => {
  const small = await createIngestTestApp({ max_bytes_in_flight: 10_000 });
  const response = await fetch(`${small.base_url}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: ndjson(lines(1000)),
  });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
  await small.close();
});

test('sources are made, listed and described, each for its tenant', async () => {
  const response = await fetch(`${stack.base_url}/log-sources`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: source, source_type: 'replay' }),
  });
  const made = (await response.json()) as { id: string };
  expect(response.status).toBe(201);
  expect(stack.audited).toContain('log_source.create');
  const health = await get(`/log-sources/${made.id}/health`);
  expect(health.body).toMatchObject({
    name: source,
    status: 'ok',
    cursor_at: null,
    lag_seconds: null,
    lines_read: 0,
  });
  expect((await get(`/log-sources/${made.id}/health`, 'other')).status).toBe(404);
  const listed = (await get('/log-sources?limit=500')).body['items'] as { name: string }[];
  expect(listed.map((item) => item.name)).toContain(source);
  expect(JSON.stringify((await get('/log-sources?limit=500', 'other')).body)).not.toContain(source);
});

test('a source with its own clock can not be made over HTTP: it could reach any day of all tenants', async () => {
  const response = await fetch(`${stack.base_url}/log-sources`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: source, source_type: 'replay', clock_mode: 'log' }),
  });
  expect(response.status).toBe(400);
});

test('a retry that comes hours later is read where it arrives, not in slices that are closed', async () => {
  const { owner, tenant_id } = stack.db;
  const key = `late-${source}`;
  const body = ndjson([{ message: 'late' }]);
  const sha256 = createHash('sha256').update(`${source}\n`).update(body).digest();
  await owner.query(
    "insert into ingest_batches (tenant_id, idempotency_key, body_sha256, received_at) values ($1, $2, $3, now() - interval '3 hours')",
    [tenant_id, key, sha256],
  );
  const response = await fetch(`${stack.base_url}/logs?log_source=${source}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': key },
    body,
  });
  expect(response.status).toBe(202);
  const { rows } = await owner.query(
    "select now() - timestamp > interval '2 hours' as first, now() - ingested_at < interval '1 minute' as here from embedded_logs where message = 'late'",
  );
  expect(rows).toEqual([{ first: true, here: true }]);
});

test('a replayed source keeps its times and is ingested at its clock', async () => {
  const { id } = await stack.db.database.withTenant(stack.db.tenant_id, (client) =>
    createLogSource(
      client,
      { tenant_id: stack.db.tenant_id, name: source, source_type: 'replay', clock_mode: 'log' },
      1000,
    ),
  );
  const at = Date.UTC(2018, 5, 26);
  await post(ndjson([{ message: 'a', timestamp: at }]));
  await stack.db.database.withTenant(stack.db.tenant_id, (client) => advanceClock(client, id, at + 5000));
  await post(
    ndjson([
      { message: 'late', timestamp: at + 1000 },
      { message: 'b', timestamp: at + 9000 },
    ]),
  );
  const rows = await stored();
  expect(
    rows.map((row) => [row['message'], Number(row['ms']) - at, Number(row['ingested_ms']) - at]),
  ).toEqual([
    ['a', 0, 0],
    ['late', 1000, 5000],
    ['b', 9000, 9000],
  ]);
});

test('services are listed with what is known of them', async () => {
  await post(ndjson([{ message: 'm', service: 'Zeta' }]));
  const page = await get('/services?limit=2');
  expect(page.body['items']).toHaveLength(2);
  const items: Record<string, unknown>[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const next: { body: Record<string, unknown> } = await get(
      `/services?limit=2${cursor && `&cursor=${cursor}`}`,
    );
    items.push(...(next.body['items'] as Record<string, unknown>[]));
    cursor = next.body['next_cursor'] as string | null;
  }
  expect(items.find((item) => item['slug'] === 'zeta')).toEqual({
    id: expect.any(String),
    name: 'Zeta',
    slug: 'zeta',
    environment: 'default',
    state: 'cold',
    window_count: 0,
    ready_at_window_count: 200,
    last_line_at: new Date(stack.clock.now).toISOString(),
    judged_until: null,
    latest_score: null,
    open_anomaly_id: null,
    is_blind: false,
    lines_per_minute: 0,
    simulated: false,
  });
});

test('rows of one tenant are invisible to another', async () => {
  await post(ndjson(lines(3)));
  const counts = await stack.db.database.withTenant(stack.tenants['other'] ?? '', async (client) => {
    const { rows } = await client.query<{ logs: number; sources: number }>(
      `select (select count(*) from embedded_logs where source = $1) as logs,
              (select count(*) from log_sources where name = $1) as sources`,
      [source],
    );
    return rows[0];
  });
  expect(counts).toEqual({ logs: 0, sources: 0 });
});
