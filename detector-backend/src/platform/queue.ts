import {
  createPostgresBackend,
  Queue,
  UnrecoverableError,
  Worker,
  type Job,
  type WorkerOptions,
} from 'bullmq';
import pg from 'pg';
import { AppError } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

export interface QueuedJob<T> {
  id: string;
  name: string;
  data: T;
  /** 1 for the first run. A job that was under way when its worker died runs again with the same number. */
  attempt: number;
  /** Carries queue, job id and attempt. */
  logger: Logger;
}

export interface JobOptions {
  /** Deterministic; no `:`. While a job of this id waits or runs, adding it again does nothing. */
  job_id: string;
  delay_ms?: number;
  /** Runs until the job is given up (a sweeper finds its work again); default 10. */
  attempts?: number;
}

export interface QueueCounts {
  waiting: number;
  active: number;
  delayed: number;
  /** Jobs given up since this process started. */
  failed: number;
}

export interface Queues {
  backend: 'redis' | 'postgres';
  /** Data are ids, never log lines. Rejects while the backend can not be reached. */
  add<T>(queue: string, job_name: string, data: T, options: JobOptions): Promise<void>;
  /** Starts a worker; an {@link AppError} that is not retryable ends its job at once, any other error retries with backoff. */
  work<T>(
    queue: string,
    handler: (job: QueuedJob<T>) => Promise<unknown>,
    options: { concurrency: number },
  ): { close(): Promise<void> };
  /** Of one queue, or the sum over all queues that this process has used. */
  counts(queue?: string): Promise<QueueCounts>;
  /** Deletes all jobs of one queue, or of all queues that this process has used. */
  obliterate(queue?: string): Promise<void>;
  /** Lets running jobs end, then closes all connections. */
  close(): Promise<void>;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
const POOL_MAX = 24;

interface Backend {
  name: Queues['backend'];
  openQueue(name: string): Queue;
  openWorker(name: string, run: (job: Job) => Promise<unknown>, options: Partial<WorkerOptions>): Worker;
  close(): Promise<void>;
}

/**
 * BullMQ on Redis when `redis_url` is given, else on PostgreSQL (schema `bullmq`, made by {@link migrate}).
 * @param connection.prefix keeps the queues of several installations (or tests) on one Redis apart
 */
export function createQueues(
  connection: { redis_url: string; prefix?: string } | { app_url: string },
  logger: Logger,
  metrics: Metrics,
): Queues {
  const backend =
    'redis_url' in connection ? redisBackend(connection) : postgresBackend(connection.app_url, logger);
  const queues = new Map<string, Queue>();
  const workers: Worker[] = [];
  const failed = new Map<string, number>();
  const seconds = metrics.histogram('seismolog_job_seconds', 'Time of one run of a job', [
    'queue',
    'outcome',
  ]);

  function queueOf(name: string): Queue {
    const known = queues.get(name);
    if (known) return known;
    const queue = backend.openQueue(name);
    queue.on('error', errorLog(logger, name));
    queues.set(name, queue);
    return queue;
  }
  const chosen = (name?: string) => (name === undefined ? [...queues.values()] : [queueOf(name)]);

  async function counts(name?: string): Promise<QueueCounts> {
    const sum = { waiting: 0, active: 0, delayed: 0, failed: 0 };
    for (const queue of chosen(name)) {
      const part = await queue.getJobCounts('waiting', 'active', 'delayed');
      sum.waiting += part['waiting'] ?? 0;
      sum.active += part['active'] ?? 0;
      sum.delayed += part['delayed'] ?? 0;
      sum.failed += failed.get(queue.name) ?? 0;
    }
    return sum;
  }

  return {
    backend: backend.name,
    async add(name, job_name, data, { job_id, delay_ms, attempts }) {
      await queueOf(name).add(job_name, data, {
        jobId: job_id,
        attempts: attempts ?? 10,
        backoff: { type: 'custom' },
        ...(delay_ms === undefined ? {} : { delay: delay_ms }),
        // A finished job that stayed would make the queue ignore its id for ever.
        removeOnComplete: true,
        removeOnFail: true,
      });
    },
    work<T>(
      name: string,
      handler: (job: QueuedJob<T>) => Promise<unknown>,
      { concurrency }: { concurrency: number },
    ) {
      queueOf(name);
      const run = runner(name, handler, logger, seconds);
      const worker = backend.openWorker(name, run, { concurrency });
      worker.on('error', errorLog(logger, name));
      worker.on('failed', (job, error) => {
        // BullMQ also tells each failed attempt; given up is what will not run again.
        if (job && !job.finishedOn) return;
        failed.set(name, (failed.get(name) ?? 0) + 1);
        logger.error({ queue: name, job_id: job?.id, err: error }, 'job given up');
      });
      workers.push(worker);
      return { close: () => worker.close() };
    },
    counts,
    async obliterate(name) {
      for (const queue of chosen(name)) await queue.obliterate({ force: true });
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}

function runner<T>(
  queue: string,
  handler: (job: QueuedJob<T>) => Promise<unknown>,
  logger: Logger,
  seconds: ReturnType<Metrics['histogram']>,
): (job: Job) => Promise<void> {
  return async (job) => {
    const started = performance.now();
    const attempt = job.attemptsMade + 1;
    const child = logger.child({ queue, job_id: job.id, attempt });
    const done = (outcome: string) =>
      seconds.observe({ queue, outcome }, (performance.now() - started) / 1000);
    try {
      await handler({ id: job.id ?? '', name: job.name, data: job.data as T, attempt, logger: child });
      done('completed');
    } catch (error) {
      done('failed');
      child.warn({ err: error }, 'job failed');
      if (error instanceof AppError && !error.retryable)
        throw new UnrecoverableError(`${error.code}: ${error.message}`);
      throw error;
    }
  };
}

// A job whose worker died is taken over within 13 s at most. It may die with its worker any number of times
// (BullMQ's default ends it for good at the second), and steps are idempotent.
const WORKER_OPTIONS = {
  lockDuration: 10_000,
  stalledInterval: 3_000,
  maxStalledCount: 1_000_000,
  settings: {
    backoffStrategy: (attemptsMade: number) =>
      Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attemptsMade - 1)),
  },
};

function redisBackend({ redis_url, prefix = 'seismolog' }: { redis_url: string; prefix?: string }): Backend {
  const connection = { url: redis_url, maxRetriesPerRequest: null };
  return {
    name: 'redis',
    openQueue: (name) => new Queue(name, { connection: { ...connection, maxRetriesPerRequest: 5 }, prefix }),
    openWorker: (name, run, options) =>
      new Worker(name, run, { connection, prefix, ...WORKER_OPTIONS, ...options }),
    close: () => Promise.resolve(),
  };
}

function postgresBackend(app_url: string, logger: Logger): Backend {
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
      new Worker(name, run, { connection, ...WORKER_OPTIONS, ...options }, createPostgresBackend as never),
    close: () => pool.end(),
  };
}

/** An unreachable backend reports errors many times a second; one line a second says enough. */
function errorLog(logger: Logger, queue: string): (error: Error) => void {
  let last = 0;
  return (error) => {
    if (Date.now() - last < 1000) return;
    last = Date.now();
    logger.warn({ queue, err: error }, 'queue backend failed');
  };
}
