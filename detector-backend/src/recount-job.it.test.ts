import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { DEFAULT_INGEST_LIMITS } from './ingest/ingest-limits.ts';
import { ingestStep } from './ingest/ingest-step.ts';
import type { LogStore } from './logstore/log-store.ts';
import { createPostgresLogStore } from './logstore/postgres-log-store.ts';
import { AppError } from './platform/errors.ts';
import { createMetrics } from './platform/metrics.ts';
import { readJob, recountJob, type ReadJobDeps } from './read-job.ts';
import { dueRecounts } from './reading/due-slices.ts';
import { deleteSlicesBefore } from './reading/slice-repository.ts';
import { createTemplateMiner } from './templates/template-miner.ts';

let db: TestDatabase;
let log_store: LogStore;
let ingest: ReturnType<typeof ingestStep>;
let received_at: number;

beforeAll(async () => {
  db = await createTestDatabase();
  log_store = createPostgresLogStore({ database: db.database });
  const metrics = createMetrics({ process_metrics: false });
  ingest = ingestStep({ database: db.database, log_store, metrics, limits: DEFAULT_INGEST_LIMITS });
  received_at = Date.now() - 60_000;
});
afterAll(() => db.close());

const deps = (store: LogStore = log_store): ReadJobDeps => ({
  database: db.database,
  log_store: store,
  miner: createTemplateMiner({ database: db.database }),
  wallNow: Date.now,
});

/** Lines that came in a minute before this file began, however late they become visible. */
async function push(log_source_name: string, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, place) => ({
    message: `order ${place} placed`,
    service: log_source_name,
    timestamp: received_at - place,
  }));
  const tenant = { tenant_id: db.tenant_id, tenant_slug: 'acme' };
  await ingest({ tenant, log_source_name, records, idempotency: null, received_at });
}

/** A source that was read until now. */
async function readSource(name: string): Promise<string> {
  await push(name, 10);
  const { rows } = await db.owner.query<{ id: string }>('select id from log_sources where name = $1', [name]);
  const log_source_id = rows[0]?.id ?? '';
  const read = readJob(deps());
  while ((await read({ tenant_id: db.tenant_id, log_source_id })).more !== null);
  return log_source_id;
}

/** Time passes for the ledger: all that happened to the slices of a source is so much longer ago. */
const pass = (log_source_id: string, seconds: number) =>
  db.owner.query(
    `update slices set completed_at = completed_at - make_interval(secs => $2),
       recount_at = recount_at - make_interval(secs => $2), lease_until = lease_until - make_interval(secs => $2)
     where log_source_id = $1`,
    [log_source_id, seconds],
  );

const dueOf = async (log_source_id: string) =>
  (await dueRecounts(db.database)).filter((slice) => slice.log_source_id === log_source_id);

/** What the sweep and the queue do, until nothing of the source is due. */
async function recountAllDue(log_source_id: string, store?: LogStore): Promise<number> {
  const recount = recountJob(deps(store));
  for (let runs = 0; runs < 50;) {
    const due = await dueOf(log_source_id);
    if (due.length === 0) return runs;
    for (const slice of due) {
      await recount(slice).catch(() => undefined);
      runs += 1;
    }
  }
  throw new Error('Re-counts stay due');
}

async function sourceOf(id: string) {
  const { rows } = await db.owner.query<Record<string, string | null>>(
    `select ls.*, (select sum(lines) from tiles where log_source_id = ls.id) as counted from log_sources ls where id = $1`,
    [id],
  );
  const { counted, lines_read, lines_late, recounts_missed, last_error } = rows[0] ?? {};
  return {
    counted: Number(counted),
    lines_read: Number(lines_read),
    lines_late: Number(lines_late),
    recounts_missed: Number(recounts_missed),
    last_error,
  };
}

const away: () => Promise<never> = () =>
  Promise.reject(new AppError('log_store_unavailable', 'The cluster is away.'));

