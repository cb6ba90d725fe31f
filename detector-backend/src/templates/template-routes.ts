import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AppError } from '../platform/errors.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import { findTemplate, listTemplates } from './template-repository.ts';
import {
  LogTemplateListSchema,
  LogTemplateParamsSchema,
  LogTemplateQuerySchema,
  LogTemplateSchema,
  type LogTemplate,
  type LogTemplateQuery,
} from './template-schema.ts';

const templateJson = (template: LogTemplate) => ({
  ...template,
  first_seen_at: isoTime(template.first_seen_at),
  last_seen_at: isoTime(template.last_seen_at),
});

function positionOf(cursor: string | undefined): { first_seen_at: number; id: number } | null {
  if (cursor === undefined) return null;
  const [first_seen_at, id] = decodeCursor(cursor, 2);
  if (typeof first_seen_at === 'number' && Number.isSafeInteger(id))
    return { first_seen_at, id: id as number };
  throw new AppError('invalid_request', 'cursor must be the next_cursor of an earlier answer.', {
    field: 'cursor',
  });
}

async function listPage(database: Database, tenant_id: string, query: LogTemplateQuery) {
  const { service_id = null, q = null, limit = 50 } = query;
  const after = positionOf(query.cursor);
  const templates = await database.withTenant(tenant_id, (client) =>
    listTemplates(client, { service_id, q, limit, after }),
  );
  const last = templates.length === limit ? templates.at(-1) : undefined;
  return {
    items: templates.map(templateJson),
    next_cursor: last ? encodeCursor([last.first_seen_at, last.id]) : null,
  };
}

const config = { permission: 'templates:read' };
const LIST = {
  tags: ['templates'],
  summary: 'Mined log templates, newest first',
  querystring: LogTemplateQuerySchema,
  response: { 200: LogTemplateListSchema },
};
const ONE = {
  tags: ['templates'],
  summary: 'One log template',
  params: LogTemplateParamsSchema,
  response: { 200: LogTemplateSchema },
};

/** GET /templates, GET /templates/:id. */
export const templateRoutes =
  ({ database }: { database: Database }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/templates', { config, schema: LIST }, ({ identity, query }) =>
      listPage(database, identity.tenant_id, query),
    );

    app.get('/templates/:id', { config, schema: ONE }, async ({ identity, params }) => {
      const template = await database.withTenant(identity.tenant_id, (client) =>
        findTemplate(client, params.id),
      );
      if (!template) throw new AppError('not_found', `There is no template ${params.id}.`, { field: 'id' });
      return templateJson(template);
    });
  };
