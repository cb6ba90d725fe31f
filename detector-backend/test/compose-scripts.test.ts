import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NewLogSource } from '../src/ingest/log-source-schema.ts';
import { readEnv } from './compose-checks.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const script = (name: string) => path.join(root, 'provisioning/compose', name);
const CLIENTS = ['detector', 'admin', 'grafana', 'logstash'];

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'compose-scripts-'));
});
afterEach(() => rmSync(home, { recursive: true }));

describe('make-env.sh', () => {
  const make = (file: string) => spawnSync(script('make-env.sh'), [file], { encoding: 'utf8' });

  test('fills every secret with a value of its own, leaves the rest, and shows the file to its owner only', () => {
    const file = path.join(home, '.env');
    expect(make(file)).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const example = readEnv(readFileSync(path.join(root, '.env.example'), 'utf8'));
    const made = readEnv(readFileSync(file, 'utf8'));
    expect([...made.keys()]).toEqual([...example.keys()]);
    const secrets = [...made].filter(([name]) => /_(PASSWORD|SECRET_KEY)$/.test(name));
    expect(new Set(secrets.map(([, value]) => value)).size).toBe(secrets.length);
    for (const [name, value] of made) {
      if (name.endsWith('_PASSWORD')) expect(value).toMatch(/^[0-9a-f]{48}$/);
      else if (name.endsWith('_SECRET_KEY')) expect(Buffer.from(value, 'base64')).toHaveLength(32);
      else expect(value).toBe(example.get(name));
    }
  });

  test('does not touch a file that is there: its passwords are those of the volumes', () => {
    const file = path.join(home, '.env');
    writeFileSync(file, 'ELASTIC_PASSWORD=mine\n');
    expect(make(file)).toMatchObject({ status: 1 });
    expect(readFileSync(file, 'utf8')).toBe('ELASTIC_PASSWORD=mine\n');
  });
});

/** The far end: the APIs of Elasticsearch's security that the script calls. */
async function startSecurityApi() {
  const put: { path: string; body: unknown }[] = [];
  const requests: { name: string; role_descriptors: Record<string, { indices?: { names: string[] }[] }> }[] =
    [];
  const valid = new Set<string>();
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const [scheme = '', credentials = ''] = (request.headers.authorization ?? '').split(' ');
      const answer = (status: number, json: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      if (request.url === '/_security/_authenticate') return answer(valid.has(credentials) ? 200 : 401, {});
      if (scheme !== 'Basic' || Buffer.from(credentials, 'base64').toString() !== 'elastic:secret-word')
        return answer(401, { error: 'unable to authenticate user [elastic]' });
      if (request.method === 'DELETE') return answer(200, {});
      if (request.method === 'PUT') {
        put.push({ path: request.url ?? '', body: JSON.parse(body) });
        return request.url?.includes('/user/') && body.includes('short')
          ? answer(400, { error: 'passwords must be at least [6] characters long' })
          : answer(200, {});
      }
      const asked = JSON.parse(body) as (typeof requests)[number];
      requests.push(asked);
      const id = `id-${requests.length}`;
      const encoded = Buffer.from(`${id}:key-${requests.length}`).toString('base64');
      valid.add(encoded);
      return answer(200, { id, name: asked.name, api_key: `key-${requests.length}`, encoded });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, put, valid, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe('make-api-keys.sh', () => {
  let elastic: Awaited<ReturnType<typeof startSecurityApi>>;
  beforeEach(async () => {
    elastic = await startSecurityApi();
    for (const client of CLIENTS) mkdirSync(path.join(home, client));
  });
  afterEach(() => elastic.close());

  const roleOf = (name: string) =>
    JSON.parse(
      readFileSync(path.join(root, `provisioning/elasticsearch/roles/elasticsearch/${name}.json`), 'utf8'),
    ) as object;
  const keyOf = (client: string) =>
    readFileSync(path.join(home, client, 'elasticsearch-api-key'), 'utf8').trim();

  async function make(variables: Record<string, string> = {}) {
    const child = spawn('bash', [script('make-api-keys.sh')], {
      env: {
        PATH: process.env['PATH'],
        ELASTICSEARCH_URL: elastic.url,
        CA_FILE: '/dev/null',
        ROLES_DIR: path.join(root, 'provisioning/elasticsearch/roles/elasticsearch'),
        KEYS_DIR: home,
        ELASTIC_PASSWORD: 'secret-word',
        LOGSTASH_ELASTICSEARCH_PASSWORD: 'writers-word',
        ...variables,
      },
    });
    let output = '';
    child.stdout.on('data', (text) => (output += String(text)));
    child.stderr.on('data', (text) => (output += String(text)));
    const [status] = (await once(child, 'close')) as [number];
    return { status, output };
  }

  test('each client gets a key with the rights of its role, in the form that it reads', async () => {
    const { status, output } = await make();
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(
      elastic.requests.map(({ name, role_descriptors }) => [name, ...Object.keys(role_descriptors)]),
    ).toEqual([
      ['seismolog-detector', 'log-store'],
      ['seismolog-admin', 'installer'],
      ['seismolog-grafana', 'reader'],
      ['seismolog-logstash', 'writer'],
    ]);
    for (const { role_descriptors } of elastic.requests)
      for (const [role, rights] of Object.entries(role_descriptors)) expect(rights).toEqual(roleOf(role));
    expect(Buffer.from(keyOf('detector'), 'base64').toString()).toBe('id-1:key-1');
    expect(Buffer.from(keyOf('grafana'), 'base64').toString()).toBe('id-3:key-3');
    expect(keyOf('logstash')).toBe('id-4:key-4');
    expect(statSync(path.join(home, 'detector', 'elasticsearch-api-key')).mode & 0o007).toBe(0);
    expect(output).not.toContain('key-1');
    expect(output).not.toContain(keyOf('detector'));
  });

  test('a second start keeps the keys; one that was revoked, or has other rights now, is made anew', async () => {
    await make();
    const keys = CLIENTS.map(keyOf);
    expect((await make()).status).toBe(0);
    expect(CLIENTS.map(keyOf)).toEqual(keys);
    expect(elastic.requests).toHaveLength(4);

    elastic.valid.delete(keyOf('grafana'));
    expect((await make()).status).toBe(0);
    expect(elastic.requests.slice(4).map(({ name }) => name)).toEqual(['seismolog-grafana']);
    expect(keyOf('grafana')).not.toBe(keys[2]);
    expect(keyOf('detector')).toBe(keys[0]);

    await make({ SEISMOLOG_READABLE_INDICES: 'main=filebeat-*, logs-nginx-*;other=old-logs' });
    const [last] = elastic.requests.slice(-1);
    expect(last?.name).toBe('seismolog-detector');
    expect(last?.role_descriptors['readable']?.indices).toEqual([
      { names: ['filebeat-*', 'logs-nginx-*', 'old-logs'], privileges: ['read', 'view_index_metadata'] },
    ]);
    expect(keyOf('detector')).not.toBe(keys[0]);
  });

  test('a Logstash elsewhere gets a user with the rights of the writer, and at each start the password of .env', async () => {
    expect((await make()).status).toBe(0);
    const { status, output } = await make({ LOGSTASH_ELASTICSEARCH_PASSWORD: 'another-word' });
    expect(status).toBe(0);
    const role = { path: '/_security/role/seismolog_writer', body: roleOf('writer') };
    const user = (password: string) => ({
      path: '/_security/user/logstash_writer',
      body: { password, roles: ['seismolog_writer'] },
    });
    expect(elastic.put).toEqual([role, user('writers-word'), role, user('another-word')]);
    expect(output).not.toContain('another-word');

    const refused = await make({ LOGSTASH_ELASTICSEARCH_PASSWORD: 'short' });
    expect(refused.status).not.toBe(0);
    expect(refused.output).toContain('at least [6] characters');
  });

  test('a wrong password ends it with what Elasticsearch said, and leaves no half-written key', async () => {
    const { status, output } = await make({ ELASTIC_PASSWORD: 'wrong' });
    expect(status).not.toBe(0);
    expect(output).toContain('unable to authenticate');
    expect(output).not.toContain('wrong');
    expect(existsSync(path.join(home, 'detector', 'elasticsearch-api-key'))).toBe(false);
  });
});

test('start-logstash.sh hands the keys of its volume to Logstash', () => {
  writeFileSync(path.join(home, 'elasticsearch-api-key'), 'id:key\n');
  writeFileSync(path.join(home, 'seismolog-api-key'), 'smk_x\n');
  const logstash = path.join(home, 'logstash');
  writeFileSync(logstash, '#!/bin/sh\necho "$LOGSTASH_ELASTICSEARCH_API_KEY $LOGSTASH_PUSH_API_KEY"\n');
  chmodSync(logstash, 0o755);
  const start = () =>
    spawnSync('bash', [script('start-logstash.sh')], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], KEYS_DIR: home, LOGSTASH_ENTRYPOINT: logstash },
    });
  expect(start()).toMatchObject({ status: 0, stdout: 'id:key smk_x\n' });
  rmSync(path.join(home, 'seismolog-api-key'));
  expect(start().status).not.toBe(0);
});

