import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { hasRedis, startRedis } from '../../test/redis.ts';
import { AppError } from './errors.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { createQueues, type Queues } from './queue.ts';

const logger = createLogger({ level: 'silent' });
if (!hasRedis) console.warn('skipped: queue on Redis (no redis-server binary found)');

interface Service {
  open(): Queues;
  stop(): Promise<void>;
}

async function onPostgres(): Promise<Service> {
  const db: TestDatabase = await createTestDatabase();
  return {
    open: () => createQueues({ app_url: db.app_url }, logger, createMetrics({ process_metrics: false })),
    stop: () => db.close(),
  };
}

async function onRedis(): Promise<Service> {
  const redis = await startRedis();
  const prefix = randomUUID();
  return {
    open: () =>
      createQueues({ redis_url: redis.redis_url, prefix }, logger, createMetrics({ process_metrics: false })),
    stop: () => redis.stop(),
  };
}

const backends = [
  { name: 'postgres', start: onPostgres, here: true },
  { name: 'redis', start: onRedis, here: hasRedis },
];

describe.each(backends)('queue on $name', ({ start, here, name: backend }) => {
  let service: Service;
  let queues: Queues;
  beforeAll(async () => {
    if (!here) return;
    service = await start();
    queues = service.open();
  });
  afterAll(async () => {
    if (!here) return;
    await queues.close();
    await service.stop();
  });

  test.runIf(here)('hands each job to one worker, with its data', async () => {
    expect(queues.backend).toBe(backend);
    const seen: number[] = [];
    let done: () => void;
    const all = new Promise<void>((resolve) => (done = resolve));
    for (const concurrency of [1, 4]) {
      queues.work<{ n: number }>(
        'each',
        async (job) => {
          seen.push(job.data.n);
          if (seen.length === 50) done();
        },
        { concurrency },
      );
    }
    for (let n = 0; n < 50; n++) await queues.add('each', 'count', { n }, { job_id: `count-${n}` });
    await all;
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test.runIf(here)('knows a job id only as long as its job is not done', async () => {
    for (let n = 0; n < 3; n++) await queues.add('same', 'x', {}, { job_id: 'same-1' });
    expect(await queues.counts('same')).toMatchObject({ waiting: 1, active: 0 });
    let runs = 0;
    const worker = queues.work('same', async () => ++runs, { concurrency: 1 });
    await expect.poll(async () => [runs, (await queues.counts('same')).active]).toEqual([1, 0]);
    await queues.add('same', 'x', {}, { job_id: 'same-1' });
    await expect.poll(() => runs).toBe(2);
    await worker.close();
  });

  test.runIf(here)('retries an error, and gives up at once what can not be retried', async () => {
    const attempts: string[] = [];
    queues.work(
      'retry',
      async (job) => {
        attempts.push(`${job.name} ${job.attempt}`);
        if (job.name === 'hopeless') throw new AppError('not_found', 'gone');
        if (job.attempt < 2) throw new AppError('internal', 'once');
      },
      { concurrency: 1 },
    );
    await queues.add('retry', 'hopeless', {}, { job_id: 'hopeless' });
    await queues.add('retry', 'flaky', {}, { job_id: 'flaky' });
    await expect.poll(() => attempts, { timeout: 5000 }).toEqual(['hopeless 1', 'flaky 1', 'flaky 2']);
    await expect.poll(() => queues.counts('retry')).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 1 });
  });

  test.runIf(here)('runs a delayed job in time, and forgets everything when obliterated', async () => {
    await queues.add('later', 'x', {}, { job_id: 'later-1', delay_ms: 200 });
    await queues.add('later', 'x', {}, { job_id: 'later-2', delay_ms: 60_000 });
    const ids: string[] = [];
    const worker = queues.work('later', async (job) => ids.push(job.id), { concurrency: 1 });
    await expect.poll(() => ids, { timeout: 8000 }).toEqual(['later-1']);
    expect(await queues.counts('later')).toMatchObject({ delayed: 1 });
    await worker.close();
    await queues.obliterate('later');
    expect(await queues.counts('later')).toMatchObject({ delayed: 0 });
  });

  test.runIf(here)('close waits for running jobs', async () => {
    const other = service.open();
    let ended = false;
    const started = new Promise<void>((resolve) => {
      other.work(
        'slow',
        async () => {
          resolve();
          await new Promise((wait) => setTimeout(wait, 300));
          ended = true;
        },
        { concurrency: 1 },
      );
    });
    await other.add('slow', 'x', {}, { job_id: 'slow-1' });
    await started;
    await other.close();
    expect(ended).toBe(true);
  });
});
