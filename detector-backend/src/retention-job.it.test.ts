import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { fillTenantTables } from '../test/tenant-rows.ts';
import type { LogStore } from './logstore/log-store.ts';
import { createPostgresLogStore } from './logstore/postgres-log-store.ts';
import { scriptedEngine } from './logstore/scripted-engine-fixture.ts';
import { createSearchLogStore } from './logstore/search-log-store.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { retentionJob } from './retention-job.ts';

const TABLES = ['embedded_logs', 'tiles', 'feature_windows'] as const;
const WALL = Date.parse('2026-11-24');

/** A database, and a job with what it logs and counts. */
function stageFor(db: TestDatabase) {
  const said: {
    msg: string;
    part?: string;
    tenant_id?: string;
    reason?: string;
    err?: { message: string };
  }[] = [];
  const destination = { write: (line: string) => void said.push(JSON.parse(line) as (typeof said)[number]) };
  const metrics = createMetrics({ process_metrics: false });
  const jobOn = (log_store: LogStore) => {
    const logger = createLogger({ level: 'info' }, destination);
    const retention = { log_days: 7, window_days: 30 };
    const run = retentionJob({ database: db.database, log_store, logger, metrics, retention });
    return (wall_now = WALL) => run({ wall_now });
  };
  const count = async (table: string, tenant_id: string): Promise<number> => {
    const sql = `select count(*)::integer as n from ${table} where tenant_id = $1`;
    return (await db.owner.query<{ n: number }>(sql, [tenant_id])).rows[0]?.n ?? NaN;
  };
  const left = async (tenant_id: string) => Promise.all(TABLES.map((table) => count(table, tenant_id)));
  const failures = async () => {
    const found = await metrics.registry.getSingleMetric('seismolog_retention_failures_total')?.get();
    return found?.values.map(({ labels, value }) => [labels['part'], labels['tenant_id'], value]);
  };
  /** Sets the clock of a tenant's sources, in log time; null: it never moved. */
  const clock = (tenant_id: string, at: string | null) =>
    db.owner.query(
      "update log_sources set clock_mode = 'log', source_type = 'replay', clock_at = $2, updated_at = now() where tenant_id = $1",
      [tenant_id, at],
    );
  return { said, jobOn, left, failures, clock };
}

async function addTenant(db: TestDatabase, slug: string, term: number | null): Promise<string> {
  const { rows } = await db.owner.query<{ id: string }>(
    'insert into tenants (slug, name, log_retention_days) values ($1, $1, $2) returning id',
    [slug, term],
  );
  return rows[0]?.id ?? '';
}

async function addLine(db: TestDatabase, tenant_id: string, timestamp: string): Promise<void> {
  await db.owner.query(`select ensure_day_partitions('embedded_logs', array[$1::timestamptz::date])`, [
    timestamp,
  ]);
  await db.owner.query(
    `insert into embedded_logs (event_id, timestamp, tenant_id, log_source_id, service_id, service, source, severity,
                                message, ingested_at)
     select gen_random_uuid(), $2, $1, ls.id, s.id, 's', 's', 'info', 'm', $2
     from log_sources ls join services s on s.tenant_id = ls.tenant_id where ls.tenant_id = $1 limit 1`,
    [tenant_id, timestamp],
  );
}

/** Days of the lines of a tenant. */
async function linesOf(db: TestDatabase, tenant_id: string): Promise<string[]> {
  const { rows } = await db.owner.query<{ day: string }>(
    `select (timestamp at time zone 'UTC')::date::text as day from embedded_logs where tenant_id = $1 order by 1`,
    [tenant_id],
  );
  return rows.map(({ day }) => day);
}

describe('one tenant', () => {
  let db: TestDatabase;
  let stage: ReturnType<typeof stageFor>;
  let run: () => Promise<{ days: number }>;
  beforeAll(async () => {
    db = await createTestDatabase();
    stage = stageFor(db);
    run = stage.jobOn(createPostgresLogStore({ database: db.database }));
    // Rows of 2026-03-01; an anomaly points at the window of that day.
    await fillTenantTables(db.owner, db.tenant_id);
  });
  afterAll(() => db.close());

  test('what is young stays', async () => {
    await stage.clock(db.tenant_id, '2026-03-02');
    expect(await run()).toEqual({ days: 0 });
    expect(await stage.left(db.tenant_id)).toEqual([1, 1, 1]);
  });

  test('nothing goes while a source in log time has no clock yet: its first lines may be of any age', async () => {
    await stage.clock(db.tenant_id, null);
    expect(await run()).toEqual({ days: 0 });
    expect(await stage.left(db.tenant_id)).toEqual([1, 1, 1]);
  });

  test('nothing goes of a replay that ended, when nothing else runs', async () => {
    await db.owner.query("update log_sources set updated_at = now() - interval '2 days'");
    expect(await run()).toEqual({ days: 0 });
  });

  test('nothing goes of a replay when its file ends, which disables its source', async () => {
    const set = (change: string) => db.owner.query(`update log_sources set ${change}, updated_at = now()`);
    await set('is_enabled = false');
    expect(await run()).toEqual({ days: 0 });
    expect(await stage.left(db.tenant_id)).toEqual([1, 1, 1]);
    await set('is_enabled = true');
  });

  test('the clock of the sources decides, not the wall: logs and tiles go first', async () => {
    await stage.clock(db.tenant_id, '2026-03-10');
    expect((await run()).days).toBeGreaterThan(0);
    expect(await stage.left(db.tenant_id)).toEqual([0, 0, 1]);
  });

  test('a window goes when its day expires, and its anomaly stays without the pointer', async () => {
    await stage.clock(db.tenant_id, '2026-04-10');
    expect((await run()).days).toBe(1);
    expect(await stage.left(db.tenant_id)).toEqual([0, 0, 0]);
    const { rows } = await db.owner.query(
      'select window_start, explanation is not null as shows from anomalies',
    );
    expect(rows).toEqual([{ window_start: null, shows: true }]);
  });
});

