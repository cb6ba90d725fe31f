import { createPostgresBackend, Queue, Worker, type Job, type WorkerOptions } from 'bullmq';
import pg from 'pg';
import type { Logger } from './logger.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
const POOL_MAX = 24;

export interface QueueBackend {
  name: 'redis' | 'postgres';
  openQueue(name: string): Queue;
  openWorker(name: string, run: (job: Job) => Promise<unknown>, options: Partial<WorkerOptions>): Worker;
  close(): Promise<void>;
}

/** How soon the job of a dead worker is taken over: when its lock has run out and a check for stalled jobs follows. */
export interface JobTiming {
  lock_ms: number;
  stalled_check_ms: number;
}

/** Taken over within 13 s at most. */
export const DEFAULT_JOB_TIMING: JobTiming = { lock_ms: 10_000, stalled_check_ms: 3_000 };

// A job may die with its worker any number of times (BullMQ's default ends it for good at the second), and steps are
// idempotent.
const workerOptions = ({ lock_ms, stalled_check_ms }: JobTiming) => ({
  lockDuration: lock_ms,
  stalledInterval: stalled_check_ms,
  maxStalledCount: 1_000_000,
  settings: {
    backoffStrategy: (attemptsMade: number) =>
      Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attemptsMade - 1)),
  },
});

/** @param connection.prefix keeps the queues of several installations (or tests) on one Redis apart */
export function redisBackend(
  { redis_url, prefix = 'seismolog' }: { redis_url: string; prefix?: string },
  timing = DEFAULT_JOB_TIMING,
): QueueBackend {
  const connection = { url: redis_url, maxRetriesPerRequest: null };
  return {
    name: 'redis',
    openQueue: (name) => new Queue(name, { connection: { ...connection, maxRetriesPerRequest: 5 }, prefix }),
    openWorker: (name, run, options) =>
      new Worker(name, run, { connection, prefix, ...workerOptions(timing), ...options }),
    close: () => Promise.resolve(),
  };
}

/** One pool for all queues and workers of the process, in schema `bullmq` and with the rights of the application. */
export function postgresBackend(app_url: string, logger: Logger, timing = DEFAULT_JOB_TIMING): QueueBackend {
  const pool = new pg.Pool({
    connectionString: app_url,
    // Each worker keeps one connection to LISTEN: with no more connections than workers all of them wait for ever.
    max: POOL_MAX,
    // Custom plans made while the job table was nearly empty are 7 to 9 times slower once it holds a backlog.
    options: '-c role=seismolog_app -c search_path=bullmq -c plan_cache_mode=force_generic_plan',
    keepAlive: true,
  });
  // Every queue and worker adds its listener to the one pool.
  pool.setMaxListeners(0);
  pool.on('error', errorLog(logger, 'pool'));
  const connection = pool as never;
  return {
    name: 'postgres',
    openQueue: (name) => new Queue(name, { connection }, createPostgresBackend as never),
    openWorker: (name, run, options) =>
      new Worker(
        name,
        run,
        { connection, ...workerOptions(timing), ...options },
        createPostgresBackend as never,
      ),
    close: () => pool.end(),
  };
}

/** An unreachable backend reports errors many times a second; one line a second says enough. */
export function errorLog(logger: Logger, queue: string): (error: Error) => void {
  let last = 0;
  return (error) => {
    if (Date.now() - last < 1000) return;
    last = Date.now();
    // The error of a pool carries its whole client: only what it says is logged.
    logger.warn({ queue, reason: error.message }, 'queue backend failed');
  };
}
