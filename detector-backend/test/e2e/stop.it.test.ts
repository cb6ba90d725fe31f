import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { hasRedis, startRedis } from '../redis.ts';
import { pollUntil } from './poll.ts';
import { startStack } from './stack.ts';
import { startWorkerProcess } from './worker-process.ts';

if (!hasRedis)
  console.warn('skipped: what a stopped pipeline leaves on Redis (no redis-server binary found)');

const LIMIT_MS = 120_000;
const PATIENCE_MS = 30_000;

describe.each([
  { backend: 'postgres', here: true },
  { backend: 'redis', here: hasRedis },
])('a stopped pipeline leaves nothing behind, queue on $backend', ({ backend, here }) => {
  let db: TestDatabase;
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
  beforeAll(async () => {
    if (!here) return;
    db = await createTestDatabase();
    redis = backend === 'redis' ? await startRedis() : undefined;
  });
  afterAll(async () => {
    if (!here) return;
    await redis?.stop();
    await db.close();
  });

  /** Connections of the login of the application; the tests themselves look as the owner. */
  const connections = async (): Promise<number> => {
    const { rows } = await db.owner.query<{ count: number }>(
      `select count(*)::integer as count from pg_stat_activity
       where datname = current_database() and usename <> current_user`,
    );
    return rows[0]!.count;
  };

  test.runIf(here)('no connection', { timeout: LIMIT_MS }, async () => {
    const stack = await startStack(db, { redis_url: redis?.redis_url });
    await stack.call('GET', '/status');
    const rows = [{ features: Array.from({ length: 12 }, () => 0) }];
    await stack.call('POST', '/predict', { rows });
    expect(await connections()).toBeGreaterThan(0);
    await stack.stop();
    // A server process ends a moment after its client said good-bye.
    await pollUntil(async () => (await connections()) === 0, PATIENCE_MS, 'all connections are closed');
  });

  test.runIf(here)('nothing that keeps a process alive', { timeout: LIMIT_MS }, async () => {
    const secret_key = randomBytes(32).toString('base64');
    const worker = await startWorkerProcess({
      app_url: db.app_url,
      redis_url: redis?.redis_url ?? null,
      secret_key,
    });
    await pollUntil(async () => (await connections()) > 0, PATIENCE_MS, 'the worker works');
    // The process does not end itself: it lets go of everything, and nothing is left to wait for.
    expect(await worker.stop(PATIENCE_MS)).toBe(0);
    expect(worker.errors()).toBe('');
  });
});
