import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import type { Database } from '../platform/postgres.ts';
import { listServices } from './service-read-model.ts';
import { Service } from './service-schema.ts';

/** GET /services. */
export const serviceRoutes =
  ({ database }: { database: Database }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const schema = {
      tags: ['services'],
      summary: 'Services by slug, with how far each is learned and judged',
      querystring: Type.Object({
        limit: Type.Integer({ minimum: 1, maximum: 2000, default: 500 }),
        cursor: Type.Optional(Type.String({ maxLength: 1000 })),
      }),
      response: {
        200: Type.Object({
          items: Type.Array(Service),
          next_cursor: Type.Union([Type.String(), Type.Null()]),
        }),
      },
    };
    app.get('/services', { config: { permission: 'services:read' }, schema }, async ({ identity, query }) => {
      const [slug, environment] =
        query.cursor === undefined ? ['', ''] : decodeCursor(query.cursor, 2).map(String);
      const items = await database.withTenant(identity.tenant_id, (client) =>
        listServices(client, { slug: slug ?? '', environment: environment ?? '', limit: query.limit }),
      );
      const last = items.length === query.limit ? items.at(-1) : undefined;
      return { items, next_cursor: last === undefined ? null : encodeCursor([last.slug, last.environment]) };
    });
  };
