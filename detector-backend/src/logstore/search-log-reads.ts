import { parseTime } from './iso-time.ts';
import type { LineQuery, LogLine, SampleLine, Severity, SliceRange, SliceTally } from './log-store.ts';
import type { SearchEngine } from './search-engine.ts';
import { composite, readHits, type Hit } from './search-hits.ts';
import { searchAll, type SearchAnswer } from './search-pit.ts';

/**
 * A slice is held in memory and sorted up to this many lines (about 100 MB with lines of 300 bytes). A longer one comes in the
 * order in which the engine finds it, page by page: sorting in the engine costs nothing where lines were stored in the order of
 * their ingest time, but up to five times as much where they were not.
 */
export const MAX_SORTED_LINES = 300_000;
/** Of how many lines of usual length a line takes the memory. */
export const linesOfMemory = (message: string): number => Math.max(1, message.length / 300);
const SORTED_PAGE_LINES = 5000;
const MAX_LINES = 10_000;

interface LogSource {
  timestamp: string;
  ingested_at: string;
  service_id: string;
  severity: Severity;
  source: string;
  message: string;
  metadata?: { release?: unknown } | null;
}

/** The documents of a slice, in the engine's query language. */
export function sliceQuery({ log_source_id, slice_start, slice_end, services }: SliceRange): object {
  const range = { gte: Math.ceil(slice_start), lt: Math.ceil(slice_end), format: 'epoch_millis' };
  const filter: object[] = [{ term: { log_source_id } }, { range: { ingested_at: range } }];
  if (services && 'only' in services) filter.push({ terms: { service_id: services.only } });
  const must_not = services && 'except' in services ? [{ terms: { service_id: services.except } }] : [];
  return { bool: { filter, must_not } };
}

interface PlacedLine {
  ingested_at: number;
  line: LogLine;
}

/** Pages of a slice, in the order (ingested_at, event_id) up to MAX_SORTED_LINES of usual length. */
export async function* readSortedPages(
  engine: SearchEngine,
  index: string,
  range: SliceRange,
  options: { sample_of: number; max_sorted_lines?: number },
): AsyncGenerator<LogLine[], void, void> {
  const { sample_of, max_sorted_lines = MAX_SORTED_LINES } = options;
  let held: PlacedLine[] | null = [];
  let held_lines = 0;
  const query = { index, query: sliceQuery(range), sample_of, skip_empty_indices: true };
  for await (const placed of readHits(engine, query, toPlacedLine)) {
    if (held === null) yield linesOf(placed);
    else {
      held.push(...placed);
      for (const { line } of placed) held_lines += linesOfMemory(line.message);
      if (held_lines <= max_sorted_lines) continue;
      yield linesOf(held);
      held = null;
    }
  }
  held?.sort(byPlace);
  for (let start = 0; held && start < held.length; start += SORTED_PAGE_LINES) {
    yield linesOf(held.slice(start, start + SORTED_PAGE_LINES));
  }
}

const linesOf = (placed: PlacedLine[]): LogLine[] => placed.map(({ line }) => line);

function byPlace(a: PlacedLine, b: PlacedLine): number {
  return a.ingested_at - b.ingested_at || (a.line.event_id < b.line.event_id ? -1 : 1);
}

function toPlacedLine({ _id, _source }: Hit<LogSource>): PlacedLine {
  const { service_id, severity, message } = _source;
  const timestamp = parseTime(_source.timestamp);
  const release = releaseOf(_source.metadata?.release);
  const line = { event_id: _id, timestamp, service_id, severity, message, release };
  return { ingested_at: parseTime(_source.ingested_at), line };
}

function releaseOf(given: unknown): string | null {
  if (given === undefined || given === null || given === '') return null;
  const text = typeof given === 'object' ? JSON.stringify(given) : String(given);
  return text.length <= 100 ? text : Array.from(text).slice(0, 100).join('');
}

export async function tallyLines(
  engine: SearchEngine,
  index: string,
  range: SliceRange,
  bucket_ms: number,
): Promise<SliceTally[]> {
  const sources = [
    { bucket_start: { date_histogram: { field: 'timestamp', fixed_interval: `${bucket_ms}ms` } } },
    { service_id: { terms: { field: 'service_id' } } },
    { severity: { terms: { field: 'severity' } } },
  ];
  const tally: SliceTally[] = [];
  const pages = composite<Omit<SliceTally, 'count'> & Record<string, unknown>>(engine, {
    index,
    query: sliceQuery(range),
    sources,
  });
  for await (const page of pages) {
    for (const { key, doc_count } of page) tally.push({ ...key, count: doc_count });
  }
  return tally;
}

interface SortedAnswer<Source> extends SearchAnswer {
  hits: { hits: { _source: Source; sort: unknown[] }[] };
}

export async function selectFirstIngestedAt(
  engine: SearchEngine,
  index: string,
  log_source_id: string,
  from: number,
): Promise<number | null> {
  const range = { gte: Math.ceil(from), format: 'epoch_millis' };
  const { hits } = await searchAll<SortedAnswer<never>>(engine, `/${encodeURIComponent(index)}/_search`, {
    size: 1,
    track_total_hits: false,
    _source: false,
    query: { bool: { filter: [{ term: { log_source_id } }, { range: { ingested_at: range } }] } },
    sort: [{ ingested_at: { order: 'asc', unmapped_type: 'date' } }],
  });
  return (hits.hits[0]?.sort[0] as number | undefined) ?? null;
}

/** Oldest first; lines of one time stamp come in the order in which they were stored. */
export async function selectLines(
  engine: SearchEngine,
  index: string,
  { service_id, from, to, limit, newest = false }: LineQuery,
): Promise<SampleLine[]> {
  const range = { gte: Math.ceil(from), lt: Math.ceil(to), format: 'epoch_millis' };
  const order = newest ? 'desc' : 'asc';
  const { hits } = await searchAll<SortedAnswer<LogSource>>(engine, `/${encodeURIComponent(index)}/_search`, {
    size: Math.min(limit, MAX_LINES),
    track_total_hits: false,
    _source: ['timestamp', 'severity', 'source', 'message'],
    query: { bool: { filter: [{ term: { service_id } }, { range: { timestamp: range } }] } },
    // `_id` can not be sorted by, and `_shard_doc` needs a point in time.
    sort: [{ timestamp: order }, { _seq_no: order }],
  });
  const lines = hits.hits.map(({ _source: { timestamp, severity, source, message } }) => {
    return { timestamp: Date.parse(timestamp), severity, source, message };
  });
  return newest ? lines.reverse() : lines;
}