test('a line that becomes visible before the re-count after 2 min, 15 min or 2 h is counted once; one after them is not', async () => {
  const id = await readSource('late');
  expect(await dueOf(id)).toEqual([]);
  let now = 0;
  let lines = 10;
  for (const after of [120, 900, 7200]) {
    await push('late', 1);
    lines += 1;
    await pass(id, after - 30 - now);
    expect(await dueOf(id), `${after - 30} s after the reading`).toEqual([]);
    await pass(id, 35);
    now = after + 5;
    expect(await recountAllDue(id), `${now} s after the reading`).toBeGreaterThan(1);
    expect(await sourceOf(id)).toMatchObject({ counted: lines, lines_read: lines, lines_late: lines - 10 });
  }
  await push('late', 1);
  await pass(id, 100_000);
  expect(await dueOf(id)).toEqual([]);
  expect(await sourceOf(id)).toMatchObject({ counted: 13, recounts_missed: 0 });
});

test('a re-count that comes twice does not use up the next one', async () => {
  const id = await readSource('twice');
  await pass(id, 121);
  const due = await dueOf(id);
  for (let run = 0; run < 4; run += 1) for (const slice of due) await recountJob(deps())(slice);
  await push('twice', 1);
  await pass(id, 900 - 121 + 1);
  await recountAllDue(id);
  expect((await sourceOf(id)).counted).toBe(11);
});

test('a re-count that fails waits longer each time, is made in the end, and says nothing about the source', async () => {
  const id = await readSource('failing');
  await push('failing', 1);
  await pass(id, 121);
  const hanging = { ...log_store, countSlice: away };
  const unreadable = {
    ...log_store,
    async *readSlice() {
      await away();
    },
  } as LogStore;
  const failures: [LogStore, seconds: number][] = [
    [hanging, 30],
    [unreadable, 51],
  ];
  for (const [store, seconds] of failures) {
    expect(await recountAllDue(id, store)).toBeGreaterThan(0);
    await pass(id, seconds - 20);
    expect(await dueOf(id)).toEqual([]);
    await pass(id, 40);
    expect(await dueOf(id)).not.toEqual([]);
  }
  // By now it is late by two minutes, and waits for another two.
  await recountAllDue(id, hanging);
  await pass(id, 100);
  expect(await dueOf(id)).toEqual([]);
  expect(await sourceOf(id)).toMatchObject({ last_error: null, counted: 10 });
  await pass(id, 60);
  await recountAllDue(id);
  expect(await sourceOf(id)).toMatchObject({ counted: 11, lines_late: 1 });
});

test('a store that counts more than it gives is asked again after a while, not at once', async () => {
  const id = await readSource('odd');
  await pass(id, 121);
  const odd: LogStore = {
    ...log_store,
    countSlice: async (range) => (await log_store.countSlice(range)) + 1,
  };
  expect(await recountAllDue(id, odd)).toBeLessThan(10);
  await pass(id, 31);
  expect(await dueOf(id)).not.toEqual([]);
});

test('due re-counts of one source leave room for those of others; those of an unreadable or disabled one wait', async () => {
  const [many, one] = [await readSource('many'), await readSource('one')];
  // As an hour of slices that could not be re-counted.
  await db.owner.query(
    `insert into slices (tenant_id, log_source_id, slice_start, slice_end, state, fencing_token, completed_at, recount_at)
     select $1, $2, start, start + interval '5 seconds', 'done', 1, start, start + interval '2 minutes'
     from generate_series(now() - interval '3 hours', now() - interval '2 hours', interval '5 seconds') start`,
    [db.tenant_id, many],
  );
  await pass(one, 121);
  const found = await dueRecounts(db.database);
  expect(found.filter(({ log_source_id }) => log_source_id === one)).not.toEqual([]);
  expect((await dueOf(many)).length).toBeLessThanOrEqual(10);

  const set = (change: string) => db.owner.query(`update log_sources set ${change} where id = $1`, [many]);
  await set('is_enabled = false');
  expect(await dueOf(many)).toEqual([]);
  const [slice] = found.filter(({ log_source_id }) => log_source_id === many);
  await recountJob(deps())(slice!);
  await set(`is_enabled = true, last_error_at = now()`);
  expect(await dueOf(many)).toEqual([]);
  await set('last_error_at = null');
  expect(await dueOf(many)).toContainEqual(slice);

  await db.database.withTenant(db.tenant_id, (client) => deleteSlicesBefore(client, Date.now() - 9_000_000));
  const { recounts_missed } = await sourceOf(many);
  expect(recounts_missed).toBeGreaterThan(300);
  expect(recounts_missed).toBeLessThan(400);
});
