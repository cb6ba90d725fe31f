import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ANY_PERMISSION } from '../platform/http/identity.ts';
import { decodeCursor, encodeCursor } from '../platform/http/page-cursor.ts';
import { isoTime, parseTimeRange } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import { AuditLogPage, AuditLogQuery, PageQuery, RolePage, Session, UserPage } from './access-schema.ts';
import { listAuditLogs } from './audit-repository.ts';
import { listRoles, listUsers, readTenant } from './user-read-model.ts';

const tags = ['access'];

/** GET /session, /roles, /users and /audit-logs. */
export const accessRoutes =
  ({ database, mode }: { database: Database; mode: 'embedded' | 'full' }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/session',
      {
        config: { permission: ANY_PERMISSION },
        schema: { tags, summary: 'Who am I, and what may I do', response: { 200: Session } },
      },
      async ({ identity }) => {
        const { simulated, ...tenant } = await database.withTenant(identity.tenant_id, readTenant);
        return { tenant, actor: identity.actor, permissions: [...identity.permissions], mode, simulated };
      },
    );

    app.get(
      '/roles',
      {
        config: { permission: 'roles:read' },
        schema: { tags, summary: 'List roles', querystring: PageQuery, response: { 200: RolePage } },
      },
      async ({ identity, query: { limit, cursor } }) => {
        const rows = await database.withTenant(identity.tenant_id, (client) =>
          listRoles(client, limit + 1, after(cursor)),
        );
        const items = rows.slice(0, limit).map((row) => ({ ...row, created_at: isoTime(row.created_at) }));
        return { items, next_cursor: rows.length > limit ? encodeCursor([items.at(-1)?.name ?? '']) : null };
      },
    );

    app.get(
      '/users',
      {
        config: { permission: 'users:read' },
        schema: { tags, summary: 'List users', querystring: PageQuery, response: { 200: UserPage } },
      },
      async ({ identity, query: { limit, cursor } }) => {
        const rows = await database.withTenant(identity.tenant_id, (client) =>
          listUsers(client, limit + 1, after(cursor)),
        );
        const items = rows.slice(0, limit).map((row) => ({ ...row, created_at: isoTime(row.created_at) }));
        return { items, next_cursor: rows.length > limit ? encodeCursor([items.at(-1)?.email ?? '']) : null };
      },
    );

    app.get(
      '/audit-logs',
      {
        config: { permission: 'audit-logs:read' },
        schema: {
          tags,
          summary: 'List changes, newest first',
          querystring: AuditLogQuery,
          response: { 200: AuditLogPage },
        },
      },
      async ({ identity, query }) => {
        const range = parseTimeRange(query);
        return database.withTenant(identity.tenant_id, (client) => listAuditLogs(client, query, range));
      },
    );
  };

const after = (cursor: string | undefined): string =>
  cursor === undefined ? '' : String(decodeCursor(cursor, 1)[0]);
