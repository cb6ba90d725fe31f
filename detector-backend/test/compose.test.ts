import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { COMPOSE_LIMIT_MS, composeCommand } from './compose-command.ts';
import {
  operationProblems,
  readCompose,
  readEnv,
  referenceProblems,
  schemaProblems,
  type Surroundings,
} from './compose-checks.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const compose = read('docker-compose.yml');
const around: Surroundings = {
  env: read('.env.example'),
  exists: (place) => existsSync(path.join(root, place)),
  dockerfile: read,
};
const { services } = readCompose(compose);

/** The compose file with one change that must be found. */
function changed(from: string | RegExp, to: string): string {
  const text = compose.replace(from, to);
  expect(text).not.toBe(compose);
  return text;
}

test('the file is of the compose specification', () => {
  expect(schemaProblems(compose)).toEqual([]);
  expect(schemaProblems(changed('stop_grace_period:', 'stop_grace:'))).not.toEqual([]);
  expect(schemaProblems(changed('init: true', 'init: 5'))).not.toEqual([]);
  expect(schemaProblems(changed(/condition: service_healthy/, 'condition: healthy'))).not.toEqual([]);
});

test('every name in it leads somewhere', () => {
  expect(referenceProblems(compose, around)).toEqual([]);
});

test.each([
  ['a dependency', 'migrate: { condition', 'migration: { condition', 'depends on migration'],
  ['a needed service of one profile', ', required: false', '', 'requires elasticsearch'],
  ['a network', 'networks: [private]', 'networks: [public]', 'networks: public is not defined'],
  ['a volume', 'redis-data:/data', 'redis-dat:/data', 'volumes: redis-dat is not defined'],
  ['a mounted file', './provisioning/compose/prepare.sh', './provisioning/prepare.sh', 'does not exist'],
  ['a variable', '${REDIS_MEMORY}', '${REDIS_MEM}', 'variable REDIS_MEM is not in .env.example'],
  ['a Dockerfile', 'detector-backend/Dockerfile', 'detector-backend/Containerfile', 'does not exist'],
])('%s that does not exist is found', (_what, from, to, problem) => {
  expect(referenceProblems(changed(from, to), around).join('\n')).toContain(problem);
});

test('limits, health checks, pinned images, closed ports, no secrets in the file', () => {
  expect(operationProblems(compose, around)).toEqual([]);
});

