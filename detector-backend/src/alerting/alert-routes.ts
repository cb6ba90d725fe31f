import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Identity } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import type { Database } from '../platform/postgres.ts';
import { alertView, listAlerts } from './alert-read-model.ts';
import { ALERT_STATUSES, AlertView } from './alert-schema.ts';
import { listOf, PAGE_SIZE, PageQuery } from './list-schema.ts';
import { Uuid } from './policy-schema.ts';

interface Query {
  limit?: number;
  cursor?: string;
  anomaly_id?: string;
  status?: string;
}

/** `GET /alerts`: what was sent, is to be sent, or was suppressed and why; newest first. */
export const alertRoutes =
  ({ database }: { database: Database }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const querystring = Type.Object({
      ...PageQuery,
      anomaly_id: Type.Optional(Uuid),
      status: Type.Optional(Type.Enum(ALERT_STATUSES)),
    });
    app.get(
      '/alerts',
      {
        config: { permission: 'alerts:read' },
        schema: { tags: ['alerting'], querystring, response: { 200: listOf(AlertView) } },
      },
      ({ identity, query }) => listPage(database, identity, query),
    );
  };

async function listPage(database: Database, identity: Identity, query: Query) {
  const { limit = PAGE_SIZE } = query;
  const [created_us, id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 2);
  const rows = await database.withTenant(identity.tenant_id, (client) =>
    listAlerts(client, {
      anomaly_id: query.anomaly_id ?? null,
      status: query.status ?? null,
      after: id === undefined ? null : { created_us: Number(created_us), id: String(id) },
      limit: limit + 1,
    }),
  );
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { items: page.map(alertView), next_cursor: last ? encodeCursor([last.created_us, last.id]) : null };
}
