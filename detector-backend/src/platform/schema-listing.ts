import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { createLogger } from './logger.ts';
import { migrate } from './migrate.ts';

const SCHEMA_FILE = fileURLToPath(new URL('../../../migrations/schema.sql', import.meta.url));

const HEADER =
  '-- Generated from the catalogs of a migrated database; the test of schema-listing.ts compares it. Do not edit.\n';

// Partitions of days come and go, and carry nothing of their own.
const TABLES = `
  select c.oid, c.relname as name, c.relowner, c.relrowsecurity, c.relforcerowsecurity, pg_get_partkeydef(c.oid) as partition_key
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  order by c.relname`;

const COLUMNS = `
  select a.attrelid as oid, format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod))
    || case when a.attnotnull then ' not null' else '' end
    || case when a.attidentity <> '' then ' generated always as identity' else '' end
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped order by a.attrelid, a.attnum`;

// Not-null constraints stand at their columns; copies of a key that partitions bring along have a parent.
const CONSTRAINTS = `
  select conrelid as oid, format('constraint %s %s', conname, pg_get_constraintdef(oid)) as line
  from pg_constraint where contype <> 'n' and conparentid = 0 order by conrelid, contype, conname`;

const INDEXES = `
  select indrelid as oid, pg_get_indexdef(indexrelid) as line
  from pg_index where not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
  order by indrelid, indexrelid::regclass::text`;

const POLICIES = `
  select p.polrelid as oid, format('policy %s for %s to %s', polname,
      case polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end,
      (select string_agg(case when role = c.relowner then 'owner' else pg_get_userbyid(role) end, ', ') from unnest(polroles) as role))
    || coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', '')
    || coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '') as line
  from pg_policy p join pg_class c on c.oid = p.polrelid order by p.polrelid, polname`;

const GRANTS = `
  select oid, format('grant %s to %s', string_agg(privilege, ', ' order by privilege), grantee) as line from (
    select c.oid, pg_get_userbyid(acl.grantee) as grantee, lower(acl.privilege_type) as privilege
    from pg_class c cross join aclexplode(c.relacl) acl where acl.grantee <> c.relowner
    union all
    select a.attrelid, pg_get_userbyid(acl.grantee),
      format('%s (%s)', lower(acl.privilege_type), string_agg(a.attname, ', ' order by a.attnum))
    from pg_attribute a join pg_class c on c.oid = a.attrelid cross join aclexplode(a.attacl) acl
    where acl.grantee <> c.relowner group by a.attrelid, acl.grantee, acl.privilege_type
  ) as granted (oid, grantee, privilege)
  group by oid, grantee order by oid, grantee`;

const FUNCTIONS = `
  select pg_get_functiondef(p.oid) as definition,
    array(select format('%s to %s', lower(acl.privilege_type), case acl.grantee when 0 then 'public' else pg_get_userbyid(acl.grantee) end)
          from aclexplode(p.proacl) acl where acl.grantee <> p.proowner order by 1) as grants
  from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' order by p.oid::regprocedure::text`;

interface Line {
  oid: string;
  line: string;
}

/** The whole schema as reviewable text, the same for every database that was migrated by this release. Needs the owner. */
export async function listSchema(client: pg.Pool | pg.ClientBase): Promise<string> {
  const linesOf = async (sql: string) => {
    const { rows } = await client.query<Line>(sql);
    return groupByTable(rows);
  };
  const parts = [
    await linesOf(COLUMNS),
    await linesOf(CONSTRAINTS),
    await linesOf(INDEXES),
    await linesOf(POLICIES),
    await linesOf(GRANTS),
  ];
  const { rows: tables } = await client.query(TABLES);
  const listing = tables.map((table) => {
    const security = `row security ${table.relforcerowsecurity ? 'forced' : table.relrowsecurity ? 'on' : 'off'}`;
    const partition = table.partition_key
      ? `, partition by ${String(table.partition_key).toLowerCase()}`
      : '';
    const lines = parts.flatMap((part) => (part.get(table.oid) ?? []).map(({ line }) => `  ${line}\n`));
    return `table ${table.name} (${security}${partition})\n${lines.join('')}`;
  });
  const { rows: functions } = await client.query<{ definition: string; grants: string[] }>(FUNCTIONS);
  for (const { definition, grants } of functions) {
    listing.push(`${definition.trim()}\n${grants.map((grant) => `  grant ${grant}\n`).join('')}`);
  }
  return `${HEADER}\n${listing.join('\n')}`;
}

function groupByTable(rows: Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const row of rows) groups.set(row.oid, [...(groups.get(row.oid) ?? []), row]);
  return groups;
}

/** Migrates an empty database of its own and writes `migrations/schema.sql` from it; gives a message for the terminal. */
export async function writeSchemaListing(): Promise<string> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-schema-'));
  const logger = createLogger({ level: 'silent' });
  const postgres = await startEmbeddedPostgres({ dir: path.join(home, 'pg'), fsync: false, logger });
  // Not a pool, whose end does not wait for its connections: the server's stop would then break them off.
  const owner = new pg.Client({ connectionString: postgres.owner_url });
  try {
    await migrate({ owner_url: postgres.owner_url });
    await owner.connect();
    fs.writeFileSync(SCHEMA_FILE, await listSchema(owner));
    return `Wrote ${SCHEMA_FILE}`;
  } finally {
    await owner.end();
    await postgres.stop();
    fs.rmSync(home, { recursive: true });
  }
}
