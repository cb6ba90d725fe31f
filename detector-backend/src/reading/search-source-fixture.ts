import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '../../test/database.ts';
import { engineUrl } from '../../test/engines.ts';
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from '../ingest/ingest-limits.ts';
import type { ConnectionConfig } from '../ingest/log-source-config.ts';
import type { LogLine, LogReader, SliceRange } from '../logstore/log-store.ts';
import { createPostgresLogStore } from '../logstore/postgres-log-store.ts';
import { createSearchEngine } from '../logstore/search-engine-connect.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { SearchEngineName } from '../platform/search-connection.ts';
import { createSourceReader } from './source-reader.ts';

/** Far enough back to be whole, near enough for what is clamped. */
export const NOON = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000;
export const iso = (ms: number): string => new Date(ms).toISOString();

export type SearchStage = Awaited<ReturnType<typeof createSearchStage>>;

/** A database with the tenants `acme` and `other`, and a cluster in which both have indices of a name of this stage's own. */
export async function createSearchStage(name: SearchEngineName, limits: Partial<IngestLimits> = {}) {
  const db = await createTestDatabase();
  const engine = createSearchEngine({ engine: name, nodes: [engineUrl(name)], request_timeout_ms: 30_000 });
  const prefix = `src${randomUUID().slice(0, 8)}`;
  const { rows } = await db.owner.query<{ id: string }>(
    `insert into tenants (slug, name) values ($1, 'Other') returning id`,
    [`${prefix}other`],
  );
  const other_tenant_id = rows[0]?.id ?? '';
  // Tenants' own indices carry their slugs: these must be this stage's own as well.
  await db.owner.query('update tenants set slug = $1 where id = $2', [`${prefix}acme`, db.tenant_id]);
  const log_store = createPostgresLogStore({ database: db.database });
  const reader = createSourceReader({
    database: db.database,
    log_store,
    engines: { [name]: engine },
    readable_indices: { [`${prefix}acme`]: [`${prefix}-*`, `logs-${prefix}*`], [`${prefix}other`]: [] },
    limits: { ...DEFAULT_INGEST_LIMITS, ...limits },
    metrics: createMetrics({ process_metrics: false }),
    logger: createLogger({ level: 'silent' }),
  });

  return {
    db,
    engine,
    name,
    prefix,
    log_store,
    reader,
    tenant_id: db.tenant_id,
    other_tenant_id,

    /** A log source of this cluster; returns its id. */
    async addSource(connection_config: ConnectionConfig, tenant_id = db.tenant_id): Promise<string> {
      const { rows: made } = await db.owner.query<{ id: string }>(
        `insert into log_sources (id, tenant_id, name, source_type, connection_config, read_lag_seconds)
         values (gen_random_uuid(), $1, 'cluster ' || gen_random_uuid(), $2, $3, 30) returning id`,
        [tenant_id, name, JSON.stringify(connection_config)],
      );
      return made[0]?.id ?? '';
    },

    async makeIndex(index: string, properties: Record<string, object>, settings: object = {}): Promise<void> {
      await engine.request({
        method: 'PUT',
        path: `/${index}`,
        body: {
          settings: { number_of_shards: 2, number_of_replicas: 0, ...settings },
          mappings: { properties },
        },
      });
    },

    /** Writes documents and makes them visible; an `_id` is taken as such. */
    async write(index: string, documents: Record<string, unknown>[]): Promise<void> {
      const lines = documents.flatMap(({ _id, ...source }) => [
        JSON.stringify({ create: { _index: index, ...(_id !== undefined && { _id }) } }),
        JSON.stringify(source),
      ]);
      const { errors, items } = await engine.request<{ errors: boolean; items: unknown[] }>({
        method: 'POST',
        path: '/_bulk',
        query: { refresh: true },
        body: `${lines.join('\n')}\n`,
      });
      if (errors) throw new Error(JSON.stringify(items.slice(0, 3)));
    },

    async close(): Promise<void> {
      for (const pattern of [`${prefix}-*`, `logs-${prefix}*`]) {
        const found = await engine.request<{
          indices: { name: string; data_stream?: string }[];
          data_streams: { name: string }[];
        }>({ method: 'GET', path: `/_resolve/index/${encodeURIComponent(pattern)}` });
        for (const { name: index, data_stream } of found.indices) {
          if (data_stream === undefined) await engine.request({ method: 'DELETE', path: `/${index}` });
        }
        // Elasticsearch's node for tests lacks this API: there they go with the node.
        for (const { name: stream } of found.data_streams) {
          for (const path of [`/_data_stream/${stream}`, `/_index_template/${stream}`])
            await engine.request({ method: 'DELETE', path }).catch(() => undefined);
        }
      }
      await engine.close();
      await db.close();
    },
  };
}

/** Fields of ECS as Elastic's templates map them. */
export const ECS_PROPERTIES = {
  '@timestamp': { type: 'date' },
  event: {
    properties: {
      ingested: { type: 'date' },
      original: { type: 'keyword', index: false, doc_values: false },
    },
  },
  service: {
    properties: {
      name: { type: 'keyword', ignore_above: 1024 },
      environment: { type: 'keyword' },
      version: { type: 'keyword' },
    },
  },
  log: { properties: { level: { type: 'keyword' } } },
  host: { properties: { name: { type: 'keyword' } } },
  message: { type: 'text' },
};

/** A data stream of the prefix, made from a template of its own as an agent's would be. */
export async function makeDataStream({ engine }: SearchStage, stream: string): Promise<void> {
  await engine.request({
    method: 'PUT',
    path: `/_index_template/${stream}`,
    body: {
      index_patterns: [`${stream}*`],
      priority: 400,
      data_stream: {},
      template: {
        settings: { number_of_replicas: 0 },
        mappings: { properties: ECS_PROPERTIES },
      },
    },
  });
}

export async function readAll(reader: LogReader, range: SliceRange, sample_of = 1): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const page of reader.readSlice(range, { sample_of })) lines.push(...page);
  return lines;
}
