import type { IngestLimits } from '../ingest/ingest-limits.ts';
import { exists, inInterval } from '../ingest/log-source-query.ts';
import { normaliseSeverity } from '../ingest/severity.ts';
import type { SliceRange, SliceTally } from '../logstore/log-store.ts';
import { countGroups, groupedBy, groupFields, serviceOf, type GroupKey } from './search-source-groups.ts';
import { serviceClauses } from './search-source-shards.ts';
import { explained, type SearchSource } from './search-source.ts';

/** A row of the composite aggregation. */
interface TallyKey extends Record<string, unknown> {
  service?: GroupKey;
  environment?: GroupKey;
  severity?: GroupKey;
  bucket: number;
}

/**
 * Counts the documents of a slice by service, bucket of time and severity, in the cluster. A document with several values in
 * one field counts for each of them; one without a time stamp counts at its cursor.
 */
export const tallyDocuments = (
  search: SearchSource,
  range: SliceRange,
  bucket_ms: number,
): Promise<SliceTally[]> =>
  explained(search, async () => {
    const fields = await groupFields(search);
    const clauses = await serviceClauses(search, range, fields);
    const { timestamp, cursor } = search.source.mapping;
    const tallies = new Map<string, SliceTally>();
    const add = async (time_field: string, filter: object) => {
      const histogram = { date_histogram: { field: time_field, fixed_interval: `${bucket_ms}ms` } };
      const query = inInterval(search.source, [range.slice_start, range.slice_end], [...clauses, filter]);
      const sources = [...groupedBy(fields), { bucket: histogram }];
      for (const { key, doc_count } of await countGroups<TallyKey>(search, query, sources)) {
        const bucket_start = bucketOf(key.bucket, range, bucket_ms, search.limits);
        addTally(tallies, { ...identityOf(search, key), bucket_start, count: doc_count });
      }
    };
    await add(timestamp, exists(timestamp));
    if (cursor !== null && cursor !== timestamp)
      await add(cursor, { bool: { must_not: [exists(timestamp)] } });
    await search.services.save(lastLines(tallies), Date.now());
    return [...tallies.values()];
  });

function identityOf(
  search: SearchSource,
  { service = null, environment = null, severity = null }: TallyKey,
): Pick<SliceTally, 'service_id' | 'severity'> {
  const isWord = typeof severity === 'string' || typeof severity === 'number';
  return {
    service_id: serviceOf(search, { service, environment }),
    severity: isWord ? normaliseSeverity(severity) : null,
  };
}

function addTally(tallies: Map<string, SliceTally>, tally: SliceTally): void {
  const key = `${tally.service_id} ${tally.bucket_start} ${tally.severity}`;
  const found = tallies.get(key);
  if (found === undefined) tallies.set(key, tally);
  else found.count += tally.count;
}

/** Lines of a time absurdly far from their slice were clamped to it when they were read; so are their counts. */
function bucketOf(
  bucket: number,
  { slice_start, slice_end }: SliceRange,
  bucket_ms: number,
  { max_age_ms, max_future_ms }: IngestLimits,
): number {
  const isNear = bucket >= slice_start - max_age_ms - bucket_ms && bucket <= slice_end + max_future_ms;
  return isNear ? bucket : Math.floor(slice_start / bucket_ms) * bucket_ms;
}

function lastLines(tallies: Map<string, SliceTally>): Map<string, number> {
  const last = new Map<string, number>();
  for (const { service_id, bucket_start } of tallies.values()) {
    last.set(service_id, Math.max(last.get(service_id) ?? 0, bucket_start));
  }
  return last;
}
