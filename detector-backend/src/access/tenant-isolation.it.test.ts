import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { fillTenantTables, listTenantTables } from '../../test/tenant-rows.ts';

let db: TestDatabase;
let tables: string[];
let stranger: string;
let strangers_id: string;

beforeAll(async () => {
  db = await createTestDatabase();
  const { rows } = await db.owner.query(
    "insert into tenants (slug, name) values ('stranger', 'Stranger') returning id",
  );
  stranger = rows[0].id;
  await fillTenantTables(db.owner, db.tenant_id);
  strangers_id = await fillTenantTables(db.owner, stranger);
  tables = await listTenantTables(db.owner);
});
afterAll(() => db.close());

/** Runs one statement as tenant `acme`; gives the rows, or the SQLSTATE of its failure. */
const asAcme = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[] | string> =>
  db.database
    .withTenant(db.tenant_id, async (client) => (await client.query(sql, values)).rows)
    .catch((error) => error.code as string);

const DENIED = '42501';
const grantsOf = async (table: string): Promise<string[]> => {
  const { rows } = await db.owner.query(
    `select distinct lower(privilege_type) as kind from information_schema.column_privileges
     where grantee = 'seismolog_app' and table_name = $1
     union select lower(privilege_type) from information_schema.table_privileges
     where grantee = 'seismolog_app' and table_name = $1`,
    [table],
  );
  return rows.map((row) => row.kind);
};

describe('a tenant', () => {
  test('has tables to be tested', () => {
    expect(tables.length).toBeGreaterThanOrEqual(27);
  });

  test('sees its own rows and no other, in every table', async () => {
    for (const table of tables) {
      const rows = (await asAcme(`select tenant_id from ${table}`)) as { tenant_id: string }[];
      expect(rows, table).toEqual([{ tenant_id: db.tenant_id }]);
    }
    expect(await asAcme('select slug from tenants')).toEqual([{ slug: 'acme' }]);
  });

  test('can not change or delete rows of another', async () => {
    for (const table of tables) {
      const updated = await asAcme(
        `update ${table} set tenant_id = tenant_id where tenant_id = $1 returning 1`,
        [stranger],
      );
      const deleted = await asAcme(`delete from ${table} where tenant_id = $1 returning 1`, [stranger]);
      expect([[], DENIED], `update ${table}`).toContainEqual(updated);
      expect([[], DENIED], `delete from ${table}`).toContainEqual(deleted);
      const { rowCount } = await db.owner.query(`select from ${table} where tenant_id = $1`, [stranger]);
      expect(rowCount, table).toBe(1);
    }
  });

  test('can not write a row for another, nor hand a row over', async () => {
    for (const table of tables) {
      const { rows } = await db.owner.query(
        `select to_jsonb(t) as row from ${table} t where tenant_id = $1`,
        [stranger],
      );
      const insert = `insert into ${table} overriding system value select * from jsonb_populate_record(null::${table}, $1)`;
      expect(await asAcme(insert, [rows[0].row]), `insert into ${table}`).toBe(DENIED);
      expect(await asAcme(`update ${table} set tenant_id = $1`, [stranger]), `update ${table}`).toBe(DENIED);
    }
  });

  test('can not point at rows of another', async () => {
    const point = `insert into user_roles (tenant_id, user_id, role_id) select $1, id, $2 from users`;
    expect(await asAcme(point, [db.tenant_id, strangers_id])).toBe('23503');
  });

  test('can not go round the parents of its partitions, nor make or drop other tables', async () => {
    expect(await asAcme('select from tiles_20260301')).toBe(DENIED);
    expect(await asAcme('drop table tiles_20260301')).toBe(DENIED);
    expect(await asAcme('create table mine (id int)')).toBe(DENIED);
    expect(await asAcme("select ensure_day_partitions('audit_logs', array['2026-03-02'::date])")).toBe(
      '22023',
    );
    expect(await asAcme("select drop_day_partitions('audit_logs; drop table users', '2026-03-02')")).toBe(
      '22023',
    );
    expect(await asAcme("select protect_tenant_table('users')")).toBe(DENIED);
    expect(await asAcme('set role postgres')).toBe(DENIED);
  });

  test('can only append to the audit log', async () => {
    expect(await grantsOf('audit_logs')).toEqual(expect.arrayContaining(['insert', 'select']));
    expect(await asAcme("update audit_logs set actor = 'nobody'")).toBe(DENIED);
    expect(await asAcme('delete from audit_logs')).toBe(DENIED);
  });
});

describe('without a tenant', () => {
  const asRole = async (role: string, sql: string): Promise<unknown[] | string> => {
    const client = new pg.Client({ connectionString: db.app_url, options: `-c role=${role}` });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.end();
    }
  };

  test('the application sees nothing', async () => {
    for (const table of [...tables, 'tenants']) {
      expect(await asRole('seismolog_app', `select 1 from ${table}`), table).toEqual([]);
    }
  });

  test('a login without a role sees nothing at all', async () => {
    for (const table of [...tables, 'tenants']) {
      expect(await asRole('none', `select 1 from ${table}`), table).toBe(DENIED);
    }
  });

  test('the sweeper sees the columns that were granted to it, and writes nothing', async () => {
    const { rows } = await db.owner.query(
      `select table_name, column_name, has_column_privilege('seismolog_sweeper', table_name::text, column_name::text, 'select') as granted
       from information_schema.columns where table_schema = 'public' and table_name = any ($1)`,
      [[...tables, 'tenants']],
    );
    for (const { table_name, column_name, granted } of rows) {
      const seen = await asRole('seismolog_sweeper', `select ${column_name} from ${table_name}`);
      expect(granted ? (seen as unknown[]).length : seen, `${table_name}.${column_name}`).toBe(
        granted ? 2 : DENIED,
      );
    }
    for (const table of [...tables, 'tenants']) {
      expect(await asRole('seismolog_sweeper', `delete from ${table}`), table).toBe(DENIED);
      expect(await asRole('seismolog_sweeper', `insert into ${table} default values`), table).toBe(DENIED);
    }
  });

  test('no secret, text of a log line or address is among what the sweeper sees', async () => {
    const { rows } = await db.owner.query(
      `select table_name || '.' || column_name as name from information_schema.column_privileges
       where grantee = 'seismolog_sweeper' and table_schema = 'public'`,
    );
    const harmless =
      /\.(id|\w+_id|tenant_id|slug|state|status|event|is_\w+|\w+_at|\w+_until|\w+_since|\w+_seconds|\w+_start|\w+_end|clock_mode|source_type|key_hash|name|checksum|log_retention_days|lines_\w+|slices_reread|recounts_missed)$/;
    expect(rows.map((row) => row.name).filter((name) => !harmless.test(name))).toEqual([]);
  });
});
