import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Takeover } from '../../src/compose.ts';

/** A dead worker's work is taken over sooner than in production, or ten kills would take two minutes of waiting. */
const TAKEOVER: Takeover = { lease_seconds: 3, jobs: { lock_ms: 3_000, stalled_check_ms: 1_000 } };
const SCRIPT = fileURLToPath(new URL('./worker-child.ts', import.meta.url));
const START_LIMIT_MS = 60_000;

export interface WorkerSettings {
  app_url: string;
  redis_url: string | null;
  /** Base64, 32 bytes. */
  secret_key: string;
}

export type Job = 'read' | 'judge';

export interface WorkerProcess {
  /** SIGKILL, at once: nothing of the process runs after this call. */
  kill(): void;
  /** SIGTERM; resolves with the exit code once the process ended by itself. Rejects when it does not within `limit_ms`. */
  stop(limit_ms: number): Promise<number | null>;
  /** Resolves once the process is gone. */
  ended: Promise<unknown>;
  /** Whether it is in the middle of such a job, as far as it told. */
  isRunning(job: Job): boolean;
  /** What it wrote to standard error (its warnings). */
  errors(): string;
}

/** Starts a worker in a process of its own; resolves once it works. */
export async function startWorkerProcess(settings: WorkerSettings): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, JSON.stringify(TAKEOVER)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DATABASE_URL: settings.app_url,
      REDIS_URL: settings.redis_url ?? '',
      SEISMOLOG_SECRET_KEY: settings.secret_key,
      SEISMOLOG_ALLOW_PRIVATE_TARGETS: '127.0.0.1',
      SEISMOLOG_LOG_LEVEL: 'warn',
    },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-20_000)));
  const ended = once(child, 'exit');
  const running = new Map<string, number>();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [event, job = ''] = line.split(' ');
    running.set(job, (running.get(job) ?? 0) + (event === 'begin' ? 1 : -1));
  });
  await untilWorking(child, lines, () => errors);
  return {
    kill: () => void child.kill('SIGKILL'),
    async stop(limit_ms) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), limit_ms);
      const [code, signal] = (await ended) as [number | null, string | null];
      clearTimeout(timer);
      if (signal === 'SIGKILL') throw new Error(`The worker did not end within ${limit_ms} ms. ${errors}`);
      return code;
    },
    ended,
    isRunning: (job) => (running.get(job) ?? 0) > 0,
    errors: () => errors,
  };
}

function untilWorking(child: ChildProcess, lines: Interface, errors: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The worker did not start. ${errors()}`));
    }, START_LIMIT_MS);
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}. ${errors()}`)));
    lines.once('line', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
