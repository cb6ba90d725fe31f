import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Config } from '../platform/config.ts';
import type { Database } from '../platform/postgres.ts';
import { LogRetention, LogRetentionInput } from './access-schema.ts';
import { readLogRetention, setLogRetention } from './log-retention-repository.ts';

const tags = ['configuration'];
const response = { 200: LogRetention };

/** GET and PUT /log-retention: how long the tenant's log lines are kept. A shorter term deletes within ten minutes. */
export const logRetentionRoutes =
  (deps: { database: Database; config: Pick<Config, 'log_retention_days'> }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { database } = deps;
    const shown = (log_retention_days: number | null) => {
      return { log_retention_days, default_log_retention_days: deps.config.log_retention_days };
    };

    app.get(
      '/log-retention',
      {
        config: { permission: 'configuration:read' },
        schema: { tags, summary: 'How many days log lines are kept', response },
      },
      async ({ identity }) => shown(await database.withTenant(identity.tenant_id, readLogRetention)),
    );

    app.put(
      '/log-retention',
      {
        config: { permission: 'configuration:write' },
        schema: {
          tags,
          summary: 'Set how many days log lines are kept; older days are deleted within ten minutes',
          description:
            'In Elasticsearch or OpenSearch, run `install-index-templates` again after a change, so that a policy of the ' +
            'cluster follows: until then the shorter of the two deletes.',
          body: LogRetentionInput,
          response,
        },
      },
      async ({ identity, body: { log_retention_days }, id }) => {
        await database.withTenant(identity.tenant_id, (client) =>
          setLogRetention(client, identity, log_retention_days, id),
        );
        return shown(log_retention_days);
      },
    );
  };
