import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { fillTenantTables } from '../test/tenant-rows.ts';
import { createPostgresLogStore } from './logstore/postgres-log-store.ts';
import { retentionJob } from './retention-job.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  // Rows of 2026-03-01; an anomaly points at the window of that day.
  await fillTenantTables(db.owner, db.tenant_id);
});
afterAll(() => db.close());

const count = async (table: string): Promise<number> =>
  Number((await db.owner.query(`select count(*) as n from ${table}`)).rows[0]?.n);
const run = (wall_now: string) =>
  retentionJob({
    database: db.database,
    log_store: createPostgresLogStore({ database: db.database }),
    retention: { log_days: 7, window_days: 30 },
  })({ wall_now: Date.parse(wall_now) });

test('what is young stays', async () => {
  await db.owner.query(
    "update log_sources set clock_mode = 'log', source_type = 'replay', clock_at = '2026-03-02'",
  );
  expect(await run('2026-11-24')).toEqual({ days: 0 });
  expect([await count('embedded_logs'), await count('tiles'), await count('feature_windows')]).toEqual([
    1, 1, 1,
  ]);
});

test('nothing goes while a source in log time has no clock yet: its first lines may be of any age', async () => {
  await db.owner.query('update log_sources set clock_at = null');
  expect(await run('2026-11-24')).toEqual({ days: 0 });
  expect(await count('embedded_logs')).toBe(1);
});

test('the clock of the sources decides, not the wall: logs and tiles go first', async () => {
  await db.owner.query("update log_sources set clock_at = '2026-03-10'");
  expect((await run('2026-11-24')).days).toBeGreaterThan(0);
  expect([await count('embedded_logs'), await count('tiles'), await count('feature_windows')]).toEqual([
    0, 0, 1,
  ]);
});

test('a window goes when its day expires, and its anomaly stays without the pointer', async () => {
  await db.owner.query("update log_sources set clock_at = '2026-04-10'");
  expect((await run('2026-11-24')).days).toBe(1);
  expect(await count('feature_windows')).toBe(0);
  const { rows } = await db.owner.query(
    'select window_start, explanation is not null as shows from anomalies',
  );
  expect(rows).toEqual([{ window_start: null, shows: true }]);
});
