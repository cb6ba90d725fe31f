import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database } from '../src/platform/postgres.ts';

export interface TestDatabase {
  database: Database;
  /** Superuser pool: sees all rows, for set-up and for looking behind the scenes. */
  owner: pg.Pool;
  app_url: string;
  owner_url: string;
  /** The one tenant that exists: slug `acme`. */
  tenant_id: string;
  close(): Promise<void>;
}

/**
 * A database of its own, cloned from the migrated template; call `close()` in `afterAll`.
 * @param options.tenant_id a fixed id, for runs that are compared with each other
 */
export async function createTestDatabase(options: { tenant_id?: string } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const owner_url = withDatabase(inject('owner_url'), name);
  const app_url = withDatabase(inject('app_url'), name);
  await asAdmin(`create database ${name} template seismolog`);
  const owner = new pg.Pool({ connectionString: owner_url, max: 2 });
  // Dropping the database by force ends connections that a test left open.
  owner.on('error', () => undefined);
  const database = createDatabase({ url: app_url, max: 6, onError: () => undefined });
  const { rows } = await owner.query<{ id: string }>(
    `insert into tenants (id, slug, name) values (coalesce($1::uuid, gen_random_uuid()), 'acme', 'Acme') returning id`,
    [options.tenant_id ?? null],
  );
  return {
    database,
    owner,
    app_url,
    owner_url,
    tenant_id: rows[0]?.id ?? '',
    async close() {
      await database.close();
      await owner.end();
      await asAdmin(`drop database ${name} with (force)`);
    },
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(inject('owner_url'), 'postgres') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
