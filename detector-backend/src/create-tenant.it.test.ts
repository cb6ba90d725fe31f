import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { findIdentity } from './access/api-key-repository.ts';
import { createTenant } from './create-tenant.ts';

let db: TestDatabase;
let home: string;
beforeAll(async () => {
  db = await createTestDatabase();
  home = mkdtempSync(path.join(os.tmpdir(), 'create-tenant-'));
});
afterAll(async () => {
  await db.close();
  rmSync(home, { recursive: true });
});

const rightsOf = async (api_key: string) =>
  (await findIdentity(db.database, api_key))?.permissions ?? 'unknown';

test('prints the key of a new tenant once, and only a key that works', async () => {
  const argv = ['--slug', 'shop', '--name', 'The shop'];
  const said = await createTenant(argv, db.owner_url);
  const [api_key = ''] = /smk_[\w-]{43}/.exec(said) ?? [];
  expect(await findIdentity(db.database, api_key)).toMatchObject({ tenant_slug: 'shop', permissions: ['*'] });
  expect(await createTenant(argv, db.owner_url)).toBe(
    "Tenant shop: the administrator's API key was shown when it was made",
  );
});

test('key files hold keys with the rights of their users, and are left alone while the keys are valid', async () => {
  const file = (name: string) => path.join(home, name);
  const keyOf = (name: string) => readFileSync(file(name), 'utf8').trim();
  const argv = ['--slug', 'bank', '--name', 'Bank', '--key-file', file('admin')];
  argv.push('--grafana-key-file', file('grafana'), '--ingest-key-file', file('ingest'));

  const said = await createTenant(argv, db.owner_url);
  expect(said).not.toContain('smk_');
  const keys = ['admin', 'grafana', 'ingest'].map(keyOf);
  expect(statSync(file('ingest')).mode & 0o777).toBe(0o600);
  expect(await rightsOf(keys[0]!)).toEqual(['*']);
  expect(await rightsOf(keys[1]!)).toContain('anomalies:read');
  expect(await rightsOf(keys[1]!)).not.toContain('*');
  expect(await rightsOf(keys[2]!)).toEqual(['logs:write']);

  await createTenant(argv, db.owner_url);
  expect(['admin', 'grafana', 'ingest'].map(keyOf)).toEqual(keys);

  writeFileSync(file('grafana'), 'smk_of_another_database\n');
  await createTenant(argv, db.owner_url);
  expect(await rightsOf(keyOf('grafana'))).toContain('anomalies:read');
  expect(keyOf('admin')).toBe(keys[0]);
});

test('a key of one tenant is not taken for that of another', async () => {
  const file = path.join(home, 'shared-by-mistake');
  await createTenant(['--slug', 'north', '--name', 'North', '--key-file', file], db.owner_url);
  const north = readFileSync(file, 'utf8').trim();
  await createTenant(['--slug', 'south', '--name', 'South', '--key-file', file], db.owner_url);
  const south = readFileSync(file, 'utf8').trim();
  expect((await findIdentity(db.database, north))?.tenant_slug).toBe('north');
  expect((await findIdentity(db.database, south))?.tenant_slug).toBe('south');
});

test('a retention is set for a new tenant and for one that exists, kept without the option, and traced', async () => {
  const run = async (...more: string[]) => {
    await createTenant(['--slug', 'kept', '--name', 'Kept', ...more], db.owner_url);
    const { rows } = await db.owner.query<{ log_retention_days: number | null }>(
      "select log_retention_days from tenants where slug = 'kept'",
    );
    return rows[0]?.log_retention_days;
  };
  expect(await run()).toBeNull();
  expect(await run('--retention-days', '30')).toBe(30);
  expect(await run()).toBe(30);
  expect(await run('--retention-days', '7')).toBe(7);
  const { rows } = await db.owner.query<{ details: object }>(
    `select a.actor, a.details from audit_logs a join tenants t on t.id = a.tenant_id
     where t.slug = 'kept' and a.action = 'log_retention.update' order by a.id`,
  );
  const change = (before: number | null, after: number) => ({
    actor: 'system',
    details: { before: { log_retention_days: before }, after: { log_retention_days: after } },
  });
  expect(rows).toEqual([change(null, 30), change(30, 7)]);
});

test.each([
  [['--name', 'X'], '--slug must be'],
  [['--slug', 'Shop-EU', '--name', 'X'], '--slug must be'],
  [['--slug', 'x'.repeat(41), '--name', 'X'], '--slug must be'],
  [['--slug', 'shop2'], '--name is missing'],
  [['--slug', 'shop2', '--name', '  '], '--name is missing'],
  ...['0', '91', '7.5', '-1', 'x', ''].map((days): [string[], string] => [
    ['--slug', 'shop2', '--name', 'X', `--retention-days=${days}`],
    '--retention-days must be a whole number from 1 to 90',
  ]),
  [['--slug', 'shop2', '--name', 'X', '--owner', 'me'], "Unknown option '--owner'"],
])('%j is refused and makes nothing', async (argv, message) => {
  await expect(createTenant(argv, db.owner_url)).rejects.toThrow(message);
  const { rows } = await db.owner.query("select slug from tenants where slug = 'shop2'");
  expect(rows).toEqual([]);
});

test('says which variable is missing', async () => {
  await expect(createTenant(['--slug', 'shop', '--name', 'X'], undefined)).rejects.toThrow(
    'OWNER_DATABASE_URL is missing',
  );
});