describe('two tenants', () => {
  let db: TestDatabase;
  let stage: ReturnType<typeof stageFor>;
  let run: () => Promise<{ days: number }>;
  let beta: string;
  const dayExists = async () =>
    (await db.owner.query("select from pg_class where relname = 'embedded_logs_20260301'")).rowCount === 1;
  beforeAll(async () => {
    db = await createTestDatabase();
    stage = stageFor(db);
    run = stage.jobOn(createPostgresLogStore({ database: db.database }));
    beta = await addTenant(db, 'beta', 30);
    for (const tenant_id of [db.tenant_id, beta]) await fillTenantTables(db.owner, tenant_id);
  });
  afterAll(() => db.close());

  test('a source of one that has no clock yet holds its lines and what both share, not the lines of the other', async () => {
    await stage.clock(db.tenant_id, '2026-04-10');
    await stage.clock(beta, null);
    expect(await run()).toEqual({ days: 1 });
    expect([await stage.left(db.tenant_id), await stage.left(beta)]).toEqual([
      [0, 1, 1],
      [1, 1, 1],
    ]);
  });

  test('the lines of each stay as long as its own term, in a day that both share', async () => {
    await stage.clock(beta, '2026-03-20');
    await run();
    // Tiles have the term of the installation, by the clock that is furthest behind.
    expect([await stage.left(db.tenant_id), await stage.left(beta)]).toEqual([
      [0, 0, 1],
      [1, 0, 1],
    ]);
  });

  test('the day is dropped once the longest term is over', async () => {
    await stage.clock(beta, '2026-03-31');
    await run();
    expect(await dayExists()).toBe(true);
    await stage.clock(beta, '2026-04-01');
    await run();
    expect([await dayExists(), await stage.left(beta)]).toEqual([false, [0, 0, 0]]);
  });

  test('a tenant without a running source expires with the others, what points into shared days included', async () => {
    const third = await addTenant(db, 'third', null);
    await fillTenantTables(db.owner, third);
    await db.owner.query('update log_sources set is_enabled = false where tenant_id = $1', [third]);
    await run();
    expect([await stage.left(third), stage.said]).toEqual([[0, 0, 0], []]);
  });

  test('a day that a backup reads is not deleted line by line instead; days that only some keep go on', async () => {
    await db.owner.query('update log_sources set is_enabled = true where tenant_id = $1', [beta]);
    for (const tenant_id of [db.tenant_id, beta]) {
      await db.owner.query('delete from anomalies where tenant_id = $1', [tenant_id]);
      await addLine(db, tenant_id, '2026-03-01T12:00Z');
      await addLine(db, tenant_id, '2026-03-20T12:00Z');
    }
    await stage.clock(db.tenant_id, '2026-04-10');
    await stage.clock(beta, '2026-04-10');
    const backup = await db.owner.connect();
    await backup.query('begin; lock table embedded_logs_20260301 in access share mode');
    await run().finally(async () => {
      await backup.query('rollback');
      backup.release();
    });
    expect([await linesOf(db, db.tenant_id), await linesOf(db, beta)]).toEqual([
      ['2026-03-01'],
      ['2026-03-01', '2026-03-20'],
    ]);
    expect(await stage.failures()).toEqual([['embedded_logs', '', 1]]);
    await run();
    expect([await linesOf(db, db.tenant_id), await linesOf(db, beta)]).toEqual([[], ['2026-03-20']]);
  });
});

