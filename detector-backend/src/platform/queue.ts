import { UnrecoverableError, type Job, type JobsOptions, type Queue, type Worker } from 'bullmq';
import { AppError } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import {
  errorLog,
  postgresBackend,
  redisBackend,
  type JobTiming,
  type QueueBackend,
} from './queue-backend.ts';

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

interface State {
  backend: QueueBackend;
  queues: Map<string, Queue>;
  workers: Worker[];
  /** Jobs given up, by queue. */
  failed: Map<string, number>;
  logger: Logger;
}

type QueueConnection = { redis_url: string; prefix?: string } | { app_url: string };

/** BullMQ on Redis when `redis_url` is given, else on PostgreSQL (schema `bullmq`, made by {@link migrate}). */
export function createQueues(
  connection: QueueConnection,
  logger: Logger,
  metrics: Metrics,
  timing?: JobTiming,
): Queues {
  const backend = openBackend(connection, logger, timing);
  const state: State = { backend, queues: new Map(), workers: [], failed: new Map(), logger };
  const seconds = metrics.histogram('seismolog_job_seconds', 'Time of one run of a job', [
    'queue',
    'outcome',
  ]);
  const chosen = (name?: string) =>
    name === undefined ? [...state.queues.values()] : [queueOf(state, name)];
  return {
    backend: backend.name,
    async add(name, job_name, data, options) {
      await queueOf(state, name).add(job_name, data, jobOptions(options));
    },
    work(name, handler, { concurrency }) {
      const worker = startWorker(state, name, runner(name, handler, logger, seconds), concurrency);
      return { close: () => worker.close() };
    },
    counts: async (name) => {
      const sum = { waiting: 0, active: 0, delayed: 0, failed: 0 };
      for (const queue of chosen(name)) await addCounts(sum, queue, state.failed.get(queue.name) ?? 0);
      return sum;
    },
    async obliterate(name) {
      for (const queue of chosen(name)) await queue.obliterate({ force: true });
    },
    async close() {
      await Promise.all(state.workers.map((worker) => worker.close()));
      await Promise.all([...state.queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}

const openBackend = (connection: QueueConnection, logger: Logger, timing?: JobTiming): QueueBackend =>
  'redis_url' in connection
    ? redisBackend(connection, timing)
    : postgresBackend(connection.app_url, logger, timing);

function queueOf(state: State, name: string): Queue {
  const known = state.queues.get(name);
  if (known) return known;
  const queue = state.backend.openQueue(name);
  queue.on('error', errorLog(state.logger, name));
  state.queues.set(name, queue);
  return queue;
}

function jobOptions({ job_id, delay_ms, attempts }: JobOptions): JobsOptions {
  return {
    jobId: job_id,
    attempts: attempts ?? 10,
    backoff: { type: 'custom' },
    ...(delay_ms === undefined ? {} : { delay: delay_ms }),
    // A finished job that stayed would make the queue ignore its id for ever.
    removeOnComplete: true,
    removeOnFail: true,
  };
}

function startWorker(
  state: State,
  name: string,
  run: (job: Job) => Promise<void>,
  concurrency: number,
): Worker {
  const { logger, failed } = state;
  queueOf(state, name);
  const worker = state.backend.openWorker(name, run, { concurrency });
  worker.on('error', errorLog(logger, name));
  worker.on('failed', (job, error) => {
    // BullMQ also tells each failed attempt; given up is what will not run again.
    if (job && !job.finishedOn) return;
    failed.set(name, (failed.get(name) ?? 0) + 1);
    logger.error({ queue: name, job_id: job?.id, err: error }, 'job given up');
  });
  state.workers.push(worker);
  return worker;
}

async function addCounts(sum: QueueCounts, queue: Queue, failed: number): Promise<void> {
  const part = await queue.getJobCounts('waiting', 'active', 'delayed');
  sum.waiting += part['waiting'] ?? 0;
  sum.active += part['active'] ?? 0;
  sum.delayed += part['delayed'] ?? 0;
  sum.failed += failed;
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
