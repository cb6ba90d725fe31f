import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const one = async (sql: string, values: unknown[] = []) => {
  const rows = await db.database.withTenant(
    db.tenant_id,
    async (client) => (await client.query(sql, values)).rows,
  );
  return (rows[0] as { value: unknown }).value;
};

test.each([
  ["'2026-03-01 12:00:00+00'::timestamptz", Date.UTC(2026, 2, 1, 12)],
  ["'2026-03-01 12:00:00.5+00'::timestamptz", Date.UTC(2026, 2, 1, 12) + 500],
  ["'2026-03-01 12:00:00.123456+00'::timestamptz", Date.UTC(2026, 2, 1, 12) + 123],
  ["'1969-12-31 23:59:59.9+00'::timestamptz", -100],
  ["'2026-03-01 12:00:00+05:30'::timestamptz", Date.UTC(2026, 2, 1, 6, 30)],
  ["'infinity'::timestamptz", Infinity],
  ["'-infinity'::timestamptz", -Infinity],
  [
    "array['2026-03-01 12:00:00.25+00', 'infinity', null]::timestamptz[]",
    [Date.UTC(2026, 2, 1, 12) + 250, Infinity, null],
  ],
  ["'{}'::timestamptz[]", []],
  ['9007199254740991::bigint', Number.MAX_SAFE_INTEGER],
  ['array[1, -2, null]::bigint[]', [1, -2, null]],
  ["'{}'::bigint[]", []],
  ['count(*)', 1],
  ['array[1.5, 2]::double precision[]', [1.5, 2]],
])('reads %s', async (expression, expected) => {
  expect(await one(`select ${expression} as value`)).toEqual(expected);
});

test('a time survives the way in and out, as a number and as a Date', async () => {
  const time = Date.UTC(2026, 2, 1, 12) + 789;
  expect(await one('select to_timestamp($1::double precision / 1000) as value', [time])).toBe(time);
  expect(await one('select $1::timestamptz as value', [new Date(time)])).toBe(time);
});

test('a failed transaction is rolled back and its connection serves the next one', async () => {
  await expect(
    db.database.withTenant(db.tenant_id, async (client) => {
      await client.query("insert into roles (tenant_id, name) values ($1, 'lost')", [db.tenant_id]);
      await client.query('select 1 / 0');
    }),
  ).rejects.toThrow('division by zero');
  expect(await one("select count(*) as value from roles where name = 'lost'")).toBe(0);
});

test('connections carry the role of their pool', async () => {
  expect(await one('select current_user as value')).toBe('seismolog_app');
  expect(await db.database.sweep('select current_user as value')).toEqual([{ value: 'seismolog_sweeper' }]);
  await db.database.ping();
});
