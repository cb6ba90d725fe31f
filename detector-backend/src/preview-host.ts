import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from './platform/errors.ts';

export const PREVIEW_HOST_DIR = fileURLToPath(
  new URL('../../grafana-app-plugin/preview-host/dist', import.meta.url),
);
const PROXY_PREFIX = '/api/plugin-proxy/seismolog-detector-app/v1';
/** Addresses that only this machine can reach. */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^(::ffff:)?127\./.test(address);

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

export const previewHostIsBuilt = (): boolean => existsSync(path.join(PREVIEW_HOST_DIR, 'index.html'));

/**
 * The built plugin in a page of its own, for the embedded mode. The page holds no key: calls below the path of Grafana's
 * plugin proxy get the given one here. So only pages that this server itself gave out on a loopback name may make them:
 * the peer's address, the Host (against DNS rebinding) and the Origin (against other sites) are checked, and a server that
 * listens on more than loopback does not register it at all.
 */
export async function registerPreviewHost(app: FastifyInstance, api_key: string): Promise<void> {
  await app.register(fastifyStatic, { root: PREVIEW_HOST_DIR, wildcard: false, index: false, maxAge: 0 });
  const config = { permission: 'none', rateLimit: false as const };
  const schema = { hide: true };

  for (const page of ['/', '/a/*', '/plugins/*']) {
    app.get(page, { config, schema }, async (request, reply) => {
      assertOwnPage(request);
      return reply.sendFile('index.html');
    });
  }

  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${PROXY_PREFIX}/*`,
    config,
    schema,
    handler: async (request, reply) => {
      assertOwnPage(request);
      const answer = await app.inject({
        method: request.method as 'GET',
        url: `/api/v1${request.url.slice(PROXY_PREFIX.length)}`,
        headers: { authorization: `Bearer ${api_key}`, 'x-request-id': request.id },
        // An object is sent as JSON, with its content type.
        ...(request.body ? { payload: request.body as object } : {}),
      });
      return reply
        .status(answer.statusCode)
        .type(String(answer.headers['content-type'] ?? 'application/json'))
        .send(answer.rawPayload);
    },
  });
}

function assertOwnPage(request: FastifyRequest): void {
  const host = request.headers.host ?? '';
  const origin = request.headers.origin;
  const is_local =
    isLoopback(request.socket.remoteAddress ?? '') && LOOPBACK_NAMES.has(host.replace(/:\d+$/, ''));
  // Browsers send an Origin with everything but a GET of their own page; whatever comes without one (an outbound webhook
  // that points back here, for instance) may only read.
  const is_own = origin === undefined ? request.method === 'GET' : origin === `http://${host}`;
  if (!is_local || !is_own) {
    throw new AppError('forbidden', 'The preview host answers its own page on a loopback address only.');
  }
}
