import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
} from 'fastify';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { handleError, handleNotFound } from './error-handler.ts';
import { registerHealthRoutes, type ReadinessChecks } from './health-routes.ts';
import { registerOpenApi } from './openapi.ts';
import { assertStraightPath } from './path-guard.ts';
import { createValidatorCompiler } from './validator.ts';

const REQUEST_ID = /^[\w.:-]{1,64}$/;

/**
 * A Fastify server with everything that knows no domain word: request ids, problem+json, strict validation, path guard,
 * security headers, rate limit per address, health, metrics and OpenAPI. Rooms register their routes on it.
 */
export async function createHttpServer(deps: {
  config: Pick<Config, 'body_limit_bytes' | 'requests_per_minute'>;
  logger: Logger;
  metrics: Metrics;
  readiness: ReadinessChecks;
}): Promise<FastifyInstance> {
  const app = createInstance(deps);
  app.setValidatorCompiler(createValidatorCompiler());
  app.setErrorHandler<FastifyError>(handleError);
  app.setNotFoundHandler(handleNotFound);
  // Hooks run in this order: the id first, so that every refusal carries it.
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    assertStraightPath(request.raw.url ?? '');
  });
  measureRequests(app, deps.metrics);
  await registerHeaders(app);
  await registerRateLimit(app, deps.config.requests_per_minute);
  await registerOpenApi(app);
  registerHealthRoutes(app, deps.readiness, deps.metrics);
  return app;
}

function createInstance({
  config,
  logger,
}: {
  config: { body_limit_bytes: number };
  logger: Logger;
}): FastifyInstance {
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.body_limit_bytes,
    requestTimeout: 30_000,
    // Idle keep-alive connections of browsers and proxies must not hold the shutdown.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 300 },
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    // Errors found before routing (a path that can not be decoded) pass no hook.
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Only JSON is a body, unless a room says otherwise for its own routes.
  app.removeContentTypeParser('text/plain');
  return app as unknown as FastifyInstance;
}

function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram('seismolog_http_request_seconds', 'Time to answer a request', [
    'method',
    'route',
    'status',
  ]);
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern, not the path: a path would make one series per id.
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    request.log.debug(
      { method: request.method, route, status: reply.statusCode, ms: reply.elapsedTime },
      'answered',
    );
  });
}

async function registerHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        // Emotion writes its style sheets at run time.
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'", 'data:'],
        // Served over plain HTTP on loopback; TLS ends at the proxy in front.
        'upgrade-insecure-requests': null,
      },
    },
    strictTransportSecurity: false,
  });
}

async function registerRateLimit(app: FastifyInstance, max: number): Promise<void> {
  await app.register(rateLimit, {
    max,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('too_many_requests', `No more than ${max} requests a minute are taken from one address.`, {
        retryAfterSeconds: Math.ceil(ttl / 1000),
      }),
  });
}
