import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AppError } from '../platform/errors.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import type { Client, Database } from '../platform/postgres.ts';
import { parameterView } from './parameters.ts';
import { findResembled, findSimilar, type SimilarTemplate } from './similar-read-model.ts';
import type { TemplateEdits } from './template-edits.ts';
import { findEdits } from './template-event-repository.ts';
import { countEvicted, findParameters, findTemplate, listTemplates } from './template-repository.ts';
import {
  LogTemplateListSchema,
  LogTemplateParamsSchema,
  LogTemplateQuerySchema,
  LogTemplateDetailSchema,
  SimilarTemplateListSchema,
  SimilarTemplateQuerySchema,
  type LogTemplate,
  type LogTemplateQuery,
} from './template-schema.ts';
import { templateView } from './template-view.ts';
import { wordsOf } from './template-words.ts';

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
  const { service_id = null, q = '', status = null, limit = 50 } = query;
  const after = positionOf(query.cursor);
  const words = wordsOf(q);
  return database.withTenant(tenant_id, async (client) => {
    const edits = await findEdits(client, service_id === null ? null : [service_id]);
    const named = namedIds(edits, words);
    const found = await listTemplates(client, {
      service_id,
      words,
      named,
      status,
      limit: limit + 1,
      after,
    });
    const templates = found.slice(0, limit);
    const last = found.length > limit ? templates.at(-1) : undefined;
    return {
      items: templates.map((template) => templateView(template, edits.get(template.service_id))),
      evicted_templates: await countEvicted(client, service_id),
      next_cursor: last ? encodeCursor([last.first_seen_at, last.id]) : null,
    };
  });
}

const namedIds = (edits: ReadonlyMap<string, TemplateEdits>, words: readonly string[]): number[] =>
  [...edits.values()].flatMap(({ names }) =>
    [...names].flatMap(([id, name]) => {
      const own = wordsOf(name);
      return words.every((word) => own.some((one) => one.startsWith(word))) ? [id] : [];
    }),
  );

const config = { permission: 'templates:read' };
const LIST = {
  tags: ['templates'],
  summary: 'Mined log templates, newest first',
  querystring: LogTemplateQuerySchema,
  response: { 200: LogTemplateListSchema },
};
const ONE = {
  tags: ['templates'],
  summary: 'One log template, with the values at its placeholders',
  params: LogTemplateParamsSchema,
  response: { 200: LogTemplateDetailSchema },
};

const SIMILAR = {
  tags: ['templates'],
  summary: 'Templates of the tenant that a template resembles, the most similar first',
  params: LogTemplateParamsSchema,
  querystring: SimilarTemplateQuerySchema,
  response: { 200: SimilarTemplateListSchema },
};

async function getTemplate(client: Client, id: number): Promise<LogTemplate> {
  const template = await findTemplate(client, id);
  if (!template) throw new AppError('not_found', `There is no template ${id}.`, { field: 'id' });
  return template;
}

async function similarViews(client: Client, similar: SimilarTemplate[]) {
  const edits = await findEdits(client, [...new Set(similar.map((one) => one.service_id))]);
  return similar.map(({ similarity, ...template }) => {
    return { similarity, template: templateView(template, edits.get(template.service_id)) };
  });
}

/** GET /templates, GET /templates/:id, GET /templates/:id/similar. */
export const templateRoutes =
  ({ database }: { database: Database }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/templates', { config, schema: LIST }, ({ identity, query }) =>
      listPage(database, identity.tenant_id, query),
    );

    app.get('/templates/:id', { config, schema: ONE }, async ({ identity, params }) => {
      return database.withTenant(identity.tenant_id, async (client) => {
        const template = await getTemplate(client, params.id);
        const edits = await findEdits(client, [template.service_id]);
        const parameters = await findParameters(client, template.id);
        return {
          ...templateView(template, edits.get(template.service_id)),
          // Of an older pattern the placeholders were others.
          parameters: parameters?.pattern === template.pattern ? parameters.positions.map(parameterView) : [],
          resembles: await similarViews(client, await findResembled(client, template)),
        };
      });
    });

    app.get('/templates/:id/similar', { config, schema: SIMILAR }, ({ identity, params, query }) =>
      database.withTenant(identity.tenant_id, async (client) => {
        const template = await getTemplate(client, params.id);
        const similar = await findSimilar(client, template, query);
        return { items: await similarViews(client, similar), next_cursor: null };
      }),
    );
  };
