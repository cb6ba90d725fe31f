import { dialectOf } from './search-dialect.ts';
import { SearchError, type SearchEngine } from './search-engine.ts';
import { unavailable } from './search-failure.ts';
import { openPointInTime, searchAll, type PointInTime, type SearchAnswer } from './search-pit.ts';

export interface Hit<Source> {
  _id: string;
  _index: string;
  _source: Source;
  /** Only when `fields` are asked for. */
  fields?: Record<string, unknown[]>;
}

export interface HitsQuery {
  /** Index names, aliases, data streams or patterns, comma-separated, as a person writes them. */
  index: string;
  /** A query of the engine's language. */
  query: object;
  /** Default: all of `_source`, which is faster than a part of it where the network is not the limit. */
  source_fields?: readonly string[] | false;
  /** Field values in a form of choice, e.g. `{ field: 'event.ingested', format: 'epoch_millis' }`. */
  fields?: readonly ({ field: string; format?: string } | string)[];
  /** Slices that are read at the same time, 1–10. */
  parallel?: number;
  /** 1–10,000. */
  page_size?: number;
  /** n > 1: about one document of n, the same ones each time, spread evenly. */
  sample_of?: number;
  /**
   * Looks first which indices have hits, and holds only those open: an engine lets a node hold few shards open (OpenSearch:
   * 300), and most slices have lines of one day. Only where `index` names no alias: its filter and its permission would
   * not count for the indices behind it.
   */
  skip_empty_indices?: boolean;
  /** Breaks the reading off, which then throws `log_store_unavailable`. */
  signal?: AbortSignal | undefined;
}

const PAGE_SIZE = 10_000;
const PARALLEL = 2;
/** Engines take a request line of 4 kB. */
const MAX_NAMES_LENGTH = 3000;

/**
 * All documents that a query finds at one moment, each once, in pages without order; the next page of each slice is read
 * while the caller works on this one. Nothing stays open in the cluster or in this process when the caller stops early.
 * @throws AppError `log_store_unavailable` also when a shard is missing or what is read disappears meanwhile; SearchError 404
 * when `index` names one, without a `*`, that does not exist
 */
