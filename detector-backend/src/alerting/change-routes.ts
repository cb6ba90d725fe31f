import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { AppError } from '../platform/errors.ts';
import type { Audit, Identity } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { parseTime, parseTimeRange } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import { changeView, insertChange, listChanges } from './change-repository.ts';
import { ChangeView, NewChange } from './change-schema.ts';
import { listOf, PAGE_SIZE, PageQuery } from './list-schema.ts';
import { missingIds } from './policy-repository.ts';
import { Uuid } from './policy-schema.ts';

interface Deps {
  database: Database;
  audit: Audit;
}

interface Query {
  limit?: number;
  cursor?: string;
  service_id?: string;
  from?: string;
  to?: string;
}

/** `/changes`: what people or pipelines did to a service, newest first; and how they tell us. */
export const changeRoutes =
  (deps: Deps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const querystring = Type.Object({
      ...PageQuery,
      service_id: Type.Optional(Uuid),
      from: Type.Optional(Type.String()),
      to: Type.Optional(Type.String()),
    });
    const tags = ['alerting'];
    app.get(
      '/changes',
      {
        config: { permission: 'changes:read' },
        schema: { tags, querystring, response: { 200: listOf(ChangeView) } },
      },
      ({ identity, query }) => listPage(deps.database, identity, query),
    );
    app.post(
      '/changes',
      {
        config: { permission: 'changes:write' },
        schema: { tags, body: NewChange, response: { 201: ChangeView } },
      },
      async (request, reply) =>
        reply.code(201).send(await create(deps, request.identity, request.id, request.body)),
    );
  };

async function listPage(database: Database, identity: Identity, query: Query) {
  const { limit = PAGE_SIZE } = query;
  const range = parseTimeRange(query);
  const [occurred_us, id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 2);
  const rows = await database.withTenant(identity.tenant_id, (client) =>
    listChanges(client, {
      ...range,
      service_id: query.service_id ?? null,
      after: id === undefined ? null : { occurred_us: Number(occurred_us), id: String(id) },
      limit: limit + 1,
    }),
  );
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map(changeView),
    next_cursor: last ? encodeCursor([last.occurred_us, last.id]) : null,
  };
}

const create = (
  { database, audit }: Deps,
  identity: Identity,
  request_id: string,
  body: NewChange,
): Promise<ChangeView> =>
  database.withTenant(identity.tenant_id, async (client) => {
    const service_id = body.service_id ?? null;
    if (service_id !== null && (await missingIds(client, 'services', [service_id])).length > 0) {
      throw new AppError('invalid_request', `There is no service ${service_id}.`, { field: 'service_id' });
    }
    const occurred_at =
      body.occurred_at === undefined ? Date.now() : parseTime(String(body.occurred_at), 'occurred_at');
    const { kind, title } = body;
    const row = await insertChange(client, { service_id, kind, title, occurred_at, actor: identity.actor });
    const after = changeView(row);
    await audit(client, identity, {
      action: 'change.create',
      resource_type: 'change',
      resource_id: row.id,
      details: { after },
      request_id,
    });
    return after;
  });
