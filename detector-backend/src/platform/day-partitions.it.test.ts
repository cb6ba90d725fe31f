import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { fillTenantTables } from '../../test/tenant-rows.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  // Rows of 2026-03-01; the anomaly points at the window of that day.
  await fillTenantTables(db.owner, db.tenant_id);
});
afterAll(() => db.close());

const asApp = async (sql: string, values: unknown[] = []) => {
  const { rows } = await db.database.withTenant(db.tenant_id, (client) => client.query(sql, values));
  return rows[0]?.value as unknown;
};
const dropBefore = (day: string) =>
  asApp("select drop_day_partitions('feature_windows', $1) as value", [day]);

test('days are made once, also when many ask at the same time', async () => {
  const ensure = () =>
    asApp("select ensure_day_partitions('tiles', array['2026-03-05', '2026-03-06']::date[]) as value");
  const made = await Promise.all([ensure(), ensure(), ensure()]);
  expect(made.toSorted()).toEqual([0, 0, 2]);
  const { rows } = await db.owner.query("select to_regclass('tiles_20260305') is not null as is_there");
  expect(rows).toEqual([{ is_there: true }]);
});

// The owner of a hosted database is no superuser, and row-level security is forced on it: foreign keys must hold all the same.
test.each(['postgres', 'retention_owner'])(
  'a day that anomalies point into stays, for owner %s',
  async (owner) => {
    if (owner !== 'postgres') {
      await db.owner.query(
        `create role ${owner}; grant ${owner} to postgres; grant create, usage on schema public to ${owner}`,
      );
      for (const table of ['feature_windows', 'feature_windows_20260301', 'anomalies']) {
        await db.owner.query(`alter table ${table} owner to ${owner}`);
      }
      await db.owner.query(`alter policy owner_sees_pointers on anomalies to ${owner}`);
      await db.owner.query(`alter function drop_day_partitions(text, date) owner to ${owner}`);
      await db.owner.query(`grant execute on function drop_day_partitions(text, date) to seismolog_app`);
    }
    await expect(dropBefore('2026-03-02')).rejects.toMatchObject({ code: '23503' });
    expect(await asApp('select count(*) as value from feature_windows')).toBe(1);
  },
);

test('once the pointer is emptied the day goes, and the anomaly keeps what it shows', async () => {
  expect(await dropBefore('2026-03-01')).toBe(0);
  await asApp('update anomalies set window_start = null, window_seconds = null where opened_at < $1', [
    new Date('2026-03-02'),
  ]);
  expect(await dropBefore('2026-03-02')).toBe(1);
  expect(await asApp('select count(*) as value from feature_windows')).toBe(0);
  expect(await asApp("select explanation::text as value from anomalies where status = 'open'")).toBe('{}');
  await db.owner.query(
    'reassign owned by retention_owner to postgres; drop owned by retention_owner; drop role retention_owner',
  );
});
