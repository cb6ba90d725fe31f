import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Audit } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { isoTime, isoTimeOrNull } from '../platform/http/time-range.ts';
import type { Client, Database } from '../platform/postgres.ts';
import type { IngestLimits } from './ingest-limits.ts';
import { selectSameDocuments, type ConnectionConfig } from './log-source-config.ts';
import { backfillOf, coverageOf, healthOf } from './log-source-health.ts';
import { LogSourcePreview, PreviewedLogSource, previewStep } from './log-source-preview.ts';
import { createLogSource, getLogSource, listLogSources, updateLogSource } from './log-source-repository.ts';
import {
  ChangedLogSource,
  isSearchSource,
  LogSource,
  LogSourceHealth,
  NewLogSource,
  type LogSourceRow,
} from './log-source-schema.ts';
import { checkChange, completeSource, type SourceDefaults } from './log-source-settings.ts';

interface Deps extends SourceDefaults {
  database: Database;
  audit: Audit;
  limits: IngestLimits;
  now: () => number;
  /** Runs in the transaction that changes which documents the slices of a source have. */
  onSelectionChange(client: Client, log_source_id: string): Promise<void>;
}

/** GET and POST /log-sources, PATCH /log-sources/:id, GET /log-sources/:id/health, POST /log-sources/preview. */
export const logSourceRoutes =
  (deps: Deps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const read = { permission: 'log-sources:read' };
    const write = { permission: 'log-sources:write' };
    const preview = previewStep(deps);
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
      { config: write, schema: { tags, body: NewLogSource, response: { 201: LogSource } } },
      async (request, reply) =>
        reply.code(201).send(sourceView(await create(deps, request, request.body), deps.now())),
    );

    app.patch(
      '/log-sources/:id',
      { config: write, schema: { tags, params, body: ChangedLogSource, response: { 200: LogSource } } },
      async (request) => sourceView(await change(deps, request, request.params.id, request.body), deps.now()),
    );

    app.post(
      '/log-sources/preview',
      { config: write, schema: { tags, body: PreviewedLogSource, response: { 200: LogSourcePreview } } },
      async ({ identity, body }) => preview(identity, body),
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
  const after = completeSource(body, identity, deps);
  return deps.database.withTenant(identity.tenant_id, async (client) => {
    const source = { ...after, tenant_id: identity.tenant_id };
    const created = await createLogSource(client, source, deps.limits.max_log_sources);
    await deps.audit(client, identity, {
      action: 'log_source.create',
      resource_type: 'log_source',
      resource_id: created.id,
      details: { after },
      request_id,
    });
    return created;
  });
}

async function change(
  deps: Deps,
  { identity, id: request_id }: FastifyRequest,
  id: string,
  body: ChangedLogSource,
): Promise<LogSourceRow> {
  return deps.database.withTenant(identity.tenant_id, async (client) => {
    const { before, after } = await updateLogSource(client, id, body);
    // After the look-up, so that a source that does not exist is told first; a refusal takes the change back.
    checkChange(body, before, identity, deps);
    if (isSearchSource(before.source_type) && !selectSameDocuments(configOf(before), configOf(after)))
      await deps.onSelectionChange(client, id);
    const fields = Object.keys(body) as (keyof ChangedLogSource)[];
    const valuesOf = (row: LogSourceRow) => Object.fromEntries(fields.map((field) => [field, row[field]]));
    await deps.audit(client, identity, {
      action: 'log_source.update',
      resource_type: 'log_source',
      resource_id: id,
      details: { before: valuesOf(before), after: valuesOf(after) },
      request_id,
    });
    return after;
  });
}

/** Of a source in a cluster, whose configuration was checked when it was written. */
const configOf = (row: LogSourceRow) => row.connection_config as ConnectionConfig;

const progressView = (row: LogSourceRow, now: number) => {
  const backfill = backfillOf(row, now);
  return {
    ...row,
    ...healthOf(row, now),
    backfill: backfill && { ...backfill, from: isoTime(backfill.from), until: isoTime(backfill.until) },
    coverage: coverageOf(row),
    cursor_at: isoTimeOrNull(row.cursor_at),
  };
};

const sourceView = (row: LogSourceRow, now: number) => ({
  ...progressView(row, now),
  created_at: isoTime(row.created_at),
});

const healthView = (row: LogSourceRow, now: number) => ({
  ...progressView(row, now),
  last_read_at: isoTimeOrNull(row.last_read_at),
  last_error_at: isoTimeOrNull(row.last_error_at),
  blind_since: isoTimeOrNull(row.blind_since),
  clock_at: isoTimeOrNull(row.clock_at),
});
