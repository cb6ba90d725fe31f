import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Audit, Identity } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import type { Database } from '../platform/postgres.ts';
import { IdParams, listOf, PAGE_SIZE, PageQuery } from './list-schema.ts';
import { createPolicy, readPolicy, removePolicy, replacePolicy } from './manage-policy.ts';
import { listPolicies, policyView } from './policy-repository.ts';
import { NewPolicy, PolicyUpdate, PolicyView } from './policy-schema.ts';

const tags = ['alerting'];
const one = { tags, params: IdParams };
const read = { permission: 'alert-policies:read' };
const write = { permission: 'alert-policies:write' };

/** `/alert-policies`: list, create, read, replace (only what is still as it was read), delete. */
export const policyRoutes =
  (deps: { database: Database; audit: Audit }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const querystring = Type.Object(PageQuery);
    app.get(
      '/alert-policies',
      { config: read, schema: { tags, querystring, response: { 200: listOf(PolicyView) } } },
      ({ identity, query }) => listPage(deps.database, identity, query),
    );
    app.post(
      '/alert-policies',
      { config: write, schema: { tags, body: NewPolicy, response: { 201: PolicyView } } },
      async (request, reply) => reply.code(201).send(await createPolicy(deps, request, request.body)),
    );
    app.get(
      '/alert-policies/:id',
      { config: read, schema: { ...one, response: { 200: PolicyView } } },
      (request) => readPolicy(deps, request, request.params.id),
    );
    app.put(
      '/alert-policies/:id',
      { config: write, schema: { ...one, body: PolicyUpdate, response: { 200: PolicyView } } },
      (request) => replacePolicy(deps, request, request.params.id, request.body),
    );
    app.delete(
      '/alert-policies/:id',
      { config: write, schema: { ...one, response: { 204: Type.Null() } } },
      async (request, reply) => {
        await removePolicy(deps, request, request.params.id);
        return reply.code(204).send(null);
      },
    );
  };

async function listPage(database: Database, identity: Identity, query: { limit?: number; cursor?: string }) {
  const { limit = PAGE_SIZE } = query;
  const after = query.cursor === undefined ? null : String(decodeCursor(query.cursor, 1)[0]);
  const rows = await database.withTenant(identity.tenant_id, (client) =>
    listPolicies(client, after, limit + 1),
  );
  const items = rows.slice(0, limit).map(policyView);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, next_cursor: last ? encodeCursor([last.name]) : null };
}
