import type { IngestLimits } from '../ingest/ingest-limits.ts';
import type { ReadableIndices } from '../ingest/log-source-config.ts';
import { isSearchSource, type SourceType } from '../ingest/log-source-schema.ts';
import type { SearchEngines } from '../ingest/log-source-settings.ts';
import { createMaskDirectory } from '../ingest/mask-directory.ts';
import type { LogReader, LogStore } from '../logstore/log-store.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Client, Database } from '../platform/postgres.ts';
import { createSourceServices } from './search-source-services.ts';
import { countDocuments, firstCursorAt, readDocuments } from './search-source-reader.ts';
import { openSearchSource, type SearchSource, type SearchSourceRow } from './search-source.ts';
import { tallyDocuments } from './search-source-tally.ts';
import { readAround, type ReadAround } from './service-lines.ts';

interface Deps {
  database: Database;
  log_store: Pick<LogStore, keyof LogReader | 'readLines'>;
  engines: SearchEngines;
  readable_indices: ReadableIndices;
  limits: IngestLimits;
  metrics: Metrics;
  logger: Logger;
}

/** Slices of a log source, and lines of a service out of all its sources. */
export interface SourceReader extends LogReader {
  readAround: ReadAround;
}

/**
 * Reads every log source where it lives: what was sent to us from our own store, the others from the cluster that their row
 * names. Throws `not_found` for a source without a row.
 */
export function createSourceReader(deps: Deps): SourceReader {
  const { log_store } = deps;
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
    readAround: readAround({ ...deps, open }),
  };
}

function sourceOpener(deps: Deps) {
  const { database, limits, metrics } = deps;
  // A source that is sent to us stays one.
  const own = new Set<string>();
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

  return async (tenant_id: string, log_source_id: string): Promise<SearchSource | null> => {
    const key = `${tenant_id} ${log_source_id}`;
    if (own.has(key)) return null;
    // Asked for each time: a slice that is claimed after a change is read as the source is from then on.
    const row = await database.withTenant(tenant_id, (client) => loadSource(client, log_source_id));
    if (row === null) own.add(key);
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
