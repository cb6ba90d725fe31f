import { Type } from 'typebox';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Client, Database } from './platform/postgres.ts';
import type { Queues } from './platform/queue.ts';
import { isoTimeOrNull } from './platform/http/time-range.ts';
import { healthOf } from './ingest/log-source-health.ts';
import { listLogSources } from './ingest/log-source-repository.ts';
import { HealthStatus } from './ingest/log-source-schema.ts';

const Iso = Type.String({ format: 'date-time' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const SourceStatus = Type.Object({
  id: Type.String(),
  name: Type.String(),
  source_type: Type.String(),
  status: HealthStatus,
  lag_seconds: Nullable(Type.Number()),
  cursor_at: Nullable(Iso),
  last_error: Nullable(Type.String()),
});

const Status = Type.Object({
  now: Iso,
  sources: Type.Array(SourceStatus),
  services: Type.Object({
    total: Type.Integer(),
    ready: Type.Integer(),
    warming: Type.Integer(),
    cold: Type.Integer(),
    blind: Type.Integer(),
  }),
  open_anomalies: Type.Integer(),
  queue: Type.Object({ backend: Type.String(), waiting: Type.Integer(), failed: Type.Integer() }),
  models: Type.Object({ active_version: Nullable(Type.Integer()), trained_until: Nullable(Iso) }),
  lines_per_second: Type.Number(),
});

/** Minute windows from which a service's calibration is trusted. */
const READY_WINDOWS = 200;
const MAX_SOURCES = 1_000;

/** GET /status: the health of the whole flow on one screen. */
export const statusRoutes =
  ({ database, queues }: { database: Database; queues: Queues }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/status',
      {
        config: { permission: 'services:read' },
        schema: {
          tags: ['status'],
          summary: 'Health of sources, services, models and queue',
          response: { 200: Status },
        },
      },
      async ({ identity }) => {
        const [counts, state] = await Promise.all([
          queues.counts(),
          database.withTenant(identity.tenant_id, async (client) => ({
            sources: await sourceStates(client, Date.now()),
            ...(await serviceStates(client)),
          })),
        ]);
        const queue = { backend: queues.backend, waiting: counts.waiting, failed: counts.failed };
        return { now: new Date().toISOString(), ...state, queue };
      },
    );
  };

async function sourceStates(client: Client, now: number) {
  const sources = await listLogSources(client, { name: '', limit: MAX_SOURCES });
  return sources.map((source) => ({
    id: source.id,
    name: source.name,
    source_type: source.source_type,
    ...healthOf(source, now),
    cursor_at: isoTimeOrNull(source.cursor_at),
    last_error: source.last_error,
  }));
}

async function serviceStates(client: Client) {
  const { rows } = await client.query<{
    total: number;
    ready: number;
    warming: number;
    blind: number;
    open_anomalies: number;
    active_version: number | null;
    trained_until: number | null;
    lines_per_second: number | null;
  }>(
    `select count(*) as total, count(*) filter (where b.window_count >= $1) as ready,
       count(*) filter (where b.window_count > 0 and b.window_count < $1) as warming,
       count(*) filter (where exists (select from log_source_services lss join log_sources ls on ls.id = lss.log_source_id
         where lss.service_id = s.id and ls.blind_since is not null)) as blind,
       (select count(*) from anomalies where status = 'open') as open_anomalies,
       (select version from model_versions where is_active order by trained_until desc limit 1) as active_version,
       (select trained_until from model_versions where is_active order by trained_until desc limit 1) as trained_until,
       sum((select w.lines / 60.0 from feature_windows w where w.tenant_id = s.tenant_id and w.service_id = s.id
         and w.is_minute and w.window_end > b.judged_until - interval '2 minutes' order by w.window_start desc limit 1))::double precision as lines_per_second
     from services s left join baselines b on b.service_id = s.id`,
    [READY_WINDOWS],
  );
  const row = rows[0];
  const total = row?.total ?? 0;
  const ready = row?.ready ?? 0;
  const warming = row?.warming ?? 0;
  return {
    services: { total, ready, warming, cold: total - ready - warming, blind: row?.blind ?? 0 },
    open_anomalies: row?.open_anomalies ?? 0,
    models: {
      active_version: row?.active_version ?? null,
      trained_until: isoTimeOrNull(row?.trained_until ?? null),
    },
    lines_per_second: Math.round((row?.lines_per_second ?? 0) * 10) / 10,
  };
}
