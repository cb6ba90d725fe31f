import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccessApp } from '../../test/access-app.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { bootstrapTenant } from './bootstrap.ts';
import { isPasswordOf } from './password.ts';

let db: TestDatabase;
let app: FastifyInstance;
let admin: string;
let home: string;

beforeAll(async () => {
  db = await createTestDatabase();
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-access-'));
  app = await createAccessApp(db.database);
  const made = await bootstrapTenant({
    owner_url: db.owner_url,
    slug: 'acme',
    name: 'Acme',
    key_file: path.join(home, 'admin-key'),
  });
  admin = made.api_key ?? '';
});
afterAll(async () => {
  await app.close();
  await db.close();
  fs.rmSync(home, { recursive: true });
});

const call = (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  options: { key?: string; body?: object; headers?: Record<string, string> } = {},
) =>
  app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { authorization: `Bearer ${options.key ?? admin}`, ...options.headers },
    ...(options.body ? { payload: options.body } : {}),
  });

const createKey = async (name: string, permissions: string[]) =>
  (await call('POST', '/api-keys', { body: { name, permissions } })).json() as {
    id: string;
    api_key: string;
  };

describe('bootstrap', () => {
  test('is idempotent and keeps the key in a file for its owner only', async () => {
    const key_file = path.join(home, 'admin-key');
    expect(fs.statSync(key_file).mode & 0o777).toBe(0o600);
    const again = await bootstrapTenant({ owner_url: db.owner_url, slug: 'acme', name: 'Acme', key_file });
    expect(again).toEqual({ tenant_id: db.tenant_id, api_key: admin });
    const { rows } = await db.owner.query(
      `select (select count(*)::int from roles) as roles, (select count(*)::int from users) as users,
              (select count(*)::int from api_keys) as api_keys, (select count(*)::int from audit_logs) as audit_logs`,
    );
    expect(rows).toEqual([{ roles: 3, users: 1, api_keys: 1, audit_logs: 5 }]);
  });

  test('makes a new key when the file is lost, and none without a file', async () => {
    const key_file = path.join(home, 'other-key');
    const made = await bootstrapTenant({ owner_url: db.owner_url, slug: 'other', name: 'Other', key_file });
    fs.rmSync(key_file);
    const again = await bootstrapTenant({ owner_url: db.owner_url, slug: 'other', name: 'Other', key_file });
    expect(again.tenant_id).toBe(made.tenant_id);
    expect(again.api_key).not.toBe(made.api_key);
    const full = { owner_url: db.owner_url, slug: 'full', name: 'Full' };
    expect((await bootstrapTenant(full)).api_key).toMatch(/^smk_/);
    expect((await bootstrapTenant(full)).api_key).toBeNull();
  });

  test('hashes passwords with argon2id', async () => {
    const { rows } = await db.owner.query('select password_hash from users limit 1');
    expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await isPasswordOf(rows[0].password_hash, 'admin')).toBe(false);
  });

  test('works for an owner that is no superuser', async () => {
    await db.owner.query(`create role plain_owner login password 'x' createrole`);
    await db.owner.query('grant seismolog_app to plain_owner with inherit false, set true');
    await db.owner.query('alter table tenants owner to plain_owner');
    await db.owner.query('drop policy owner_bootstraps on tenants');
    await db.owner.query(
      'create policy owner_bootstraps on tenants to plain_owner using (true) with check (true)',
    );
    const owner_url = db.owner_url.replace(/\/\/[^@]+@/, '//plain_owner:x@');
    expect((await bootstrapTenant({ owner_url, slug: 'plain', name: 'Plain' })).api_key).toMatch(/^smk_/);
    await db.owner.query(
      'reassign owned by plain_owner to postgres; drop owned by plain_owner; drop role plain_owner',
    );
  });
});

describe('bearer authentication', () => {
  test.each([
    [{}, 'No key was sent.'],
    [{ authorization: 'Basic abc' }, expect.any(String)],
    [{ authorization: 'Bearer smk_short' }, expect.any(String)],
    [{ authorization: `Bearer smk_${'x'.repeat(43)}` }, expect.stringMatching(/unknown, revoked or expired/)],
  ])('%j is not enough', async (headers, detail) => {
    const answer = await app.inject({ url: '/api/v1/session', headers: headers as Record<string, string> });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toMatchObject({ status: 401, code: 'unauthenticated', detail });
  });

  test.each(['x-grafana-id', 'x-grafana-context'])('with %s the refusal is 403', async (header) => {
    const answer = await app.inject({ url: '/api/v1/session', headers: { [header]: 'x' } });
    expect(answer.json()).toMatchObject({ status: 403, code: 'forbidden' });
  });

  test('a key does what its permissions say, and is refused before the body is read', async () => {
    const { api_key } = await createKey('reader', ['audit-logs:*']);
    expect((await call('GET', '/audit-logs', { key: api_key })).statusCode).toBe(200);
    expect((await call('GET', '/session', { key: api_key })).json()).toMatchObject({
      actor: 'key:reader',
      permissions: ['audit-logs:*'],
    });
    const answer = await call('POST', '/api-keys', { key: api_key, body: { nonsense: true } });
    expect(answer.json()).toMatchObject({
      status: 403,
      code: 'forbidden',
      detail: 'This call needs the permission api-keys:write.',
    });
  });

  test('a revoked key ends at once, an expired one in time', async () => {
    const { id, api_key } = await createKey('short-lived', ['*']);
    expect((await call('DELETE', `/api-keys/${id}`)).statusCode).toBe(204);
    expect((await call('GET', '/session', { key: api_key })).statusCode).toBe(401);
    expect((await call('DELETE', `/api-keys/${id}`)).statusCode).toBe(204);
    const expired = await call('POST', '/api-keys', {
      body: { name: 'old', permissions: ['*'], expires_at: '2020-01-01T00:00:00Z' },
    });
    expect((await call('GET', '/session', { key: expired.json().api_key })).statusCode).toBe(401);
  });
});

