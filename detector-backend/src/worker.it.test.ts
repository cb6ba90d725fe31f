import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { pollUntil } from '../test/e2e/poll.ts';
import { freePort } from '../test/free-port.ts';

const SCRIPT = fileURLToPath(new URL('./worker.ts', import.meta.url));
const LIMIT_MS = 60_000;
// More than the waiting in one test can add up to.
vi.setConfig({ testTimeout: 150_000 });
const secret_key = randomBytes(32).toString('base64');

let db: TestDatabase;
let children: ChildProcess[] = [];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  }
  children = [];
});
afterAll(() => db.close());

/** The process as an operator starts it. */
function startWorker(variables: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: db.app_url,
      SEISMOLOG_SECRET_KEY: secret_key,
      ...variables,
    },
  });
  children.push(child);
  const worker = { child, output: '', errors: '' };
  child.stdout.on('data', (text) => (worker.output += String(text)));
  child.stderr.on('data', (text) => (worker.errors += String(text)));
  return worker;
}

const ask = (port: number, path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);

test('a worker with a port shows health and the metrics of its jobs, and nothing else', async () => {
  const port = await freePort();
  const worker = startWorker({ SEISMOLOG_HTTP_PORT: String(port) });
  const ready = async () => (await ask(port, '/health/ready'))?.status === 200;
  await pollUntil(ready, LIMIT_MS, `the worker is ready. ${worker.errors}`);
  expect(await (await ask(port, '/health/ready'))?.json()).toEqual({
    status: 'ok',
    checks: { database: 'ok', log_store: 'ok', queue: 'ok' },
  });
  const hasRun = async () =>
    /seismolog_job_seconds_count\{.*queue="retain"/.test((await (await ask(port, '/metrics'))?.text()) ?? '');
  await pollUntil(hasRun, LIMIT_MS, 'the metrics show the first job');
  expect((await ask(port, '/api/v1/session'))?.status).toBe(404);

  worker.child.kill('SIGTERM');
  expect(await once(worker.child, 'exit')).toEqual([0, null]);
  expect(await ask(port, '/health/live')).toBeUndefined();
});

test('a worker without a port listens nowhere', async () => {
  const worker = startWorker({});
  await pollUntil(async () => worker.output.includes('"working"'), LIMIT_MS, 'the worker works');
  expect(worker.output).not.toContain('listening');
});

test('a worker whose port is taken says so, names the variable and ends', async () => {
  const port = await freePort();
  const first = startWorker({ SEISMOLOG_HTTP_PORT: String(port) });
  await pollUntil(
    async () => (await ask(port, '/health/live'))?.status === 200,
    LIMIT_MS,
    'the first listens',
  );
  const second = startWorker({ SEISMOLOG_HTTP_PORT: String(port) });
  expect((await once(second.child, 'exit'))[0]).toBe(1);
  expect(second.errors).toContain(`can not listen on 127.0.0.1:${port}`);
  expect(second.errors).toContain('SEISMOLOG_HTTP_PORT');
  expect(first.child.exitCode).toBeNull();
});