describe('add-log-source.mjs', () => {
  /** The far end: an API that has no such source, has it, or refuses. */
  async function add(answers: number) {
    const asked: { authorization: string | undefined; body: unknown }[] = [];
    const server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        asked.push({ authorization: request.headers.authorization, body: JSON.parse(body) });
        response.writeHead(answers).end('{"code":"of the API"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    writeFileSync(path.join(home, 'key'), 'smk_x\n');
    const child = spawn(process.execPath, [script('add-log-source.mjs')], {
      env: {
        SEISMOLOG_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        SEISMOLOG_API_KEY_FILE: path.join(home, 'key'),
        SEISMOLOG_TENANT_SLUG: 'main',
      },
    });
    let errors = '';
    child.stderr.on('data', (text) => (errors += String(text)));
    const [status] = (await once(child, 'close')) as [number];
    await new Promise((resolve) => server.close(resolve));
    return { status, errors, asked };
  }

  test('asks for a source of the tenant that the API takes', async () => {
    const { status, asked } = await add(201);
    expect(status).toBe(0);
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer smk_x']);
    expect(asked[0]?.body).toEqual({
      name: 'logstash',
      source_type: 'elasticsearch',
      connection_config: { index: 'logs-main-2*', preset: 'seismolog' },
    });
    const validate = new Ajv({ strict: false }).compile(NewLogSource);
    validate(asked[0]?.body);
    expect(validate.errors).toBeNull();
  });

  test('is content with a source that is there, and tells what the API said otherwise', async () => {
    expect((await add(409)).status).toBe(0);
    const errors = 'The API answered 403: {"code":"of the API"}\n';
    expect(await add(403)).toMatchObject({ status: 1, errors });
  });
});

test.each([
  'make-env.sh',
  'make-certificates.sh',
  'make-api-keys.sh',
  'make-database-login.sh',
  'prepare.sh',
  'start-logstash.sh',
])('%s is a script that its shell can read', (name) => {
  const [shell = ''] = readFileSync(script(name), 'utf8').split('\n');
  expect(spawnSync(shell.replace('#!', ''), ['-n', script(name)], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
  expect(statSync(script(name)).mode & 0o111).toBe(0o111);
});