test.each([
  ['an open port', '127.0.0.1:${API_PORT}', '${API_PORT}', 'api: port ${API_PORT}:3100 is open'],
  ['a floating image', 'redis:${REDIS_VERSION}', 'redis:latest', 'redis: image redis:latest is not pinned'],
  ['an image without a tag', 'redis:${REDIS_VERSION}', 'redis', 'redis: image redis is not pinned'],
  ['a missing limit', 'mem_limit: ${WORKER_MEMORY}', '', 'worker: has no memory limit'],
  [
    'a missing health check',
    /healthcheck:\n\s+test: \[CMD-SHELL, redis-cli.*\n/,
    'x-health:\n',
    'redis: has no health check',
  ],
  [
    'a password in the file',
    /REDISCLI_AUTH: .*/,
    'REDISCLI_AUTH: redis',
    'redis: REDISCLI_AUTH may be empty',
  ],
  [
    'a password that may be empty',
    /POSTGRES_PASSWORD: .*/,
    'POSTGRES_PASSWORD: ${POSTGRES_OWNER_PASSWORD}',
    'may be empty',
  ],
  ['logs without an end', 'max-size: 10m, ', '', 'its log is not rotated'],
  ['a service that stays down', 'restart: unless-stopped', 'restart: always', 'restart is always'],
])('%s is found', (_what, from, to, problem) => {
  expect(operationProblems(changed(from, to), around).join('\n')).toContain(problem);
});

test('the example has no secret, and no two services share one by accident', () => {
  const secrets = [...readEnv(around.env)].filter(([name]) => /_(PASSWORD|SECRET_KEY)$/.test(name));
  expect(secrets.length).toBeGreaterThan(5);
  for (const [name, value] of secrets) expect(`${name}=${value}`).toBe(`${name}=`);
});

test('the queue may not lose keys, and survives a restart', () => {
  const command = services['redis']?.command?.join(' ') ?? '';
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--requirepass');
  expect(services['redis']?.user).toBe('redis');
});

test('Elasticsearch answers with TLS only, to those with a password or a key', () => {
  const { environment = {} } = services['elasticsearch'] ?? {};
  expect(environment['xpack.security.enabled']).toBe('true');
  expect(environment['xpack.security.http.ssl.enabled']).toBe('true');
  expect(readEnv(around.env).get('ELASTICSEARCH_URL')).toMatch(/^https:/);
});

test('each client sees its own keys and no others; api and worker can not become the owner of the schema', () => {
  const keysOf = (name: string) =>
    (services[name]?.volumes ?? []).filter(
      (mount) => mount.startsWith('keys-') || mount.startsWith('certificates'),
    );
  expect(keysOf('api')).toEqual(['keys-detector:/run/keys:ro']);
  expect(keysOf('worker')).toEqual(['keys-detector:/run/keys:ro']);
  expect(keysOf('grafana')).toEqual(['keys-grafana:/run/keys:ro']);
  for (const name of ['api', 'worker', 'grafana']) {
    expect(Object.keys(services[name]?.environment ?? {})).not.toContain('OWNER_DATABASE_URL');
    expect(Object.keys(services[name]?.environment ?? {})).not.toContain('ELASTIC_PASSWORD');
  }
});

test('Logstash is given every variable that its configuration reads and has no default for', () => {
  const { environment = {}, volumes = [] } = services['logstash'] ?? {};
  const started = read('provisioning/compose/start-logstash.sh');
  const folder = 'logstash-pipelines/pipelines';
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    // Keys over TLS are used here, not passwords.
    .filter((file) => file.endsWith('.conf') && !file.endsWith('-password.conf'))
    .map((file) => `${folder}/${file}`);
  const config = ['logstash-pipelines/config/pipelines.yml', 'logstash-pipelines/config/logstash.yml'];
  const texts = [...files, ...config].map((file) => read(file).replace(/^\s*#.*$/gm, ''));
  const needed = new Set([...texts.join('\n').matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? ''));
  expect(needed).toContain('LOGSTASH_ELASTICSEARCH_API_KEY');
  for (const name of needed) {
    const isGiven = name in environment || started.includes(`\n${name}=`);
    expect({ name, isGiven }).toEqual({ name, isGiven: true });
  }
  expect(environment['LOGSTASH_ELASTICSEARCH']).toBe('api-key');
  expect(
    existsSync(path.join(root, folder, `40-out-elasticsearch-${environment['LOGSTASH_ELASTICSEARCH']}.conf`)),
  ).toBe(true);
  expect(volumes).toContain('logstash-data:/usr/share/logstash/data');
  // Each setting of the container has a reader.
  const read_by = texts.join('\n');
  for (const name of Object.keys(environment)) {
    if (name.startsWith('LOGSTASH_'))
      expect({ name, isRead: read_by.includes(`\${${name}`) }).toEqual({ name, isRead: true });
  }
});

test('api and worker are one image and have the same settings', () => {
  expect(services['worker']?.image).toBe(services['api']?.image);
  expect(services['worker']?.environment).toEqual(services['api']?.environment);
  expect(services['worker']?.command?.at(-1)).toBe('detector-backend/src/worker.ts');
});

test(
  'the genuine `docker compose config` accepts it with both profiles, and refuses what is wrong (optional)',
  async (context) => {
    const command = await composeCommand();
    if ('missing' in command) {
      console.warn(`skipped: docker compose config (missing: ${command.missing})`);
      return context.skip();
    }
    const home = mkdtempSync(path.join(os.tmpdir(), 'compose-config-'));
    const env_file = path.join(home, 'env');
    const config = (env: string, ...args: string[]) => {
      const [program = '', ...words] = command.words;
      return spawnSync(
        program,
        [...words, '--project-directory', root, '--env-file', env, ...args, 'config', '-q'],
        {
          encoding: 'utf8',
          // Variables of this process would win over those of the file.
          env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
        },
      );
    };
    try {
      const make_env = path.join(root, 'provisioning/compose/make-env.sh');
      expect(spawnSync(make_env, [env_file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      const file = ['-f', path.join(root, 'docker-compose.yml')];
      for (const profile of ['elasticsearch', 'opensearch']) {
        const { status, stderr } = config(env_file, ...file, '--profile', profile);
        expect({ profile, status, stderr }).toEqual({ profile, status: 0, stderr: '' });
      }
      const without_env = config(os.devNull, ...file);
      expect(without_env).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('make-env.sh') as string,
      });
      const broken = path.join(home, 'broken.yml');
      writeFileSync(broken, changed('migrate: { condition', 'migration: { condition'));
      const refused = config(env_file, '-f', broken, '--profile', 'elasticsearch');
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toContain('migration');
    } finally {
      rmSync(home, { recursive: true });
    }
  },
  COMPOSE_LIMIT_MS + 60_000,
);