export async function* readHits<Source>(
  engine: SearchEngine,
  query: HitsQuery,
): AsyncGenerator<Hit<Source>[], void, void> {
  const stop = new AbortController();
  const signal = query.signal ? AbortSignal.any([query.signal, stop.signal]) : stop.signal;
  const pit = query.skip_empty_indices
    ? await openIndicesWithHits(engine, query, signal)
    : await openPointInTime(engine, query.index, signal);
  if (pit === null) return;
  const readPage = pageReader<Source>(engine, pit, query);
  const waiting = new Map<number, Promise<Page<Source>>>();
  const ask = (slice: number, after?: unknown[]) => {
    const page = readPage(slice, after);
    // It is looked at later, or never when another slice failed first.
    page.catch(() => undefined);
    waiting.set(slice, page);
  };
  try {
    for (let slice = 0; slice < (query.parallel ?? PARALLEL); slice++) ask(slice);
    while (waiting.size > 0) {
      const { slice, hits, next } = await Promise.race(waiting.values());
      if (next) ask(slice, next);
      else waiting.delete(slice);
      if (hits.length > 0) yield hits;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(waiting.values());
    await pit.close();
  }
}

/** Null when nothing is found. What becomes visible in another index after the look is not read. */
async function openIndicesWithHits(
  engine: SearchEngine,
  { index, query }: HitsQuery,
  signal: AbortSignal,
): Promise<PointInTime | null> {
  const aggs = { indices: { terms: { field: '_index', size: 1000 } } };
  const body = { size: 0, track_total_hits: false, query, aggs };
  const answer = await searchAll<IndicesAnswer>(
    engine,
    `/${encodeURIComponent(index)}/_search`,
    body,
    signal,
  );
  const { buckets = [], sum_other_doc_count = 0 } = answer.aggregations?.indices ?? {};
  if (buckets.length === 0) return null;
  const names = buckets.map(({ key }) => key).join(',');
  const isWhole = sum_other_doc_count === 0 && names.length <= MAX_NAMES_LENGTH;
  try {
    return await openPointInTime(engine, isWhole ? names : index, signal);
  } catch (error) {
    if (error instanceof SearchError && error.status === 404)
      throw unavailable('An index was deleted meanwhile');
    throw error;
  }
}

interface IndicesAnswer extends SearchAnswer {
  aggregations?: { indices: { buckets: { key: string }[]; sum_other_doc_count: number } };
}

interface Page<Source> {
  slice: number;
  hits: Hit<Source>[];
  /** Where the next page begins, when there may be one. */
  next: unknown[] | undefined;
}

function pageReader<Source>(engine: SearchEngine, pit: PointInTime, asked: HitsQuery) {
  const { source_fields, fields, parallel = PARALLEL, page_size = PAGE_SIZE, sample_of = 1 } = asked;
  const dialect = dialectOf(engine);
  const body = {
    size: page_size,
    query: sample_of > 1 ? sampled(asked.query, sample_of) : asked.query,
    sort: dialect.page_sort,
    track_total_hits: false,
    ...(source_fields !== undefined && { _source: source_fields }),
    ...(fields && { fields }),
  };
  return async (slice: number, after?: unknown[]): Promise<Page<Source>> => {
    const { hits } = await pit.search<HitsAnswer<Source>>({
      ...body,
      ...(parallel > 1 && { slice: { ...dialect.slice_by, id: slice, max: parallel } }),
      ...(after && { search_after: after }),
    });
    const next = hits.hits.length === page_size ? hits.hits.at(-1)?.sort : undefined;
    return { slice, hits: hits.hits, next };
  };
}

interface HitsAnswer<Source> extends SearchAnswer {
  hits: { hits: (Hit<Source> & { sort: unknown[] })[]; total?: { value: number } };
}

/*
 * A score that is a hash of the document's sequence number, which stays the same for its whole life and on every copy of its
 * shard. A slice `{ id: 0, max: n }` is no sample: Elasticsearch deals slices out by shard first, so that slice 0 of 10 over 8
 * shards is half of the first shard.
 */
function sampled(query: object, sample_of: number): object {
  return {
    function_score: {
      query: { bool: { filter: [query] } },
      functions: [{ random_score: { seed: 1, field: '_seq_no' } }],
      boost_mode: 'replace',
      min_score: 1 - 1 / sample_of,
    },
  };
}

/** Exact number of documents that a query finds. @throws like {@link readHits} */
export async function countHits(
  engine: SearchEngine,
  { index, query, signal }: Pick<HitsQuery, 'index' | 'query' | 'signal'>,
): Promise<number> {
  const body = { size: 0, track_total_hits: true, query };
  const path = `/${encodeURIComponent(index)}/_search`;
  const { hits } = await searchAll<HitsAnswer<never>>(engine, path, body, signal);
  return hits.total?.value ?? 0;
}

export interface CompositeQuery extends Pick<HitsQuery, 'index' | 'query' | 'signal'> {
  /** Sources of the engine's composite aggregation; high cardinality first is cheapest. */
  sources: readonly Record<string, object>[];
  /** Aggregations of each bucket. */
  aggregations?: Record<string, object>;
  /** Buckets per page, 1–10,000. */
  page_size?: number;
}

export interface CompositeBucket<Key> {
  key: Key;
  doc_count: number;
  /** Results of `aggregations`, by their names. */
  [aggregation: string]: unknown;
}

/** Exact counts by the values of some fields, at one moment, in pages of buckets. @throws like {@link readHits} */
export async function* composite<Key extends Record<string, unknown>>(
  engine: SearchEngine,
  { index, query, signal, sources, aggregations, page_size = 5000 }: CompositeQuery,
): AsyncGenerator<CompositeBucket<Key>[], void, void> {
  const pit = await openPointInTime(engine, index, signal);
  if (pit === null) return;
  try {
    let after: Key | undefined;
    do {
      const grouped = { size: page_size, sources, ...(after && { after }) };
      const page = await pit.search<CompositeAnswer<Key>>({
        size: 0,
        track_total_hits: false,
        query,
        aggs: { page: { composite: grouped, ...(aggregations && { aggs: aggregations }) } },
      });
      const { buckets = [], after_key } = page.aggregations?.page ?? {};
      if (buckets.length > 0) yield buckets;
      after = buckets.length < page_size ? undefined : after_key;
    } while (after);
  } finally {
    await pit.close();
  }
}

interface CompositeAnswer<Key> extends SearchAnswer {
  /** Absent where no index matches. */
  aggregations?: { page: { buckets: CompositeBucket<Key>[]; after_key?: Key } };
}
