import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Audit } from '../platform/http/identity.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import { listShards, splitSource, type Shard } from './shard-repository.ts';

const uuid = () => Type.String({ format: 'uuid' });
const ShardView = Type.Object({
  id: uuid(),
  name: Type.String(),
  shard_of: uuid(),
  split_at: Type.String({
    format: 'date-time',
    description: 'From this ingest time on, the shard reads its services.',
  }),
  service_ids: Type.Array(uuid()),
});
const NewShard = Type.Object(
  { service_ids: Type.Array(uuid(), { minItems: 1, maxItems: 1000, uniqueItems: true }) },
  { additionalProperties: false },
);
const params = Type.Object({ id: uuid() });
const tags = ['log-sources'];

const view = (shard: Shard) => ({ ...shard, split_at: isoTime(shard.split_at) });

/** GET and POST /log-sources/:id/shards. */
export const shardRoutes =
  ({ database, audit }: { database: Database; audit: Audit }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const listed = Type.Object({ items: Type.Array(ShardView), next_cursor: Type.Null() });

    app.get(
      '/log-sources/:id/shards',
      { config: { permission: 'log-sources:read' }, schema: { tags, params, response: { 200: listed } } },
      async ({ identity, params: { id } }) => {
        const shards = await database.withTenant(identity.tenant_id, (client) => listShards(client, id));
        return { items: shards.map(view), next_cursor: null };
      },
    );

    app.post(
      '/log-sources/:id/shards',
      {
        config: { permission: 'log-sources:write' },
        schema: { tags, params, body: NewShard, response: { 201: ShardView } },
      },
      async ({ identity, params: { id }, body, id: request_id }, reply) => {
        const { tenant_id } = identity;
        const shard = await database.withTenant(tenant_id, async (client) => {
          const made = await splitSource(client, {
            tenant_id,
            log_source_id: id,
            service_ids: body.service_ids,
          });
          await audit(client, identity, {
            action: 'log_source.split',
            resource_type: 'log_source',
            resource_id: id,
            details: { after: view(made) },
            request_id,
          });
          return made;
        });
        return reply.code(201).send(view(shard));
      },
    );
  };
