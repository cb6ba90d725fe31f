import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { bootstrapTenant } from './access/bootstrap.ts';
import { buildApp } from './app.ts';
import { compose, composePipeline, release, type Parts } from './compose.ts';
import { advanceClock, createLogSource } from './ingest/log-source-repository.ts';
import { serviceId } from './ingest/service-identity.ts';
import { scriptedEngine, type ScriptedEngine } from './logstore/scripted-engine-fixture.ts';
import { loadConfig } from './platform/config.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import type { Pipeline } from './pipeline.ts';
import { createRandom } from './simulation/random.ts';

const MINUTE = 60_000;
const FROM = Date.UTC(2026, 2, 2, 8);
const BATCH_MINUTES = 10;
/** A service is ready after 200 minutes; the forest judges from 256 on. */
const LEARNED = 300;
const WHOLE = 'file <ID> read in <NUM>';
const PART = 'file b-2.txt read in <NUM>';
const secret_key = randomBytes(32);
const random = createRandom();

let db: TestDatabase;
/** A cluster that never answers. */
let cluster: ScriptedEngine;
let api_key: string;
let log_source_id: string;
let parts: Parts;
let app: FastifyInstance;
let pipeline: Pipeline;
let minute = 0;
let without_own = false;

beforeAll(async () => {
  db = await createTestDatabase();
  cluster = await scriptedEngine('elasticsearch', () => 'hang');
  api_key = (await bootstrapTenant({ owner_url: db.owner_url, slug: 'acme', name: 'Acme' }))
    .api_key as string;
  const source = {
    tenant_id: db.tenant_id,
    name: 'disk',
    source_type: 'simulated',
    clock_mode: 'log',
  } as const;
  const created = await db.database.withTenant(db.tenant_id, (client) => createLogSource(client, source, 10));
  log_source_id = created.id;
  await start();
});
afterAll(async () => {
  await stop();
  await cluster.close();
  await db.close();
});

/** A process with empty memory; its jobs are run by hand, in the order in which the queues would. */
async function start(): Promise<void> {
  const env = {
    ELASTICSEARCH_URL: cluster.url,
    SEISMOLOG_LOG_STORE: 'postgres',
    SEISMOLOG_READABLE_INDICES: 'acme=app-*',
  };
  const config = loadConfig(env, { mode: 'full', database_url: db.app_url, secret_key, log_level: 'error' });
  parts = compose(
    config,
    db.app_url,
    createLogger({ level: 'error' }),
    createMetrics({ process_metrics: false }),
  );
  app = await buildApp(parts);
  pipeline = composePipeline(parts);
}
async function stop(): Promise<void> {
  await app.close();
  await release(parts);
}

type Line = { timestamp: number; severity: string; message: string };
/** A minute of a file server: the file b-2.txt is read about six times, others about nine times. */
function usualLines(at: number): Line[] {
  random.reseed(at);
  const times = (count: number, message: () => string): Line[] =>
    Array.from({ length: count }, () => ({
      timestamp: FROM + at * MINUTE + random.int(MINUTE),
      severity: 'info',
      message: message(),
    }));
  return [
    ...times(
      random.poisson(9),
      () => `file ${'acd'[random.int(3)]}-${random.int(9)}.txt read in ${random.int(9)}ms`,
    ),
    ...times(without_own ? 0 : random.poisson(6), () => `file b-2.txt read in ${random.int(9)}ms`),
    ...times(random.poisson(20), () => `request ${random.int(1000)} served`),
    ...times(random.poisson(3), () => 'cache refreshed'),
  ];
}

/** Lets so many minutes pass: all their lines are read and judged. Gives how many lines were of b-2.txt. */
async function pass(minutes: number, more: (at: number) => Line[] = () => []): Promise<number> {
  let own = 0;
  for (const end = minute + minutes; minute < end;) {
    const until = Math.min(end, minute + BATCH_MINUTES);
    const lines: Line[] = [];
    for (; minute < until; minute++) lines.push(...usualLines(minute), ...more(minute));
    own += lines.filter(({ message }) => message.startsWith('file b-2')).length;
    const at = FROM + until * MINUTE;
    await parts.ingest({
      tenant: { tenant_id: db.tenant_id, tenant_slug: 'acme' },
      log_source_name: 'disk',
      records: lines.sort((a, b) => a.timestamp - b.timestamp).map((line) => ({ ...line, service: 'disk' })),
      idempotency: null,
      received_at: at,
    });
    await db.database.withTenant(db.tenant_id, (client) => advanceClock(client, log_source_id, at));
    const ids = { tenant_id: db.tenant_id, log_source_id };
    while ((await pipeline.read(ids)).more !== null);
    while ((await pipeline.judge(ids)).more !== null);
  }
  return own;
}

