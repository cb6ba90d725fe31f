import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Audit } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { isoTime, isoTimeOrNull } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import { healthOf } from './log-source-health.ts';
import { createLogSource, getLogSource, listLogSources } from './log-source-repository.ts';
import { LogSource, LogSourceHealth, NewLogSource, type LogSourceRow } from './log-source-schema.ts';

interface Deps {
  database: Database;
  audit: Audit;
  limits: { max_log_sources: number };
  now: () => number;
}

/** GET and POST /log-sources, GET /log-sources/:id/health. */
export const logSourceRoutes =
  (deps: Deps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const read = { permission: 'log-sources:read' };
    const tags = ['log-sources'];
    const querystring = Type.Object({
      limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
      cursor: Type.Optional(Type.String({ maxLength: 1000 })),
    });
    const listed = Type.Object({
      items: Type.Array(LogSource),
      next_cursor: Type.Union([Type.String(), Type.Null()]),
    });
    const params = Type.Object({ id: Type.String({ format: 'uuid' }) });

    app.get(
      '/log-sources',
      { config: read, schema: { tags, querystring, response: { 200: listed } } },
      async (request) => {
        const { limit, cursor } = request.query;
        const name = cursor === undefined ? '' : String(decodeCursor(cursor, 1)[0]);
        const rows = await deps.database.withTenant(request.identity.tenant_id, (client) =>
          listLogSources(client, { name, limit }),
        );
        const last = rows.length === limit ? rows.at(-1) : undefined;
        return {
          items: rows.map((row) => sourceView(row, deps.now())),
          next_cursor: last === undefined ? null : encodeCursor([last.name]),
        };
      },
    );

    app.post(
      '/log-sources',
      {
        config: { permission: 'log-sources:write' },
        schema: { tags, body: NewLogSource, response: { 201: LogSource } },
      },
      async (request, reply) =>
        reply.code(201).send(sourceView(await create(deps, request, request.body), deps.now())),
    );

    app.get(
      '/log-sources/:id/health',
      { config: read, schema: { tags, params, response: { 200: LogSourceHealth } } },
      async ({ identity, params: { id } }) =>
        healthView(
          await deps.database.withTenant(identity.tenant_id, (client) => getLogSource(client, id)),
          deps.now(),
        ),
    );
  };

async function create(
  deps: Deps,
  { identity, id: request_id }: FastifyRequest,
  body: NewLogSource,
): Promise<LogSourceRow> {
  return deps.database.withTenant(identity.tenant_id, async (client) => {
    const source = { ...body, tenant_id: identity.tenant_id };
    const created = await createLogSource(client, source, deps.limits.max_log_sources);
    await deps.audit(client, identity, {
      action: 'log_source.create',
      resource_type: 'log_source',
      resource_id: created.id,
      details: { after: body },
      request_id,
    });
    return created;
  });
}

const sourceView = (row: LogSourceRow, now: number) => ({
  ...row,
  ...healthOf(row, now),
  cursor_at: isoTimeOrNull(row.cursor_at),
  created_at: isoTime(row.created_at),
});

const healthView = (row: LogSourceRow, now: number) => ({
  ...row,
  ...healthOf(row, now),
  cursor_at: isoTimeOrNull(row.cursor_at),
  last_read_at: isoTimeOrNull(row.last_read_at),
  last_error_at: isoTimeOrNull(row.last_error_at),
  blind_since: isoTimeOrNull(row.blind_since),
  clock_at: isoTimeOrNull(row.clock_at),
});
