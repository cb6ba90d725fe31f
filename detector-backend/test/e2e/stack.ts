import { randomBytes } from 'node:crypto';
import { bootstrapTenant } from '../../src/access/bootstrap.ts';
import { buildApp } from '../../src/app.ts';
import { compose, composePipeline, release, type Parts } from '../../src/compose.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { startPipeline } from '../../src/pipeline.ts';
import type { SearchConnection } from '../../src/platform/search-connection.ts';
import type { TestDatabase } from '../database.ts';

/** API and worker in this process, on a database of a test. */
export interface Stack {
  parts: Parts;
  base_url: string;
  /** The administrator's. */
  api_key: string;
  /** One call below /api/v1 as the administrator; throws for anything but 2xx. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

export interface StackOptions {
  redis_url?: string | undefined;
  /** A cluster to store log documents in; default: PostgreSQL. */
  store?: SearchConnection | undefined;
  /** A cluster that log sources of the tenant are read from, and what of it. */
  cluster?: { connection: SearchConnection; patterns: string[] };
}

export async function startStack(
  db: TestDatabase,
  { redis_url, store, cluster }: StackOptions,
): Promise<Stack> {
  const { api_key } = await bootstrapTenant({ owner_url: db.owner_url, slug: 'acme', name: 'Acme' });
  if (api_key === null) throw new Error('the tenant has a key already');
  const config = loadConfig(
    {},
    {
      mode: 'full',
      database_url: db.app_url,
      redis_url,
      ...(store && { log_store: store.engine, connections: { [store.engine]: store } }),
      ...(cluster && {
        connections: { [cluster.connection.engine]: cluster.connection },
        readable_indices: { acme: cluster.patterns },
      }),
      secret_key: randomBytes(32),
      allow_private_targets: ['127.0.0.1'],
      log_level: 'error',
    },
  );
  const parts = compose(
    config,
    db.app_url,
    createLogger({ level: 'error' }),
    createMetrics({ process_metrics: false }),
  );
  const app = await buildApp(parts);
  const base_url = await app.listen({ host: '127.0.0.1', port: 0 });
  const pipeline = startPipeline(composePipeline(parts));
  return {
    parts,
    base_url,
    api_key,
    async call<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${base_url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return JSON.parse(text) as T;
    },
    async stop() {
      await pipeline.stop();
      await app.close();
      await release(parts);
    },
  };
}
