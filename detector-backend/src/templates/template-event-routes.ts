import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Audit } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import type { Database } from '../platform/postgres.ts';
import {
  ignoreTemplate,
  mergeTemplate,
  pinTemplate,
  renameTemplate,
  splitTemplate,
  undoEvent,
  undoneIds,
} from './manage-template.ts';
import { findServiceEvents, listEvents } from './template-event-repository.ts';
import * as schemas from './template-event-schema.ts';
import { LogTemplateParamsSchema } from './template-schema.ts';

const tags = ['templates'];
const config = { permission: 'templates:write' };
const edited = { tags, params: LogTemplateParamsSchema, response: { 201: schemas.TemplateEditedSchema } };

/** POST /templates/:id/merge, /split, /rename, /pin, /ignore; GET /template-events, POST /template-events/:id/undo. */
export const templateEventRoutes =
  (deps: { database: Database; audit: Audit }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/templates/:id/merge',
      {
        config,
        schema: {
          ...edited,
          body: schemas.MergeBodySchema,
          summary: 'Let its lines count as another template',
        },
      },
      async (request, reply) =>
        reply.code(201).send(await mergeTemplate(deps, request, request.params.id, request.body.into)),
    );
    app.post(
      '/templates/:id/split',
      {
        config,
        schema: {
          ...edited,
          body: schemas.SplitBodySchema,
          summary: 'Split off the lines with one value; without position and value, undo its last merge',
        },
      },
      async (request, reply) =>
        reply.code(201).send(await splitTemplate(deps, request, request.params.id, request.body)),
    );
    app.post(
      '/templates/:id/rename',
      { config, schema: { ...edited, body: schemas.RenameBodySchema, summary: 'Give it a name' } },
      async (request, reply) =>
        reply.code(201).send(await renameTemplate(deps, request, request.params.id, request.body.name)),
    );
    app.post(
      '/templates/:id/pin',
      { config, schema: { ...edited, body: schemas.PinBodySchema, summary: 'Keep its pattern as it is' } },
      async (request, reply) =>
        reply.code(201).send(await pinTemplate(deps, request, request.params.id, request.body.is_pinned)),
    );
    app.post(
      '/templates/:id/ignore',
      { config, schema: { ...edited, body: schemas.IgnoreBodySchema, summary: 'Let its lines be no news' } },
      async (request, reply) =>
        reply.code(201).send(await ignoreTemplate(deps, request, request.params.id, request.body.is_ignored)),
    );
    app.post(
      '/template-events/:id/undo',
      { config, schema: { ...edited, summary: 'Undo a decision, or an undo' } },
      async (request, reply) => reply.code(201).send(await undoEvent(deps, request, request.params.id)),
    );
    app.get(
      '/template-events',
      {
        config: { permission: 'templates:read' },
        schema: {
          tags,
          summary: 'What people decided about templates, newest first',
          querystring: schemas.TemplateEventQuerySchema,
          response: { 200: schemas.TemplateEventListSchema },
        },
      },
      ({ identity, query }) => listPage(deps.database, identity.tenant_id, query),
    );
  };

async function listPage(database: Database, tenant_id: string, query: schemas.TemplateEventQuery) {
  const { service_id = null, template_id = null, limit } = query;
  const before = query.cursor === undefined ? null : Number(decodeCursor(query.cursor, 1)[0]);
  return database.withTenant(tenant_id, async (client) => {
    const rows = await listEvents(client, { service_id, template_id, before, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const undone = new Set<number>();
    for (const service of new Set(page.map((row) => row.service_id))) {
      for (const id of undoneIds(await findServiceEvents(client, service))) undone.add(id);
    }
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      items: page.map((row) => schemas.eventView(row, undone.has(row.id))),
      next_cursor: last ? encodeCursor([last.id]) : null,
    };
  });
}
