import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createHttpServer } from '../platform/http/http-server.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { logRetentionRoutes } from './log-retention-routes.ts';

let db: TestDatabase;
let api: Awaited<ReturnType<typeof createHttpServer>>;
let other: string;

beforeAll(async () => {
  db = await createTestDatabase();
  const { rows } = await db.owner.query<{ id: string }>(
    "insert into tenants (slug, name, log_retention_days) values ('other', 'Other', 30) returning id",
  );
  other = rows[0]?.id ?? '';
  api = await createHttpServer({
    config: { body_limit_bytes: 100_000, requests_per_minute: 100_000 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  api.addHook('onRequest', async (request) => {
    const tenant_id = request.headers['x-tenant'] === 'other' ? other : db.tenant_id;
    const who = { tenant_slug: 'acme', actor: 'user:ann', permissions: ['*'], user_id: null, key_id: null };
    request.identity = { tenant_id, ...who };
  });
  await api.register(logRetentionRoutes({ database: db.database, config: { log_retention_days: 7 } }));
});
afterAll(async () => {
  await api.close();
  await db.close();
});

const get = async (tenant = 'acme') =>
  (await api.inject({ url: '/log-retention', headers: { 'x-tenant': tenant } })).json<object>();
const put = (payload: object) => api.inject({ method: 'PUT', url: '/log-retention', payload });

it('shows the term of the installation until the tenant has its own, and is a matter of this tenant alone', async () => {
  expect(await get()).toEqual({ log_retention_days: null, default_log_retention_days: 7 });
  expect((await put({ log_retention_days: 14 })).json()).toEqual({
    log_retention_days: 14,
    default_log_retention_days: 7,
  });
  expect(await get()).toMatchObject({ log_retention_days: 14 });
  expect(await get('other')).toMatchObject({ log_retention_days: 30 });
});

it('traces who changed it from what to what; setting the same again leaves no trace', async () => {
  await put({ log_retention_days: 14 });
  await put({ log_retention_days: null });
  const { rows } = await db.owner.query(
    'select actor, action, details from audit_logs where tenant_id = $1 order by id',
    [db.tenant_id],
  );
  const change = (before: number | null, after: number | null) => ({
    actor: 'user:ann',
    action: 'log_retention.update',
    details: { before: { log_retention_days: before }, after: { log_retention_days: after } },
  });
  expect(rows).toEqual([change(null, 14), change(14, null)]);
});

it.each([
  [{ log_retention_days: 0 }, 'log_retention_days', />= 1/],
  [{ log_retention_days: 91 }, 'log_retention_days', /<= 90/],
  [{ log_retention_days: 7.5 }, 'log_retention_days', /integer/],
  [{ log_retention_days: '7' }, 'log_retention_days', /integer/],
  [{}, 'log_retention_days', /log_retention_days/],
  [{ log_retention_days: 7, days: 7 }, 'days', /./],
])('refuses %j and names the field', async (payload, field, detail) => {
  const response = await put(payload);
  expect(response.statusCode).toBe(400);
  const problem = response.json<{ code: string; field: string; detail: string }>();
  expect(problem).toMatchObject({ code: 'invalid_request', field });
  expect(problem.detail).toMatch(detail);
  expect(await get()).toMatchObject({ log_retention_days: null });
});
