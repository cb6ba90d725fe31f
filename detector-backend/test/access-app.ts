import type { FastifyInstance } from 'fastify';
import { accessRoutes } from '../src/access/access-routes.ts';
import { apiKeyRoutes } from '../src/access/api-key-routes.ts';
import { audit } from '../src/access/audit-repository.ts';
import { registerAuthentication } from '../src/access/auth-hook.ts';
import { createHttpServer } from '../src/platform/http/http-server.ts';
import { createLogger } from '../src/platform/logger.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import type { Database } from '../src/platform/postgres.ts';

/** The API with the access room alone, for tests that need no other room. */
export async function createAccessApp(database: Database): Promise<FastifyInstance> {
  const app = await createHttpServer({
    config: { body_limit_bytes: 100_000, requests_per_minute: 100_000 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  await app.register(
    async (api) => {
      registerAuthentication(api, { database });
      await api.register(accessRoutes({ database, mode: 'embedded' }));
      await api.register(apiKeyRoutes({ database, audit }));
    },
    { prefix: '/api/v1' },
  );
  return app;
}
