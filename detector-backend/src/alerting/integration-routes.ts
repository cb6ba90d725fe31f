import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import type { Identity } from '../platform/http/identity.ts';
import type { Database } from '../platform/postgres.ts';
import { listIntegrations } from './integration-repository.ts';
import { IntegrationUpdate, IntegrationView, NewIntegration, TestOutcome } from './integration-schema.ts';
import { integrationView } from './integration.ts';
import { IdParams, listOf, PAGE_SIZE, PageQuery } from './list-schema.ts';
import {
  createIntegration,
  readIntegration,
  removeIntegration,
  replaceIntegration,
  testIntegration,
  type ManageDeps,
} from './manage-integration.ts';

const tags = ['alerting'];
const one = { tags, params: IdParams };
const read = { permission: 'integrations:read' };
const write = { permission: 'integrations:write' };

/** `/integrations`: list, create, read, replace (only what is still as it was read), delete, send a test message. */
export const integrationRoutes =
  (deps: ManageDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const querystring = Type.Object(PageQuery);
    app.get(
      '/integrations',
      {
        config: read,
        schema: { tags, querystring, response: { 200: listOf(IntegrationView) } },
      },
      ({ identity, query }) => listPage(deps.database, identity, query),
    );
    app.post(
      '/integrations',
      { config: write, schema: { tags, body: NewIntegration, response: { 201: IntegrationView } } },
      async (request, reply) => reply.code(201).send(await createIntegration(deps, request, request.body)),
    );
    app.get(
      '/integrations/:id',
      { config: read, schema: { ...one, response: { 200: IntegrationView } } },
      (request) => readIntegration(deps, request, request.params.id),
    );
    app.put(
      '/integrations/:id',
      {
        config: write,
        schema: { ...one, body: IntegrationUpdate, response: { 200: IntegrationView } },
      },
      (request) => replaceIntegration(deps, request, request.params.id, request.body),
    );
    app.delete(
      '/integrations/:id',
      { config: write, schema: { ...one, response: { 204: Type.Null() } } },
      async (request, reply) => {
        await removeIntegration(deps, request, request.params.id);
        return reply.code(204).send(null);
      },
    );
    app.post(
      '/integrations/:id/test',
      { config: write, schema: { ...one, response: { 200: TestOutcome } } },
      (request) => testIntegration(deps, request, request.params.id),
    );
  };

async function listPage(database: Database, identity: Identity, query: { limit?: number; cursor?: string }) {
  const { limit = PAGE_SIZE } = query;
  const after = query.cursor === undefined ? null : String(decodeCursor(query.cursor, 1)[0]);
  const rows = await database.withTenant(identity.tenant_id, (client) =>
    listIntegrations(client, after, limit + 1),
  );
  const items = rows.slice(0, limit).map(integrationView);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, next_cursor: last ? encodeCursor([last.name]) : null };
}
