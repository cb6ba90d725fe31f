import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { DEFAULT_INGEST_LIMITS } from './ingest/ingest-limits.ts';
import { ingestStep } from './ingest/ingest-step.ts';
import { serviceId } from './ingest/service-identity.ts';
import type { LogStore } from './logstore/log-store.ts';
import { createPostgresLogStore } from './logstore/postgres-log-store.ts';
import { AppError } from './platform/errors.ts';
import { createMetrics } from './platform/metrics.ts';
import { readJob, recountJob, type ReadJobDeps } from './read-job.ts';
import { splitSource } from './reading/shard-repository.ts';
import { createTemplateMiner } from './templates/template-miner.ts';
import { loadProgress } from './windows/baseline-repository.ts';
import { isBlind } from './windows/service-state.ts';

const MINUTE = 60_000;
let db: TestDatabase;
let log_store: LogStore;
let ingest: ReturnType<typeof ingestStep>;

beforeAll(async () => {
  db = await createTestDatabase();
  log_store = createPostgresLogStore({ database: db.database });
  const metrics = createMetrics({ process_metrics: false });
  ingest = ingestStep({ database: db.database, log_store, metrics, limits: DEFAULT_INGEST_LIMITS });
});
afterAll(() => db.close());

/** Lines that came in at `ago_ms` before now, one every ten milliseconds of the ten seconds before that. */
async function push(name: string, service: string, count: number, ago_ms = MINUTE): Promise<void> {
  const received_at = Date.now() - ago_ms;
  const records = Array.from({ length: count }, (_, i) => ({
    message: `order ${i} took ${i % 90} ms`,
    service,
    severity: i % 10 === 0 ? 'error' : 'info',
    timestamp: received_at - (i % 1000) * 10,
  }));
  const tenant = { tenant_id: db.tenant_id, tenant_slug: 'acme' };
  const result = await ingest({ tenant, log_source_name: name, records, idempotency: null, received_at });
  expect(result.accepted).toBe(count);
}

const rowsOf = async <T extends object>(text: string, values: unknown[]): Promise<T[]> =>
  db.database.withTenant(db.tenant_id, async (client) => (await client.query<T>(text, values)).rows);

async function sourceOf(name: string): Promise<Record<string, unknown> & { id: string }> {
  return (await rowsOf('select * from log_sources where name = $1', [name]))[0] as never;
}
const deps = (values: Partial<ReadJobDeps> = {}): ReadJobDeps => ({
  database: db.database,
  log_store,
  miner: createTemplateMiner({ database: db.database }),
  wallNow: Date.now,
  ...values,
});
async function readAll(log_source_id: string, values: Partial<ReadJobDeps> = {}): Promise<void> {
  const read = readJob(deps(values));
  while ((await read({ tenant_id: db.tenant_id, log_source_id })).more !== null);
}
async function countedLines(service: string): Promise<number> {
  const rows = await rowsOf<{ lines: number }>(
    'select coalesce(sum(lines), 0)::integer as lines from tiles where service_id = $1',
    [serviceId(db.tenant_id, service, 'default')],
  );
  return rows[0]!.lines;
}

test('a source that is added with a backfill starts there, not at its first line', async () => {
  await push('old', 'archive', 10, 5 * 60 * MINUTE);
  await push('old', 'archive', 20, 30 * MINUTE);
  await db.owner.query(`update log_sources set backfill_hours = 1 where name = 'old'`);
  const { id } = await sourceOf('old');
  await readAll(id);
  expect(await countedLines('archive')).toBe(20);
  const { read_from, first_read_at, lines_read } = await sourceOf('old');
  expect(Date.now() - (read_from as number)).toBeLessThan(61 * MINUTE);
  expect({ lines_read, is_begun: first_read_at !== null }).toEqual({ lines_read: 20, is_begun: true });
});

test('a slice with too many lines is counted whole and mined in part, and says so', async () => {
  await push('flood', 'gateway', 6000);
  await push('flood', 'checkout', 60);
  const { id } = await sourceOf('flood');
  await readAll(id, { max_lines: 2000, sample_lines: 1000 });
  expect([await countedLines('gateway'), await countedLines('checkout')]).toEqual([6000, 60]);
  const { lines_read, lines_unmined } = await sourceOf('flood');
  expect(lines_read).toBe(6060);
  expect(lines_unmined).toBeGreaterThan(4000);
  expect(lines_unmined).toBeLessThan(6000);
  const rows = await rowsOf<{ errors: number }>(
    `select sum(count)::integer as errors from tiles, unnest(template_counts, template_severities) as t (count, severity)
     where service_id = $1 and severity >= 5`,
    [serviceId(db.tenant_id, 'gateway', 'default')],
  );
  // One template has the errors and the other lines: what counts them is the severity of the template.
  expect(rows[0]!.errors).toBeGreaterThanOrEqual(600);
});

test('a dense backlog is cut into slices that are small enough, where the grid allows it', async () => {
  for (let second = 50; second > 0; second -= 1) await push('dense', 'search', 100, MINUTE + second * 1000);
  const { id } = await sourceOf('dense');
  await readAll(id, { max_lines: 600, sample_lines: 100 });
  expect(await countedLines('search')).toBe(5000);
  expect((await sourceOf('dense')).lines_unmined).toBe(0);
  const rows = await rowsOf<{ most: number }>(
    'select max(lines)::integer as most from slices where log_source_id = $1',
    [id],
  );
  expect(rows[0]!.most).toBeLessThanOrEqual(600);
});

