import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';

/** Each resolves when its part can serve, and rejects saying what is wrong. */
export type ReadinessChecks = Record<string, () => Promise<unknown>>;

const CHECK_LIMIT_MS = 2_000;

/**
 * `/health/live` says that the process answers, `/health/ready` that everything it needs does too (503 if not),
 * `/metrics` is for Prometheus. None of them needs a key or names a tenant.
 */
export function registerHealthRoutes(app: FastifyInstance, checks: ReadinessChecks, metrics: Metrics): void {
  const config = { rateLimit: false as const };
  app.get('/health/live', { config, schema: { hide: true } }, () => ({ status: 'ok' }));

  app.get('/health/ready', { config, schema: { hide: true } }, async (_request, reply) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
    );
    const isReady = results.every(([, result]) => result === 'ok');
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? 'ok' : 'unavailable', checks: Object.fromEntries(results) });
  });

  app.get('/metrics', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

async function outcome(check: () => Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_LIMIT_MS} ms`), CHECK_LIMIT_MS);
  });
  const answer = check().then(
    () => 'ok',
    (error: Error) => error.message || 'failed',
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
