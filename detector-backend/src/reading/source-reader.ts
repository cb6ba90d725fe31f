import type { IngestLimits } from '../ingest/ingest-limits.ts';
import type { ReadableIndices } from '../ingest/log-source-config.ts';
import { isSearchSource, type SourceType } from '../ingest/log-source-schema.ts';
import type { SearchEngines } from '../ingest/log-source-settings.ts';
import { createMaskDirectory } from '../ingest/mask-directory.ts';
import type { LogReader, SampleLine } from '../logstore/log-store.ts';
import { AppError } from '../platform/errors.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Client, Database } from '../platform/postgres.ts';
import { createSourceServices } from './search-source-services.ts';
import { countDocuments, firstCursorAt, readDocuments, serviceLines } from './search-source-reader.ts';
import { openSearchSource, type SearchSource, type SearchSourceRow } from './search-source.ts';
import { tallyDocuments } from './search-source-tally.ts';

interface Deps {
  database: Database;
  log_store: LogReader;
  engines: SearchEngines;
  readable_indices: ReadableIndices;
  limits: IngestLimits;
  metrics: Metrics;
}

/** How long a changed configuration may take to hold in every process. */
const KEPT_MS = 2_000;
/** A source that is sent to us stays one. */
type KnownRow = 'own' | { row: SearchSourceRow; read_at: number };

/**
 * Reads every log source where it lives: what was sent to us from our own store, the others from the cluster that their row
 * names. Throws `not_found` for a source without a row.
 */
export function createSourceReader(deps: Deps): LogReader {
  const { database, log_store } = deps;
  const open = sourceOpener(deps);

  return {
    async *readSlice(range, options) {
      const search = await open(range.tenant_id, range.log_source_id);
      yield* search
        ? readDocuments(search, range, options?.sample_of ?? 1)
        : log_store.readSlice(range, options);
    },
    async countSlice(range) {
      const search = await open(range.tenant_id, range.log_source_id);
      return search ? countDocuments(search, range) : log_store.countSlice(range);
    },
    async tallySlice(range, bucket_ms) {
      const search = await open(range.tenant_id, range.log_source_id);
      return search ? tallyDocuments(search, range, bucket_ms) : log_store.tallySlice(range, bucket_ms);
    },
    async firstIngestedAt(tenant_id, log_source_id, from) {
      const search = await open(tenant_id, log_source_id);
      return search ? firstCursorAt(search, from) : log_store.firstIngestedAt(tenant_id, log_source_id, from);
    },
    async readLines(query) {
      const ids = await database.withTenant(query.tenant_id, (client) =>
        searchSourcesOf(client, query.service_id),
      );
      const found = await Promise.all([
        log_store.readLines(query),
        ...ids.map(async (id) => {
          const search = await open(query.tenant_id, id);
          return search ? serviceLines(search, query) : [];
        }),
      ]);
      return found.flat().sort(byTime).slice(0, query.limit);
    },
  };
}

const byTime = (a: SampleLine, b: SampleLine): number => a.timestamp - b.timestamp;

function sourceOpener(deps: Deps) {
  const { database, limits, metrics } = deps;
  const known = new Map<string, KnownRow>();
  const clamped = metrics.counter(
    'seismolog_read_clamped_timestamps_total',
    'Time stamps in clusters too far from their document that were replaced by its cursor; again on each reading',
    [],
  );
  const opened = {
    ...deps,
    maskOf: createMaskDirectory(deps),
    servicesOf: createSourceServices({ database, max_services: limits.max_services }),
    onClamped: () => clamped.inc(),
  };

  async function rowOf(tenant_id: string, log_source_id: string): Promise<SearchSourceRow | null> {
    const key = `${tenant_id} ${log_source_id}`;
    const entry = known.get(key);
    if (entry === 'own') return null;
    if (entry !== undefined && performance.now() - entry.read_at < KEPT_MS) return entry.row;
    const read_at = performance.now();
    const row = await database.withTenant(tenant_id, (client) => loadSource(client, log_source_id));
    known.set(key, row === null ? 'own' : { row, read_at });
    return row;
  }

  return async (tenant_id: string, log_source_id: string): Promise<SearchSource | null> => {
    const row = await rowOf(tenant_id, log_source_id);
    return row && openSearchSource(opened, tenant_id, row);
  };
}

/** Null for a source in our own store. */
async function loadSource(client: Client, log_source_id: string): Promise<SearchSourceRow | null> {
  const { rows } = await client.query<Omit<SearchSourceRow, 'source_type'> & { source_type: SourceType }>(
    `select ls.id, ls.name, ls.source_type, ls.connection_config, t.slug as tenant_slug
     from log_sources ls join tenants t on t.id = ls.tenant_id where ls.id = $1`,
    [log_source_id],
  );
  const row = rows[0];
  if (row === undefined) throw new AppError('not_found', 'There is no such log source.');
  const { source_type } = row;
  return isSearchSource(source_type) ? { ...row, source_type } : null;
}

/** Sources in clusters that have lines of a service; shards are part of the source that they were split from. */
async function searchSourcesOf(client: Client, service_id: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select ls.id from log_source_services carried join log_sources ls on ls.id = carried.log_source_id
     where carried.service_id = $1 and ls.shard_of is null and ls.source_type in ('elasticsearch', 'opensearch')`,
    [service_id],
  );
  return rows.map(({ id }) => id);
}