test('services that are split off are read by their shard from then on, and every line is counted once', async () => {
  const ids = (services: string[]) => services.map((service) => serviceId(db.tenant_id, service, 'default'));
  await push('split', 'cart', 100, 3 * MINUTE);
  await push('split', 'stock', 100, 3 * MINUTE);
  const parent = await sourceOf('split');
  await readAll(parent.id);
  await push('split', 'stock', 5, 3 * MINUTE);
  const split = (service_ids: string[], log_source_id = parent.id) =>
    db.database.withTenant(db.tenant_id, (client) =>
      splitSource(client, { tenant_id: db.tenant_id, log_source_id, service_ids }),
    );
  const shard = await split(ids(['stock']));
  expect(shard).toMatchObject({ name: 'split/1', shard_of: parent.id, service_ids: ids(['stock']) });
  await expect(split(ids(['stock']))).rejects.toMatchObject({ code: 'conflict', field: 'service_ids' });
  await expect(split(ids(['cart']), shard.id)).rejects.toMatchObject({ code: 'conflict' });
  await expect(split(ids(['nobody']))).rejects.toMatchObject({ code: 'not_found' });

  await push('split', 'cart', 30, -MINUTE / 3);
  await push('split', 'stock', 40, -MINUTE / 3);
  // As if a minute had passed.
  const later = () => Date.now() + MINUTE;
  await readAll(parent.id, { wallNow: later });
  await readAll(shard.id, { wallNow: later });
  // Late lines of stock came before the split: the old slice of the parent still counts them, and nobody else does.
  const recount = recountJob(deps());
  const rows = await rowsOf<{ slice_start: number }>(
    'select slice_start from slices where log_source_id = $1 order by slice_start',
    [parent.id],
  );
  for (const { slice_start } of rows) {
    await recount({ tenant_id: db.tenant_id, log_source_id: parent.id, slice_start });
  }
  expect([await countedLines('cart'), await countedLines('stock')]).toEqual([130, 145]);
  expect((await sourceOf('split/1')).lines_read).toBe(40);
  expect(await sourceOf('split')).toMatchObject({ lines_read: 235, lines_late: 5, slices_reread: 1 });
});

test('a split while the reader asks the store for the next slice counts no line twice', async () => {
  await push('raced', 'bread', 100, 3 * MINUTE);
  await push('raced', 'butter', 100, 3 * MINUTE);
  const { id: log_source_id } = await sourceOf('raced');
  await readAll(log_source_id);
  await push('raced', 'bread', 30, -MINUTE / 3);
  await push('raced', 'butter', 40, -MINUTE / 3);
  const { tenant_id } = db;
  const service_ids = [serviceId(tenant_id, 'butter', 'default')];
  let is_split = false;
  const meanwhile: LogStore = {
    ...log_store,
    async firstIngestedAt(...asked) {
      if (!is_split)
        await db.database.withTenant(tenant_id, (client) =>
          splitSource(client, { tenant_id, log_source_id, service_ids }),
        );
      is_split = true;
      return log_store.firstIngestedAt(...asked);
    },
  };
  // As if a minute had passed.
  const wallNow = () => Date.now() + MINUTE;
  await readAll(log_source_id, { log_store: meanwhile, wallNow });
  await readAll((await sourceOf('raced/1')).id, { wallNow });
  expect([await countedLines('bread'), await countedLines('butter')]).toEqual([130, 140]);
});

test('windows of an outage are blind, and those until its lines have come', async () => {
  await push('away', 'payment', 50, 3 * MINUTE);
  const { id } = await sourceOf('away');
  await readAll(id);
  const cursor = (await sourceOf('away')).cursor_at as number;
  const down: LogStore = {
    ...log_store,
    firstIngestedAt: () => Promise.reject(new AppError('log_store_unavailable', 'The cluster is away.')),
  };
  const later = () => Date.now() + 10_000;
  const failing = readJob(deps({ log_store: down, wallNow: later }));
  await expect(failing({ tenant_id: db.tenant_id, log_source_id: id })).rejects.toThrow('away');
  expect(await sourceOf('away')).toMatchObject({ last_error: 'The cluster is away.', blind_since: null });
  await db.owner.query(`update log_sources set last_error_at = now() - interval '40 seconds' where id = $1`, [
    id,
  ]);
  await expect(failing({ tenant_id: db.tenant_id, log_source_id: id })).rejects.toThrow('away');
  expect((await sourceOf('away')).blind_since).not.toBeNull();

  await readAll(id, { wallNow: later });
  expect(await sourceOf('away')).toMatchObject({ last_error: null, blind_since: null });
  const progress = await db.database.withTenant(db.tenant_id, (client) => loadProgress(client));
  const payment = progress.find(({ service }) => service === 'payment')!;
  expect(payment.is_blind).toBe(false);
  const at = (ms: number) => isBlind(payment, ms, ms + MINUTE);
  const now = Date.now();
  const from = Math.min(cursor, now - 40_000);
  expect(at(from - 2 * MINUTE)).toBe(false);
  expect([at(from - 30_000), at(now - 20_000), at(now + 50_000)]).toEqual([true, true, true]);
  expect(at(now + 2 * MINUTE)).toBe(false);
});
