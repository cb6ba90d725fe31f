import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../platform/errors.ts';
import { isPermitted, type Identity } from '../platform/http/identity.ts';
import type { Database } from '../platform/postgres.ts';
import { isApiKey } from './api-key.ts';
import { findIdentity } from './api-key-repository.ts';

/**
 * Guards every route that is registered on `app` afterwards: a valid key is needed, and the permission that the route
 * names in `config.permission`. A route without one does not start, so nothing is open by forgetting.
 * Runs before the body is read.
 */
export function registerAuthentication(app: FastifyInstance, { database }: { database: Database }): void {
  app.decorateRequest('identity');
  app.addHook('onRoute', (route) => {
    if (!route.config?.permission)
      throw new Error(`${String(route.method)} ${route.url} names no permission`);
  });
  app.addHook('onRequest', async (request) => {
    const identity = await authenticate(database, request);
    const needed = request.routeOptions.config.permission ?? '';
    if (!isPermitted(identity.permissions, needed)) {
      throw new AppError('forbidden', `This call needs the permission ${needed}.`);
    }
    request.identity = identity;
  });
}

async function authenticate(database: Database, request: FastifyRequest): Promise<Identity> {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ', 2);
  const isBearer = scheme?.toLowerCase() === 'bearer' && token !== undefined && isApiKey(token);
  const identity = isBearer ? await findIdentity(database, token) : undefined;
  if (identity) return identity;
  const detail = token === undefined ? 'No key was sent.' : 'The key is unknown, revoked or expired.';
  // Grafana's page sends a request that was answered 401 again, POST included; 403 stops it.
  throw new AppError(cameThroughGrafana(request) ? 'forbidden' : 'unauthenticated', detail);
}

function cameThroughGrafana(request: FastifyRequest): boolean {
  return request.headers['x-grafana-id'] !== undefined || request.headers['x-grafana-context'] !== undefined;
}