async function call<T>(method: 'GET' | 'POST', path: string, payload?: object): Promise<T> {
  const headers = { authorization: `Bearer ${api_key}` };
  const response = await app.inject({ method, url: `/api/v1${path}`, headers, ...(payload && { payload }) });
  expect(response.statusCode, response.body).toBeLessThan(300);
  return response.json<T>();
}

const idOf = () => serviceId(db.tenant_id, 'disk', 'default');
type Template = { id: number; pattern: string; split_of: number | null; count: number };
const templateOf = async (pattern: string): Promise<Template> => {
  const { items } = await call<{ items: Template[] }>('GET', '/templates');
  return items.find((item) => item.pattern === pattern) as Template;
};
/** Lines of a template in the tiles that windows are made of. */
async function counted(template_id: number): Promise<number> {
  const { rows } = await db.owner.query<{ lines: number }>(
    `select coalesce(sum(count), 0)::integer as lines from tiles, unnest(template_ids, template_counts) as t (id, count)
     where service_id = $1 and id = $2`,
    [idOf(), template_id],
  );
  return rows[0]!.lines;
}
type Explanation = { templates: { pattern: string; feature: string; count: number; expected: number }[] };
type Anomaly = {
  id: string;
  score: number;
  started_at: string;
  explanation: {
    score: number;
    base: number;
    shap_values: { shap_value: number }[];
    templates: { pattern: string }[];
    sample_lines: { message: string }[];
    lines_before: { timestamp: string }[];
    unread_sources: { log_source: string; reason: string }[];
  };
};
const anomalies = async () => (await call<{ items: Anomaly[] }>('GET', '/anomalies')).items;
type Window = { id: string; window_end: string; features: Record<string, number> };
const windows = async (from: number, to = minute) =>
  (
    await call<{ items: Window[] }>(
      'GET',
      `/windows?service_id=${idOf()}&from=${FROM + from * MINUTE}&to=${FROM + to * MINUTE}`,
    )
  ).items;
/** Nothing that was judged since the split was new, rare or an anomaly. */
async function expectNoNews(): Promise<void> {
  expect(await anomalies()).toEqual([]);
  const judged = await windows(LEARNED);
  expect(judged.length).toBeGreaterThanOrEqual(minute - LEARNED - 1);
  expect(judged.filter(({ features }) => features['new_templates'] || features['rarity_max'])).toEqual([]);
}

