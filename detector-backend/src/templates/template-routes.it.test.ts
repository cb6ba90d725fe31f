import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createHttpServer } from '../platform/http/http-server.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createTemplateMiner } from './template-miner.ts';
import { templateRoutes } from './template-routes.ts';

let db: TestDatabase;
let app: FastifyInstance;
let log_source_id: string;
const service_id = randomUUID();
const permissions = ['templates:read'];

async function mineMore(messages: string[], from = 60_000, max_templates = 5000): Promise<void> {
  const key = { tenant_id: db.tenant_id, log_source_id };
  const lines = messages.map((message, i) => {
    return {
      event_id: randomUUID(),
      timestamp: 1_767_571_200_000 + from + i,
      service_id,
      severity: 'info' as const,
      message,
      release: '1.4.2',
    };
  });
  const miner = createTemplateMiner({ database: db.database, max_templates });
  await miner.mine({ ...key, lines });
  await db.database.withTenant(key.tenant_id, (client) =>
    miner.save(client, key.tenant_id, key.log_source_id),
  );
}

beforeAll(async () => {
  db = await createTestDatabase();
  await db.owner.query("insert into services (id, tenant_id, name, slug) values ($1, $2, 'cart', 'cart')", [
    service_id,
    db.tenant_id,
  ]);
  const { rows } = await db.owner.query<{ id: string }>(
    "insert into log_sources (tenant_id, name, source_type) values ($1, 'push', 'push') returning id",
    [db.tenant_id],
  );
  log_source_id = rows[0]?.id ?? '';
  await mineMore(['order 7 paid', 'cart opened', 'payment refused'], 0);
  app = await createHttpServer({
    config: { body_limit_bytes: 1000, requests_per_minute: 1000 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  app.addHook('onRequest', async (request) => {
    request.identity = {
      tenant_id: db.tenant_id,
      tenant_slug: 'acme',
      actor: 'key:test',
      permissions,
      user_id: null,
      key_id: null,
    };
  });
  await app.register(templateRoutes({ database: db.database }));
});
afterAll(async () => {
  await app.close();
  await db.close();
});

const get = async (url: string) => {
  const response = await app.inject({ url });
  return {
    status: response.statusCode,
    body: response.json<Record<string, unknown> & { items: { id: number; pattern: string }[] }>(),
  };
};

it('lists templates newest first, page by page', async () => {
  const first = await get(`/templates?service_id=${service_id}&limit=2`);
  expect(first.body.items.map((item) => item.pattern)).toEqual(['payment refused', 'cart opened']);
  const second = await get(`/templates?limit=2&cursor=${String(first.body.next_cursor)}`);
  expect(second.body).toMatchObject({
    items: [{ pattern: 'order <NUM> paid', count: 1 }],
    next_cursor: null,
  });
});

it('searches, and shows one template', async () => {
  const { body } = await get('/templates?q=ORDER%207');
  expect(body.items).toHaveLength(1);
  const id = body.items[0]?.id ?? 0;
  expect(await get(`/templates/${id}`)).toMatchObject({
    status: 200,
    body: {
      id,
      service_id,
      first_seen_at: '2026-01-05T00:00:00.000Z',
      example: 'order 7 paid',
      first_release: '1.4.2',
      parameters: [
        {
          position: 0,
          kind: 'NUM',
          lines: 1,
          values: ['7'],
          numbers: { min: 7, p50: 7, max: 7, unit: null },
        },
      ],
    },
  });
});

it('says what a template resembles', async () => {
  const { body } = await get('/templates?q=payment');
  const id = body.items[0]?.id ?? 0;
  await mineMore(['payments refused today', 'disk is full']);
  const similar = await get(`/templates/${id}/similar?limit=1`);
  expect(similar.body.items).toMatchObject([{ template: { pattern: 'payments refused today' } }]);
  const found = (await get('/templates?q=today')).body.items[0]?.id ?? 0;
  const { resembles } = (await get(`/templates/${found}`)).body;
  expect(resembles).toMatchObject([{ template: { pattern: 'payment refused' } }]);
  expect((await get(`/templates/${id}`)).body.resembles).toEqual([]);
  expect((await get('/templates/12/similar')).status).toBe(404);
});

it('shows templates that were merged as one, with the lines of all, under each of their ids', async () => {
  const users = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'];
  await mineMore(['user hal logged in', ...users.map((user) => `user ${user} logged in`)], 120_000);
  const before = (await get('/templates?q=logged')).body.items;
  expect(before).toHaveLength(8);
  await mineMore(['user ivy logged in', 'user joe logged in'], 180_000);
  const all = {
    pattern: 'user <*> logged in',
    count: 11,
    severity_counts: { info: 11 },
    first_seen_at: '2026-01-05T00:02:00.000Z',
    last_seen_at: '2026-01-05T00:03:00.001Z',
  };
  // Also found by a word that only a line of another one held.
  for (const q of ['logged', 'gus%20logged']) {
    const { items } = (await get(`/templates?q=${q}`)).body;
    expect(items).toMatchObject([all]);
  }
  const listed = (await get('/templates?q=logged')).body.items[0];
  for (const { id } of before) expect((await get(`/templates/${id}`)).body).toMatchObject({ ...listed });
  expect((await get('/templates?limit=500')).body.items.map(({ pattern }) => pattern)).toContainEqual(
    all.pattern,
  );
  const patterns = (await get('/templates?limit=500')).body.items.map(({ pattern }) => pattern);
  expect(patterns.filter((pattern) => pattern === all.pattern)).toHaveLength(1);
  const similar = (await get(`/templates/${listed?.id ?? 0}/similar?limit=50`)).body.items as unknown as {
    template: { pattern: string };
  }[];
  expect(similar.filter(({ template }) => template.pattern === all.pattern)).toEqual([]);
});

it('shows what was evicted', async () => {
  const url = `/templates?service_id=${service_id}`;
  expect((await get(url)).body).toMatchObject({ evicted_templates: 0 });
  const { items } = (await get('/templates?q=full')).body;
  await mineMore(['order 8 paid', 'cart opened', 'something else'], 240_000, 4);
  const { evicted_templates } = (await get(url)).body;
  const evicted = (await get(`${url}&status=evicted&limit=500`)).body.items;
  expect(evicted).toHaveLength(evicted_templates as number);
  expect(evicted).toContainEqual({ ...items[0], status: 'evicted' });
  expect((await get(`/templates/${items[0]?.id}`)).body).toMatchObject({ status: 'evicted' });
  expect((await get('/templates?status=lost')).status).toBe(400);
});

it('refuses what it can not read', async () => {
  for (const url of [
    '/templates?limit=0',
    '/templates?cursor=x',
    '/templates?service_id=7',
    '/templates/abc',
  ]) {
    expect((await get(url)).status).toBe(400);
  }
  expect((await get('/templates/12')).status).toBe(404);
});
