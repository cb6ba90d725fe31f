import type { LogSource } from '../../api/log-source-types.ts';
import type { SourceStatus } from '../../api/types.ts';
import { isUnread } from '../../components/source-state.ts';

/** A source and the shards that were split from it. */
export interface SourceGroup {
  source: LogSource;
  shards: LogSource[];
}

/** Shards below the source that they were split from; one whose source is not there stands alone. */
export function groupShards(sources: LogSource[]): SourceGroup[] {
  const ids = new Set(sources.map(({ id }) => id));
  const isShard = ({ shard_of }: LogSource) => shard_of !== null && ids.has(shard_of);
  return sources
    .filter((source) => !isShard(source))
    .map((source) => ({ source, shards: sources.filter(({ shard_of }) => shard_of === source.id) }));
}

/** Groups in which the source or a shard has the status, all of them without one; what is not read comes first. */
export function groupsOf(sources: LogSource[], status: SourceStatus | ''): SourceGroup[] {
  const members = ({ source, shards }: SourceGroup) => [source, ...shards];
  const isCalm = (group: SourceGroup) => Number(!members(group).some(isUnread));
  return groupShards(sources)
    .filter((group) => status === '' || members(group).some((each) => each.status === status))
    .sort((a, b) => isCalm(a) - isCalm(b));
}
