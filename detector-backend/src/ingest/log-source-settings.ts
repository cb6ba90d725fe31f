import type { LogStore } from '../logstore/log-store.ts';
import type { SearchEngine } from '../logstore/search-engine.ts';
import { AppError } from '../platform/errors.ts';
import { checkConnectionConfig, type ReadableIndices, type SourceTenant } from './log-source-config.ts';
import {
  isSearchSource,
  type ChangedLogSource,
  type LogSourceRow,
  type NewLogSource,
  type SearchSourceType,
} from './log-source-schema.ts';

/** The clusters that log sources may be read from, as the environment names them. */
export type SearchEngines = { readonly [name in SearchSourceType]?: SearchEngine };

/** What decides the settings of a source that its user does not give. */
export interface SourceDefaults {
  log_store: Pick<LogStore, 'read_lag_seconds'>;
  engines: SearchEngines;
  config: { readable_indices: ReadableIndices; backfill_hours: number };
}

/** How long a document of somebody else's may take to be visible: refresh intervals, queues of shippers, clocks. */
const SEARCH_LAG_SECONDS = 30;
/** Of indices with our own template, which refreshes every second and sets the cursor last of all. */
const OWN_INDEX_LAG_SECONDS = 5;

/**
 * A new source with the settings that it does not name.
 * @throws AppError naming the field, where the source can not be read so
 */
export function completeSource(
  body: NewLogSource,
  tenant: SourceTenant,
  { log_store, engines, config }: SourceDefaults,
): NewLogSource {
  const { source_type } = body;
  if (!isSearchSource(source_type)) {
    refuseSearchSettings(body, source_type);
    return { ...body, read_lag_seconds: body.read_lag_seconds ?? log_store.read_lag_seconds };
  }
  engineOf(engines, source_type);
  const { connection_config } = body;
  if (connection_config === undefined) {
    throw new AppError('invalid_request', `A source in ${nameOf(source_type)} needs at least an index.`, {
      field: 'connection_config',
    });
  }
  checkConnectionConfig(connection_config, tenant, config.readable_indices);
  const lag = connection_config.preset === 'seismolog' ? OWN_INDEX_LAG_SECONDS : SEARCH_LAG_SECONDS;
  return {
    ...body,
    read_lag_seconds: body.read_lag_seconds ?? lag,
    backfill_hours: body.backfill_hours ?? config.backfill_hours,
  };
}

/** Checks the change of a source. @throws AppError naming the field */
export function checkChange(
  change: ChangedLogSource,
  source: LogSourceRow,
  tenant: SourceTenant,
  { config }: Pick<SourceDefaults, 'config'>,
): void {
  if (!isSearchSource(source.source_type)) return refuseSearchSettings(change, source.source_type);
  if (change.connection_config === undefined) return;
  if (source.shard_of !== null) {
    throw new AppError('conflict', 'This is a shard: change the source that it was split from.', {
      field: 'connection_config',
    });
  }
  checkConnectionConfig(change.connection_config, tenant, config.readable_indices);
}

function refuseSearchSettings(given: ChangedLogSource, source_type: string): void {
  for (const field of ['connection_config', 'backfill_hours'] as const) {
    if (given[field] === undefined) continue;
    const detail = `Only a source of type elasticsearch or opensearch has this; ${source_type} is sent to us.`;
    throw new AppError('invalid_request', detail, { field });
  }
}

/** The cluster of a source. Throws `invalid_request` (field `source_type`) where the environment names none. */
export function engineOf(engines: SearchEngines, source_type: SearchSourceType): SearchEngine {
  const engine = engines[source_type];
  if (engine !== undefined) return engine;
  throw new AppError(
    'invalid_request',
    `No ${nameOf(source_type)} is connected: the operator names it with ${source_type.toUpperCase()}_URL.`,
    { field: 'source_type' },
  );
}

export const nameOf = (source_type: SearchSourceType): string =>
  source_type === 'elasticsearch' ? 'Elasticsearch' : 'OpenSearch';
