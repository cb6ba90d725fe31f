import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { lineView, ShownLine, UnreadSources } from '../explanations/explanation-schema.ts';
import { shortened } from '../explanations/sample-lines.ts';
import { AppError } from '../platform/errors.ts';
import { isoTime, parseTime } from '../platform/http/time-range.ts';
import type { Database } from '../platform/postgres.ts';
import type { ReadAround } from '../reading/service-lines.ts';
import { findAnomalySpan } from './anomaly-read-model.ts';

interface Deps {
  database: Database;
  log_reader: { readAround: ReadAround };
}

/** How far around an anomaly lines are shown, and how far around `at` they are looked for. */
const AROUND_MS = 600_000;
const MAX_LINES = 200;

const Count = Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_LINES, default: 20 }));
const LinesQuery = Type.Object({
  at: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'ISO 8601 or epoch ms, from ten minutes before the anomaly to ten minutes after it; its start unless given',
    }),
  ),
  before: Count,
  after: Count,
});

const AnomalyLines = Type.Object({
  at: Type.String({ format: 'date-time' }),
  before: Type.Array(ShownLine, { description: 'The last lines before `at`, oldest first' }),
  after: Type.Array(ShownLine, { description: 'The first lines from `at` on, oldest first' }),
  unread_sources: UnreadSources,
});

/** GET /anomalies/:id/lines: what the service wrote around a moment of an anomaly, as its sources have it now. */
export const anomalyLineRoutes =
  ({ database, log_reader }: Deps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/anomalies/:id/lines',
      {
        config: { permission: 'anomalies:read' },
        schema: {
          tags: ['anomalies'],
          summary: 'Lines of the service around a moment of an anomaly',
          params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
          querystring: LinesQuery,
          response: { 200: AnomalyLines },
        },
      },
      async ({ identity: { tenant_id }, params: { id }, query }) => {
        const span = await database.withTenant(tenant_id, (client) => findAnomalySpan(client, id));
        if (!span) throw new AppError('not_found', `There is no anomaly ${id}.`, { field: 'id' });
        const at = momentOf(span, query.at);
        const lines = await log_reader.readAround({
          tenant_id,
          service_id: span.service_id,
          at,
          before: query.before ?? 20,
          after: query.after ?? 20,
          from: at - AROUND_MS,
          to: at + AROUND_MS,
        });
        return {
          at: isoTime(at),
          before: lines.before.map(shortened).map(lineView),
          after: lines.after.map(shortened).map(lineView),
          unread_sources: lines.unread_sources,
        };
      },
    );
  };

/** Throws `invalid_request` for a moment that does not belong to the anomaly: this is no way to read a whole log. */
function momentOf(
  { started_at, ended_at }: { started_at: number; ended_at: number },
  given: string | undefined,
): number {
  if (given === undefined) return started_at;
  const at = parseTime(given, 'at');
  const [first, last] = [started_at - AROUND_MS, ended_at + AROUND_MS];
  if (at >= first && at <= last) return at;
  throw new AppError(
    'invalid_request',
    `Lines are shown around the anomaly: give a time from ${isoTime(first)} to ${isoTime(last)}.`,
    { field: 'at' },
  );
}
