import type { ServiceFilter } from '../logstore/log-store.ts';

/** What of a source says which lines are its own. */
export interface ShardedSource {
  id: string;
  /** The source whose lines it reads, when it is a shard of one. */
  shard_of: string | null;
  /** Of a shard: the services that it reads. */
  shard_service_ids: string[];
  /** Of a shard: the services of the shards that were split off before it. */
  earlier_service_ids: string[];
  /** Of a source that was split: services that shards read, each from a moment of ingest time (epoch ms) on. */
  split_services: { service_id: string; split_at: number }[];
}

/**
 * The source and services that a slice of this source asks its store for. Slices do not span a `split_at`, and those before
 * it keep all their services, so a re-count of an old slice counts what its reading counted. A document of several services
 * belongs to the shard that was split off first of those that read one of them.
 * @param slice_start epoch ms of ingest time
 */
export function readRange(
  source: ShardedSource,
  slice_start: number,
): { log_source_id: string; services?: ServiceFilter } {
  if (source.shard_of !== null) {
    const { shard_of: log_source_id, shard_service_ids: only, earlier_service_ids: except } = source;
    return { log_source_id, services: except.length === 0 ? { only } : { only, except } };
  }
  const elsewhere = source.split_services.filter(({ split_at }) => split_at <= slice_start);
  if (elsewhere.length === 0) return { log_source_id: source.id };
  return { log_source_id: source.id, services: { except: elsewhere.map(({ service_id }) => service_id) } };
}
