import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runMigrations } from 'bullmq';
import pg from 'pg';
import type { Database } from './postgres.ts';

const MIGRATIONS_DIR = fileURLToPath(new URL('../../../migrations/', import.meta.url));
/** First line of a migration after which processes of an older release must not run on. */
const BREAKING_MARK = '-- breaks older processes';
const LOCK_KEY = 7_346_011;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
  is_breaking: boolean;
}

/**
 * Brings a database to the schema of this release: `migrations/*.sql` once each and in order, BullMQ's schema, and the
 * roles of the login. Any number of processes may call it at once; the others wait. Needs a role that may create roles.
 * @returns names of the files that were applied by this call
 * @throws when an applied file was changed since, or SQL fails (that file is rolled back, earlier ones stay)
 */
export async function migrate(options: { owner_url: string; app_login?: string }): Promise<string[]> {
  const client = new pg.Client({ connectionString: options.owner_url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    const applied = await applyFiles(client, readMigrations());
    await runMigrations(client, 'bullmq');
    await grantQueueAndRoles(client, options.app_login ?? 'seismolog');
    return applied;
  } finally {
    await client.end();
  }
}

function readMigrations(): Migration[] {
  return fs
    .readdirSync(MIGRATIONS_DIR)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((name) => {
      const sql = fs.readFileSync(path.join(MIGRATIONS_DIR, name), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name, sql, checksum, is_breaking: sql.startsWith(BREAKING_MARK) };
    });
}

async function applyFiles(client: pg.Client, files: Migration[]): Promise<string[]> {
  await client.query(`create table if not exists schema_migrations (
    name text primary key,
    checksum text not null,
    is_breaking boolean not null default false,
    applied_at timestamptz not null default now()
  )`);
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from schema_migrations',
  );
  const known = new Map(rows.map((row) => [row.name, row.checksum]));
  const applied: string[] = [];
  for (const file of files) {
    const checksum = known.get(file.name);
    if (checksum === file.checksum) continue;
    if (checksum !== undefined)
      throw new Error(`${file.name} was changed after it was applied to this database`);
    await applyFile(client, file);
    applied.push(file.name);
  }
  await client.query('grant select on schema_migrations to seismolog_sweeper');
  return applied;
}

async function applyFile(client: pg.Client, file: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(file.sql);
    await client.query('insert into schema_migrations (name, checksum, is_breaking) values ($1, $2, $3)', [
      file.name,
      file.checksum,
      file.is_breaking,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`${file.name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function grantQueueAndRoles(client: pg.Client, app_login: string): Promise<void> {
  await client.query(`
    grant usage on schema bullmq to seismolog_app;
    grant select, insert, update, delete on all tables in schema bullmq to seismolog_app;
    grant usage, select on all sequences in schema bullmq to seismolog_app;
    grant execute on all functions in schema bullmq to seismolog_app`);
  // The owner becomes seismolog_app to bootstrap a tenant; only a superuser may do that without being a member.
  const { rows } = await client.query<{ login: string; role: string }>(
    `select m.rolname as login, r.role from pg_roles m, (values ('seismolog_app'), ('seismolog_sweeper')) as r (role)
     where m.rolname in ($1, current_user) and not pg_has_role(m.oid, r.role, 'SET')`,
    [app_login],
  );
  for (const { login, role } of rows) {
    await client.query(`grant ${role} to ${pg.escapeIdentifier(login)} with inherit false, set true`);
  }
}

/** @throws when this release can not work on the schema of the database, saying what to do. */
export async function assertSchemaCurrent(database: Database): Promise<void> {
  const applied = await database
    .sweep<{ name: string; is_breaking: boolean }>('select name, is_breaking from schema_migrations')
    .catch((error: { code?: string }) => {
      // undefined_table, or no role yet: nothing was ever migrated here.
      if (error.code === '42P01' || error.code === '22023') return [];
      throw error;
    });
  const files = new Set(readMigrations().map((file) => file.name));
  const missing = [...files].filter((name) => !applied.some((row) => row.name === name));
  if (missing.length > 0) {
    throw new Error(
      `The database schema is too old (${missing.join(', ')} missing): run \`npm run migrate\` first`,
    );
  }
  const breaking = applied.filter((row) => row.is_breaking && !files.has(row.name)).map((row) => row.name);
  if (breaking.length > 0) {
    throw new Error(
      `The database schema is too new for this release (${breaking.join(', ')}): start a newer release`,
    );
  }
}