describe('a template that a person splits, in a service that is watched', () => {
  let whole: number;
  let part: number;
  let event_id: number;
  let own = 0;
  const undo = async (id: number) =>
    (await call<{ event: { id: number } }>('POST', `/template-events/${id}/undo`)).event.id;

  beforeAll(async () => {
    await pass(LEARNED);
    whole = (await templateOf(WHOLE)).id;
    const body = { position: 0, value: 'b-2.txt' };
    const { event } = await call<{ event: { id: number; into_id: number } }>(
      'POST',
      `/templates/${whole}/split`,
      body,
    );
    part = event.into_id;
    event_id = event.id;
  });

  test('counts the lines that were split off on their own, and makes no news of them', async () => {
    const before = await counted(whole);
    own += await pass(5);
    expect(await counted(part)).toBe(own);
    expect(await templateOf(PART)).toMatchObject({ split_of: whole, count: own });
    expect(await counted(whole)).toBeGreaterThan(before);
    await expectNoNews();
  });

  test('gives the lines back when the split is undone at once, and splits them again', async () => {
    const undo_id = await undo(event_id);
    await pass(5);
    expect(await counted(part)).toBe(own);
    await undo(undo_id);
    own += await pass(5);
    expect(await counted(part)).toBe(own);
    await expectNoNews();
  });

  test('goes on the same in a process that starts anew, and is known with its own history after an hour', async () => {
    await stop();
    await start();
    own += await pass(60);
    expect(await counted(part)).toBe(own);
    expect(await templateOf(PART)).toMatchObject({ split_of: whole, count: own });
    await expectNoNews();
    const { items } = await call<{ items: object[] }>('GET', '/services');
    expect(items).toMatchObject([{ state: 'ready', window_count: minute - 1 }]);

    without_own = true;
    await pass(2);
    without_own = false;
    const [silent] = await windows(minute - 2);
    const { templates } = await call<Explanation>('GET', `/windows/${silent!.id}/explanation`);
    const missed = templates.find(({ pattern }) => pattern === PART);
    expect(missed).toMatchObject({ feature: 'expected_absent', count: 0 });
    expect(missed?.expected).toBeGreaterThan(4);
    expect(missed?.expected).toBeLessThan(8);
  });

  test('is one template again when it is undone later', async () => {
    await undo(event_id);
    const before = await counted(whole);
    const again = await pass(5);
    expect(await counted(part)).toBe(own);
    expect(await counted(whole)).toBeGreaterThan(before + again);
    await expectNoNews();
  });

  test('hides nothing: what is really new opens an anomaly, which names that alone', async () => {
    await pass(2, (at) =>
      Array.from({ length: 30 }, (_, i) => ({
        timestamp: FROM + at * MINUTE + i * 1000,
        severity: 'error',
        message: `disk sda1 failed: sector ${i}`,
      })),
    );
    const [anomaly, ...others] = await anomalies();
    expect(others).toEqual([]);
    const { explanation } = await call<Anomaly>('GET', `/anomalies/${anomaly!.id}`);
    expect(explanation.templates.map(({ pattern }) => pattern)).toEqual(['disk sda1 failed: sector <NUM>']);
  });
});

