import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createPostgresLogStore } from '../logstore/postgres-log-store.ts';
import { createHttpServer } from '../platform/http/http-server.ts';
import type { Audit } from '../platform/http/identity.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { Client } from '../platform/postgres.ts';
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from './ingest-limits.ts';
import { ingestStep } from './ingest-step.ts';
import { logRoutes } from './log-routes.ts';
import { logSourceRoutes } from './log-source-routes.ts';
import type { SourceDefaults } from './log-source-settings.ts';
import { serviceRoutes } from './service-routes.ts';

export interface IngestTestApp {
  db: TestDatabase;
  base_url: string;
  /** Who calls, by the header `x-tenant`: `acme` (default) or `other`. */
  tenants: Record<string, string>;
  /** Settable; the wall clock of the routes. */
  clock: { now: number };
  audited: string[];
  close(): Promise<void>;
}

/** Clusters that sources may be read from, what of them, and what a room to the right does with a changed source. */
export type TestClusters = Pick<SourceDefaults, 'engines' | 'config'> & {
  onSelectionChange?: (client: Client, log_source_id: string) => Promise<void>;
};
const NO_CLUSTERS: TestClusters = { engines: {}, config: { readable_indices: {}, backfill_hours: 24 } };

/** The room's routes on a real server and a real database; a hook says who calls. */
export async function createIngestTestApp(
  limits: Partial<IngestLimits> = {},
  clusters: TestClusters = NO_CLUSTERS,
): Promise<IngestTestApp> {
  const db = await createTestDatabase();
  const { rows } = await db.owner.query<{ id: string }>(
    `insert into tenants (slug, name) values ('other', 'Other') returning id`,
  );
  const tenants: Record<string, string> = { acme: db.tenant_id, other: rows[0]?.id ?? '' };
  const clock = { now: Date.now() };
  const audited: string[] = [];
  const app = await createServer(tenants);
  const deps = { ...clusters, limits: { ...DEFAULT_INGEST_LIMITS, ...limits } };
  await registerRoutes(app, db, deps, clock, audited);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    db,
    base_url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    tenants,
    clock,
    audited,
    async close() {
      await app.close();
      await db.close();
    },
  };
}

async function createServer(tenants: Record<string, string>): Promise<FastifyInstance> {
  const app = await createHttpServer({
    config: { body_limit_bytes: 1_000_000, requests_per_minute: 1_000_000 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  app.addHook('onRequest', async (request) => {
    const tenant_slug = String(request.headers['x-tenant'] ?? 'acme');
    const tenant_id = tenants[tenant_slug] ?? '';
    request.identity = {
      tenant_id,
      tenant_slug,
      actor: 'key:test',
      permissions: ['*'],
      user_id: null,
      key_id: null,
    };
  });
  return app;
}

async function registerRoutes(
  app: FastifyInstance,
  { database }: TestDatabase,
  { limits, ...clusters }: TestClusters & { limits: IngestLimits },
  clock: { now: number },
  audited: string[],
): Promise<void> {
  const now = () => clock.now;
  const metrics = createMetrics({ process_metrics: false });
  const log_store = createPostgresLogStore({ database });
  const ingest = ingestStep({ database, log_store, metrics, limits });
  const audit: Audit = (_client, _identity, { action }) => Promise.resolve(void audited.push(action));
  await app.register(logRoutes({ ingest, limits, now }));
  const onSelectionChange = () => Promise.resolve();
  await app.register(
    logSourceRoutes({ database, audit, limits, now, log_store, onSelectionChange, ...clusters }),
  );
  await app.register(serviceRoutes({ database }));
}