describe('lines that were not read yet', () => {
  const HOUR_MS = 3_600_000;
  let db: TestDatabase;
  let stage: ReturnType<typeof stageFor>;
  /** Days that are left of one line a day, after a run; null: the source was never read. */
  const leftWhenReadUntil = async (source_type: string, hours_ago: number | null): Promise<number> => {
    await db.owner.query(
      `update log_sources set source_type = $1, cursor_at = now() - make_interval(hours => $2)`,
      [source_type, hours_ago],
    );
    const now = Date.now();
    await db.owner.query('delete from embedded_logs');
    for (let day = 0; day < 10; day++)
      await addLine(db, db.tenant_id, new Date(now - day * 24 * HOUR_MS).toISOString());
    const run = stage.jobOn(createPostgresLogStore({ database: db.database }));
    await run(now);
    return (await linesOf(db, db.tenant_id)).length;
  };
  beforeAll(async () => {
    db = await createTestDatabase();
    stage = stageFor(db);
    await fillTenantTables(db.owner, db.tenant_id);
    await db.owner.query('update tenants set log_retention_days = 1');
  });
  afterAll(() => db.close());

  test.each([
    ['by the wall, where reading keeps up', 'push', 0, 2],
    ['by what was read, when no worker ran for two days', 'push', 48, 4],
    ['three days late at most', 'push', 24 * 30, 5],
    ['by the wall, before the first is read', 'push', null, 2],
    ['by the wall, when only the cluster of others waits to be read', 'elasticsearch', 48, 2],
  ])('age %s', async (_title, source_type, hours_ago, days) => {
    expect(await leftWhenReadUntil(source_type, hours_ago)).toBe(days);
  });
});

describe('a store that fails', () => {
  let db: TestDatabase;
  let stage: ReturnType<typeof stageFor>;
  let beta: string;
  const slugs = new Map<string, string>();
  beforeAll(async () => {
    db = await createTestDatabase();
    stage = stageFor(db);
    beta = await addTenant(db, 'beta', 3);
    slugs.set(db.tenant_id, 'acme').set(beta, 'beta');
    for (const tenant_id of slugs.keys()) await fillTenantTables(db.owner, tenant_id);
    for (const tenant_id of slugs.keys()) await stage.clock(tenant_id, '2026-03-10');
  });
  afterAll(() => db.close());

  test('stops neither the other tenant nor what is in the database; it is told once, counted, and tried again', async () => {
    const indices = new Set(
      ['acme', 'beta'].flatMap((slug) => [`logs-${slug}-2026.03.01`, `logs-${slug}-2026.03.02`]),
    );
    let refuses: 'away' | RegExp | null = /acme/;
    let isInSnapshot = true;
    const cluster = await scriptedEngine('elasticsearch', ({ method, path }) => {
      if (refuses === 'away') return 'cut';
      if (method === 'GET' && path.startsWith('/_cluster')) return { status: 200, body: {} };
      const name = decodeURIComponent(path).slice(1);
      if (method === 'DELETE') {
        if (isInSnapshot && name === 'logs-beta-2026.03.01')
          return { status: 400, body: { error: { reason: 'in a snapshot' } } };
        if (refuses?.test(name)) return { status: 403, body: { error: { reason: 'no delete_index' } } };
        return { status: indices.delete(name) ? 200 : 404, body: {} };
      }
      const pattern = name.slice('_resolve/index/'.length, -1);
      const found = [...indices].filter((index) => index.startsWith(pattern));
      return { status: 200, body: { indices: found.map((index) => ({ name: index })) } };
    });
    const slugOf = (id: string) => Promise.resolve(slugs.get(id) ?? '');
    const run = stage.jobOn(createSearchLogStore({ engine: cluster.engine, slugOf }));

    await run();
    const of_acme = ['logs-acme-2026.03.01', 'logs-acme-2026.03.02'];
    expect([...indices].sort()).toEqual([...of_acme, 'logs-beta-2026.03.01']);
    isInSnapshot = false;
    await run();
    expect([...indices].sort()).toEqual(of_acme);
    expect([await stage.left(db.tenant_id), await stage.left(beta)]).toEqual([
      [0, 0, 1],
      [0, 0, 1],
    ]);
    const ofTenant = (tenant_id: string) => stage.said.filter((line) => line.tenant_id === tenant_id);
    expect(ofTenant(db.tenant_id)).toMatchObject([
      { part: 'lines', reason: expect.stringContaining('no delete_index') as string },
    ]);
    expect(ofTenant(beta)).toMatchObject([
      { part: 'lines', err: { message: 'in a snapshot' } },
      { part: 'lines', msg: 'retention works again' },
    ]);
    const counted = new Map((await stage.failures())?.map(([part, id, n]) => [`${part} ${id}`, n]));
    expect(counted).toEqual(
      new Map([
        [`lines ${beta}`, 1],
        [`lines ${db.tenant_id}`, 2],
      ]),
    );
    stage.said.length = 0;

    refuses = 'away';
    for (const tenant_id of slugs.keys()) await stage.clock(tenant_id, '2026-04-10');
    await run();
    expect(await stage.left(db.tenant_id)).toEqual([0, 0, 0]);
    expect(stage.said.splice(0)).toMatchObject([
      { part: 'log_store', reason: expect.stringContaining('did not answer') as string },
    ]);

    refuses = null;
    // The client finds a node that is back only after a while.
    await expect
      .poll(
        async () => {
          await run();
          return indices.size;
        },
        { timeout: 15_000 },
      )
      .toBe(0);
    expect(stage.said).toMatchObject([
      { part: 'log_store', msg: 'retention works again' },
      { part: 'lines', tenant_id: db.tenant_id, msg: 'retention works again' },
    ]);
    await cluster.close();
  });
});
