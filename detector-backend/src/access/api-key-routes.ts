import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { AppError } from '../platform/errors.ts';
import { isPermitted, type Audit, type Identity } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { parseTime } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import { ApiKeyInput, ApiKeyPage, CreatedApiKey, IdParams, PageQuery } from './access-schema.ts';
import { createApiKey } from './api-key.ts';
import { insertApiKey, listApiKeys, revokeApiKey } from './api-key-repository.ts';

const tags = ['access'];

/** GET, POST and DELETE /api-keys. */
export const apiKeyRoutes =
  ({ database, audit }: { database: Database; audit: Audit }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/api-keys',
      {
        config: { permission: 'api-keys:read' },
        schema: { tags, summary: 'List API keys', querystring: PageQuery, response: { 200: ApiKeyPage } },
      },
      async ({ identity, query: { limit, cursor } }) => {
        const after = cursor === undefined ? '' : String(decodeCursor(cursor, 1)[0]);
        const keys = await database.withTenant(identity.tenant_id, (client) =>
          listApiKeys(client, limit + 1, after),
        );
        const items = keys.slice(0, limit);
        return { items, next_cursor: keys.length > limit ? encodeCursor([items.at(-1)?.name ?? '']) : null };
      },
    );

    app.post(
      '/api-keys',
      {
        config: { permission: 'api-keys:write' },
        schema: {
          tags,
          summary: 'Make an API key; it is shown once',
          body: ApiKeyInput,
          response: { 201: CreatedApiKey },
        },
      },
      async ({ identity, body, id: request_id }, reply) => {
        assertOwnPermissions(identity, body.permissions);
        const expires_at = body.expires_at === undefined ? null : parseTime(body.expires_at, 'expires_at');
        const key = createApiKey();
        const row = { ...body, expires_at, created_by: identity.actor };
        const created = await database.withTenant(identity.tenant_id, async (client) => {
          const after = await insertApiKey(client, identity.tenant_id, key, row).catch(nameTheConflict);
          const trace = {
            action: 'api_key.create',
            resource_type: 'api_key',
            resource_id: after.id,
            request_id,
          };
          await audit(client, identity, { ...trace, details: { after } });
          return after;
        });
        return reply.code(201).send({ ...created, api_key: key.api_key });
      },
    );

    app.delete(
      '/api-keys/:id',
      {
        config: { permission: 'api-keys:write' },
        schema: { tags, summary: 'Revoke an API key', params: IdParams, response: { 204: Type.Null() } },
      },
      async ({ identity, params, id: request_id }, reply) => {
        await database.withTenant(identity.tenant_id, async (client) => {
          const result = await revokeApiKey(client, params.id);
          if (result.outcome === 'unknown')
            throw new AppError('not_found', `There is no API key ${params.id}.`);
          if (result.outcome === 'already') return;
          const trace = {
            action: 'api_key.revoke',
            resource_type: 'api_key',
            resource_id: params.id,
            request_id,
          };
          await audit(client, identity, { ...trace, details: { after: result.api_key } });
        });
        return reply.code(204).send(null);
      },
    );
  };

/** A key may hand on no right that it does not have itself. */
function assertOwnPermissions(identity: Identity, permissions: readonly string[]): void {
  const foreign = permissions.find((permission) => !isPermitted(identity.permissions, permission));
  if (foreign === undefined) return;
  throw new AppError('forbidden', `You can not hand on ${foreign}, which you do not have.`, {
    field: 'permissions',
  });
}

function nameTheConflict(error: Error & { code?: string }): never {
  if (error.code !== '23505') throw error;
  throw new AppError(
    'conflict',
    'There is an API key of this name already; names stay taken after revocation.',
    {
      field: 'name',
    },
  );
}