test('a route without a permission does not start', async () => {
  const { registerAuthentication } = await import('./auth-hook.ts');
  const { fastify } = await import('fastify');
  const bare = fastify();
  registerAuthentication(bare, db);
  expect(() => bare.get('/open', () => 'x')).toThrow('GET /open names no permission');
});

test('the session tells tenant, actor, rights and mode', async () => {
  expect((await call('GET', '/session')).json()).toEqual({
    tenant: { slug: 'acme', name: 'Acme' },
    actor: expect.stringMatching(/^key:bootstrap smk_/),
    permissions: ['*'],
    mode: 'embedded',
    simulated: false,
  });
});

describe('API keys', () => {
  test('are shown once, listed without the key, and their names are unique', async () => {
    const made = await createKey('shown-once', ['logs:write']);
    expect(made.api_key).toMatch(/^smk_[A-Za-z0-9_-]{43}$/);
    const list = await call('GET', '/api-keys');
    expect(list.body).not.toContain(made.api_key);
    expect(list.body).not.toContain('key_hash');
    const item = list.json().items.find((key: { id: string }) => key.id === made.id);
    expect(item).toMatchObject({
      name: 'shown-once',
      key_prefix: made.api_key.slice(0, 10),
      permissions: ['logs:write'],
      revoked_at: null,
    });
    const twice = await call('POST', '/api-keys', {
      body: { name: 'shown-once', permissions: ['logs:write'] },
    });
    expect(twice.json()).toMatchObject({ status: 409, code: 'conflict', field: 'name' });
  });

  test('hand on no right that their maker does not have', async () => {
    const { api_key } = await createKey('limited', ['api-keys:*', 'logs:write']);
    const ask = (permissions: string[]) =>
      call('POST', '/api-keys', {
        key: api_key,
        body: { name: `by-limited-${permissions[0]}`, permissions },
      });
    expect((await ask(['logs:write'])).statusCode).toBe(201);
    for (const wanted of ['*', 'logs:*', 'anomalies:read']) {
      expect((await ask([wanted])).json()).toMatchObject({ status: 403, field: 'permissions' });
    }
  });

  test.each([
    [{ name: '', permissions: ['*'] }, 'name'],
    [{ name: 'x', permissions: [] }, 'permissions'],
    [{ name: 'x', permissions: ['everything'] }, 'permissions.0'],
    [{ name: 'x', permissions: ['*'], expires_at: 'soon' }, 'expires_at'],
    [{ name: 'x', permissions: ['*'], role: 'admin' }, 'role'],
    [{ name: 'nul \u0000', permissions: ['*'] }, undefined],
  ])('%j is refused', async (body, field) => {
    const answer = (await call('POST', '/api-keys', { body })).json();
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(answer.field).toBe(field);
  });

  test('an unknown one can not be revoked', async () => {
    expect((await call('DELETE', `/api-keys/${db.tenant_id}`)).json()).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  test('come in pages', async () => {
    const first = (await call('GET', '/api-keys?limit=2')).json();
    expect(first.items).toHaveLength(2);
    const second = (await call('GET', `/api-keys?limit=2&cursor=${first.next_cursor}`)).json();
    expect(second.items[0].name > first.items[1].name).toBe(true);
    expect((await call('GET', '/api-keys?cursor=nonsense')).json()).toMatchObject({
      code: 'invalid_request',
      field: 'cursor',
    });
  });
});

describe('audit log', () => {
  test('has actor, request id and what was made, and never a key', async () => {
    const answer = await call('POST', '/api-keys', {
      body: { name: 'traced', permissions: ['logs:write'] },
      headers: { 'x-request-id': 'trace-me' },
    });
    const { items } = (await call('GET', `/audit-logs?resource_id=${answer.json().id}`)).json();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      action: 'api_key.create',
      resource_type: 'api_key',
      request_id: 'trace-me',
      actor: expect.stringMatching(/^key:bootstrap/),
      details: { after: { name: 'traced', permissions: ['logs:write'] } },
    });
    expect(JSON.stringify(items)).not.toContain(answer.json().api_key);
  });

  test('comes newest first, in pages without gap or repeat', async () => {
    const all = (await call('GET', '/audit-logs')).json().items.map((item: { id: number }) => item.id);
    expect(all).toEqual(all.toSorted((a: number, b: number) => b - a));
    const paged: number[] = [];
    let cursor = '';
    do {
      const page = (await call('GET', `/audit-logs?limit=3${cursor && `&cursor=${cursor}`}`)).json();
      paged.push(...page.items.map((item: { id: number }) => item.id));
      cursor = page.next_cursor;
    } while (cursor);
    expect(paged).toEqual(all);
  });
});

test('roles and users are listed, without hashes', async () => {
  expect((await call('GET', '/roles')).json().items.map((role: { name: string }) => role.name)).toEqual([
    'admin',
    'editor',
    'viewer',
  ]);
  const users = await call('GET', '/users');
  expect(users.json().items).toMatchObject([
    { email: 'admin@acme.local', is_active: true, roles: ['admin'] },
  ]);
  expect(users.body).not.toContain('argon2');
});
