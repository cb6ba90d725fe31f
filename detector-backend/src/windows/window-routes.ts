import { Type } from 'typebox';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Database } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import { isoTime, parseTime, parseTimeRange } from '../platform/http/time-range.ts';
import { listWindows, swimLanes, windowJson } from './window-read-model.ts';

const Iso = Type.String({ format: 'date-time' });
const Time = Type.String({ description: 'ISO 8601 or epoch ms' });
const MAX_WINDOWS = 5_000;
const MAX_BUCKETS = 2_000;

const Window = Type.Object({
  id: Type.String(),
  service_id: Type.String(),
  window_start: Iso,
  window_end: Iso,
  window_seconds: Type.Integer(),
  revision: Type.Integer(),
  lines: Type.Integer(),
  errors: Type.Integer(),
  expected_lines: Type.Union([Type.Number(), Type.Null()]),
  score: Type.Union([Type.Number(), Type.Null()]),
  is_minute: Type.Boolean(),
  is_blind: Type.Boolean(),
  features: Type.Record(Type.String(), Type.Number()),
});

const Lane = Type.Object({
  service_id: Type.String(),
  service: Type.String(),
  environment: Type.String(),
  cells: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  blind: Type.Array(Type.Boolean()),
  lines: Type.Array(Type.Integer()),
});

function requiredRange(query: { from: string; to: string }): { from: number; to: number } {
  const { from, to } = parseTimeRange(query);
  if (from === null || to === null)
    throw new AppError('invalid_request', 'from and to are required.', { field: 'from' });
  return { from, to };
}

/** Windows are listed by time, so a cursor is the time at which the next page starts. */
function pageRange(query: { from: string; to: string; cursor?: string }): { from: number; to: number } {
  const range = requiredRange(query);
  return query.cursor === undefined ? range : { from: parseTime(query.cursor, 'cursor'), to: range.to };
}

/** GET /windows, GET /windows/swim-lane. */
export const windowRoutes =
  ({ database }: { database: Database }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/windows',
      {
        config: { permission: 'windows:read' },
        schema: {
          tags: ['windows'],
          summary: 'Judged windows of a service, oldest first',
          querystring: Type.Object({
            service_id: Type.String({ format: 'uuid' }),
            from: Time,
            to: Time,
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_WINDOWS, default: 1_000 })),
            cursor: Type.Optional(
              Type.String({ maxLength: 20, description: 'next_cursor of the page before' }),
            ),
          }),
          response: {
            200: Type.Object({
              items: Type.Array(Window),
              next_cursor: Type.Union([Type.String(), Type.Null()]),
            }),
          },
        },
      },
      async ({ identity, query }) => {
        const limit = query.limit ?? 1_000;
        const windows = await database.withTenant(identity.tenant_id, (client) =>
          listWindows(client, { service_id: query.service_id, ...pageRange(query), limit }),
        );
        const last = windows.length === limit ? windows.at(-1) : undefined;
        return { items: windows.map(windowJson), next_cursor: last ? String(last.window_start + 1) : null };
      },
    );

    app.get(
      '/windows/swim-lane',
      {
        config: { permission: 'windows:read' },
        schema: {
          tags: ['windows'],
          summary: 'Highest score by service and time bucket',
          querystring: Type.Object({
            from: Time,
            to: Time,
            bucket_seconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400, default: 60 })),
          }),
          response: {
            200: Type.Object({ from: Iso, to: Iso, bucket_seconds: Type.Integer(), lanes: Type.Array(Lane) }),
          },
        },
      },
      async ({ identity, query }) => {
        const { from, to } = requiredRange(query);
        const bucket_seconds = query.bucket_seconds ?? 60;
        if ((to - from) / 1000 / bucket_seconds > MAX_BUCKETS) {
          throw new AppError(
            'invalid_request',
            `At most ${MAX_BUCKETS} buckets: take a larger bucket_seconds or a shorter range.`,
            {
              field: 'bucket_seconds',
            },
          );
        }
        const lanes = await database.withTenant(identity.tenant_id, (client) =>
          swimLanes(client, { from, to, bucket_seconds }),
        );
        return { from: isoTime(from), to: isoTime(to), bucket_seconds, lanes };
      },
    );
  };
