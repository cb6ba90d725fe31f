import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Collects the schemas of all routes that are registered after it; serves them at `/openapi.json`. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Seismolog',
        version: '1',
        description: 'Anomaly detection for cloud logs. Errors are application/problem+json with a `code`.',
      },
      components: { securitySchemes: { api_key: { type: 'http', scheme: 'bearer' } } },
      security: [{ api_key: [] }],
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

/** The document as it is committed in `docs/openapi.json`: paths sorted, two spaces, a line feed at the end. */
export async function openApiText(app: FastifyInstance): Promise<string> {
  await app.ready();
  const document = app.swagger();
  const byPath = (a: [string, unknown], b: [string, unknown]) => (a[0] < b[0] ? -1 : 1);
  const paths = Object.fromEntries(Object.entries(document.paths ?? {}).sort(byPath));
  return `${JSON.stringify({ ...document, paths }, null, 2)}\n`;
}