describe('a service that also has lines in a cluster which hangs', () => {
  const failures = (at: number, what: string): Line[] =>
    Array.from({ length: 30 }, (_, i) => ({
      timestamp: FROM + at * MINUTE + i * 1000,
      severity: 'error',
      message: `${what} failed: code ${i}`,
    }));
  const lateAnomaly = async () => {
    const { items } = await call<{ items: Anomaly[] }>('GET', '/anomalies');
    const explained = await Promise.all(items.map(({ id }) => call<Anomaly>('GET', `/anomalies/${id}`)));
    return explained.find(({ explanation }) =>
      explanation.templates.some(({ pattern }) => pattern.startsWith('door')),
    )!;
  };
  async function comeLate(lines: Line[]): Promise<void> {
    await parts.ingest({
      tenant: { tenant_id: db.tenant_id, tenant_slug: 'acme' },
      log_source_name: 'disk',
      records: lines.map((line) => ({ ...line, service: 'disk' })),
      idempotency: null,
      received_at: FROM + minute * MINUTE,
    });
    await pass(1);
  }
  const newest = async () => call<Anomaly>('GET', `/anomalies/${(await anomalies())[0]!.id}`);
  const count = async (table: string) =>
    (await db.owner.query<{ count: string }>(`select count(*) from ${table}`)).rows[0]!.count;

  beforeAll(async () => {
    // Anomalies so far are over.
    await pass(5);
    await db.owner.query(
      `with made as (insert into log_sources (id, tenant_id, name, source_type, connection_config)
         values (gen_random_uuid(), $1, 'cluster', 'elasticsearch', '{"index": "app-1"}') returning id)
       insert into log_source_services (tenant_id, log_source_id, service_id) select $1, id, $2 from made`,
      [db.tenant_id, idOf()],
    );
  });

  test('is judged all the same: the anomaly has its score, its own lines, and says what is missing', async () => {
    await pass(2, (at) => failures(at, 'fan tray'));
    const { explanation, started_at } = await newest();
    expect(explanation.templates[0]?.pattern).toBe('fan tray failed: code <NUM>');
    const sum = explanation.shap_values.reduce((total, { shap_value }) => total + shap_value, 0);
    expect(explanation.base + sum).toBeCloseTo(explanation.score, 6);
    expect(explanation.sample_lines.map(({ message }) => message)).toContain('fan tray failed: code 0');
    expect(explanation.lines_before).toHaveLength(5);
    for (const { timestamp } of explanation.lines_before) expect(timestamp < started_at).toBe(true);
    expect(explanation.unread_sources).toMatchObject([
      { log_source: 'cluster', reason: 'It did not answer within 5 s.' },
    ]);
  });

  test('late lines open an anomaly before any line of it is read: no transaction waits for a cluster', async () => {
    await pass(15);
    await stop();
    await start();
    const before = Number(await count('anomalies'));
    await comeLate(failures(minute - 10, 'door'));
    let isDone = false;
    const revised = pipeline.revise({ tenant_id: db.tenant_id }).finally(() => (isDone = true));
    await expect.poll(() => count('anomalies'), { timeout: 15_000, interval: 50 }).toBe(String(before + 1));
    expect({ due: await count('dirty_windows'), isDone }).toEqual({ due: '0', isDone: false });
    expect((await revised).events).toBeGreaterThan(0);
    const opened = await lateAnomaly();
    expect(opened.explanation.sample_lines.map(({ message }) => message)).toContain('door failed: code 0');
    expect(opened.explanation.unread_sources).toHaveLength(1);
  });

  test('late lines that raise an anomaly leave it the lines that it has, until others are read', async () => {
    const opened = await lateAnomaly();
    // A new process does not know yet that the cluster hangs.
    await stop();
    await start();
    // No lines can raise the highest score there is.
    await db.owner.query('update anomalies set score = 80 where id = $1', [opened.id]);
    const latest = new Date(opened.started_at).getTime();
    const fatal = Array.from({ length: 100 }, (_, i) => ({
      timestamp: latest + i * 100,
      severity: 'fatal',
      message: `door ${i} is on fire`,
    }));
    await comeLate(fatal);
    let isDone = false;
    const revised = pipeline.revise({ tenant_id: db.tenant_id }).finally(() => (isDone = true));
    await expect
      .poll(async () => (await lateAnomaly()).score, { timeout: 15_000, interval: 50 })
      .toBeGreaterThan(80);
    const { explanation } = await lateAnomaly();
    expect({ isDone, lines: explanation.sample_lines }).toEqual({
      isDone: false,
      lines: opened.explanation.sample_lines,
    });
    await revised;
    expect((await lateAnomaly()).explanation.sample_lines).not.toEqual(opened.explanation.sample_lines);
  });

  test('lines around a moment of an anomaly can be read, and no others', async () => {
    await db.owner.query(`update log_sources set is_enabled = false where name = 'cluster'`);
    const anomaly = await newest();
    const path = `/anomalies/${anomaly.id}/lines`;
    const lines = await call<{ at: string; before: { timestamp: string }[]; after: { timestamp: string }[] }>(
      'GET',
      `${path}?before=3&after=4`,
    );
    expect(lines).toMatchObject({ at: anomaly.started_at, unread_sources: [] });
    expect([lines.before.length, lines.after.length]).toEqual([3, 4]);
    expect(lines.before.every(({ timestamp }) => timestamp < lines.at)).toBe(true);
    expect(lines.after[0]?.timestamp).toBe(lines.at);
    const headers = { authorization: `Bearer ${api_key}` };
    const refused = async (url: string) =>
      (await app.inject({ url: `/api/v1${url}`, headers })).json<object>();
    expect(await refused(`${path}?at=${FROM}`)).toMatchObject({ code: 'invalid_request', field: 'at' });
    expect(await refused(`${path}?at=noon`)).toMatchObject({ code: 'invalid_request', field: 'at' });
    expect(await refused(`${path}?before=100000`)).toMatchObject({ status: 400 });
    expect(await refused(`/anomalies/${idOf()}/lines`)).toMatchObject({ code: 'not_found' });
    const other = await bootstrapTenant({ owner_url: db.owner_url, slug: 'other', name: 'Other' });
    const reply = await app.inject({
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${other.api_key}` },
    });
    expect(reply.json()).toMatchObject({ code: 'not_found' });
  });
});
