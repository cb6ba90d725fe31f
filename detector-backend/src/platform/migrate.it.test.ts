import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { assertSchemaCurrent, migrate } from './migrate.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

test('a migrated database has nothing left to do, and the release accepts it', async () => {
  expect(await migrate({ owner_url: db.owner_url })).toEqual([]);
  await assertSchemaCurrent(db.database);
});

test('a file that was changed after it was applied stops the migration', async () => {
  await db.owner.query("update schema_migrations set checksum = 'x' where name like '0001%'");
  await expect(migrate({ owner_url: db.owner_url })).rejects.toThrow(
    /0001.*was changed after it was applied/,
  );
});

test('a schema that is too old or too new is told apart', async () => {
  await db.owner.query("delete from schema_migrations where name like '0007%'");
  await expect(assertSchemaCurrent(db.database)).rejects.toThrow(/too old \(0007.*npm run migrate/);
  await db.owner.query("insert into schema_migrations select '0007_create_partition_functions.sql', 'x'");
  await db.owner.query("insert into schema_migrations (name, checksum) values ('9998_added.sql', 'x')");
  await assertSchemaCurrent(db.database);
  await db.owner.query(
    "insert into schema_migrations (name, checksum, is_breaking) values ('9999_dropped.sql', 'x', true)",
  );
  await expect(assertSchemaCurrent(db.database)).rejects.toThrow(/too new.*9999_dropped/);
});
