import { dialectOf } from './search-dialect.ts';
import { SearchError, type SearchEngine } from './search-engine.ts';
import { isTooLarge, unavailable } from './search-failure.ts';
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
  /** 1–10,000. */
  page_size?: number;
  /** n > 1: about one document of n, the same ones each time, spread evenly. */
  sample_of?: number;
  /**
   * Holds only those indices open that have hits: an engine lets a node hold few shards open (OpenSearch: 300), and most slices
   * have lines of one day. Only where `index` names no alias: its filter and its permission would not count for the indices
   * behind it.
   */
  skip_empty_indices?: boolean;
  /** Breaks the reading off, which then throws `log_store_unavailable`. */
  signal?: AbortSignal | undefined;
}

const PAGE_SIZE = 5000;
/** Engines take a request line of 4 kB. */
const MAX_NAMES_LENGTH = 3000;
/** Of a stream whose documents may be of any size. */
const FIRST_PAGE_SIZE = 250;
const MAX_PAGE_CHARACTERS = 16e6;
/** Characters of a short hit: a longer page is full, or nearly always. */
const SHORT_HIT = 150;
const LONGEST_SORT = 500;

/**
 * All documents that a query finds at one moment, each once, in pages without order. Many are read in two streams; the engine
 * works on the next page of a stream while this one is parsed and used. Nothing stays open in the cluster or in this process when
 * the caller stops early.
 * @throws AppError `log_store_unavailable` also when a shard is missing or what is read disappears meanwhile; SearchError 404
 * when `index` names one, without a `*`, that does not exist
 */
export async function* readHits<Source, Row>(
  engine: SearchEngine,
  asked: HitsQuery,
  rowOf: (hit: Hit<Source>) => Row,
): AsyncGenerator<Row[], void, void> {
  const stop = new AbortController();
  const signal = asked.signal ? AbortSignal.any([asked.signal, stop.signal]) : stop.signal;
  const { page_size = PAGE_SIZE, sample_of = 1 } = asked;
  const query = sample_of > 1 ? sampled(asked.query, sample_of) : asked.query;
  const found = await lookFor(engine, { ...asked, query }, signal);
  if (found === null) return;
  const pit = await openFound(engine, found.index, signal);
  if (pit === null) return;

  const { waiting, ask } = pageRequests(pit, {
    sort: dialectOf(engine).pageSort(pit),
    track_total_hits: false,
    ...(asked.source_fields !== undefined && { _source: asked.source_fields }),
    ...(asked.fields && { fields: asked.fields }),
  });
  try {
    for (const stream of streamsOf(query, found, page_size))
      ask(stream, Math.min(page_size, FIRST_PAGE_SIZE));
    while (waiting.size > 0) {
      const { stream, size, text } = await Promise.race(waiting.values());
      const next_size = Math.ceil(Math.min(page_size, (MAX_PAGE_CHARACTERS * size) / text.length));
      const next = text.length > size * SHORT_HIT ? lastSort(text) : undefined;
      if (next) ask(stream, next_size, next);
      const { hits } = pit.parse<HitsAnswer<Source>>(text).hits;
      const last = hits.length === size ? hits.at(-1) : undefined;
      if (!next && last) ask(stream, next_size, last.sort);
      if (!next && !last) waiting.delete(stream);
      // Made at once: parsed hits that live on while others are parsed are what the garbage collector is slow with.
      if (hits.length > 0) yield hits.map(rowOf);
    }
  } finally {
    stop.abort();
    await Promise.allSettled(waiting.values());
    await pit.close();
  }
}

interface Page {
  stream: object;
  /** Hits that were asked for. */
  size: number;
  text: string;
}

/** Searches under way: at most one of each stream, which is a query. */
function pageRequests(pit: PointInTime, body: object) {
  const waiting = new Map<object, Promise<Page>>();
  const search = async (stream: object, size: number, search_after?: unknown[]): Promise<Page> => {
    try {
      const after = search_after && { search_after };
      return { stream, size, text: await pit.searchText({ ...body, size, query: stream, ...after }) };
    } catch (error) {
      // Small documents came first, now large ones.
      if (size > 1 && isTooLarge(error)) return search(stream, Math.ceil(size / 8), search_after);
      throw error;
    }
  };
  const ask = (stream: object, size: number, search_after?: unknown[]) => {
    const page = search(stream, size, search_after);
    // It is looked at later, or never when another stream failed first.
    page.catch(() => undefined);
    waiting.set(stream, page);
  };
  return { waiting, ask };
}

interface Found {
  index: string;
  count: number;
  /** First and last sequence number of what was found; null where an index keeps none. */
  first: number | null;
  last: number | null;
}

/** Null when nothing is found. What becomes visible in another index after the look is not read. */
async function lookFor(
  engine: SearchEngine,
  { index, query, skip_empty_indices }: HitsQuery,
  signal: AbortSignal,
): Promise<Found | null> {
  const aggs = {
    first: { min: { field: '_seq_no' } },
    last: { max: { field: '_seq_no' } },
    ...(skip_empty_indices && { indices: { terms: { field: '_index', size: 1000 } } }),
  };
  const body = { size: 0, track_total_hits: true, query, aggs };
  const path = `/${encodeURIComponent(index)}/_search`;
  const look = (asked: object) => searchAll<LookAnswer>(engine, path, asked, signal);
  const { hits, aggregations } = await look(body).catch((error: unknown) => {
    // Indices may be without sequence numbers; others refuse a whole search for one of them.
    if (!(error instanceof SearchError) || !error.message.includes('_seq_no')) throw error;
    return look({ ...body, aggs: { ...aggs, first: NO_NUMBER, last: NO_NUMBER } });
  });
  const count = hits.total?.value ?? 0;
  if (count === 0) return null;
  const { buckets = [], sum_other_doc_count = 0 } = aggregations?.indices ?? {};
  const names = buckets.map(({ key }) => key).join(',');
  const isWhole = names !== '' && sum_other_doc_count === 0 && names.length <= MAX_NAMES_LENGTH;
  const [first = null, last = null] = [aggregations?.first.value, aggregations?.last.value];
  return { index: isWhole ? names : index, count, first, last };
}

const NO_NUMBER = { min: { field: 'seismolog_no_such_field' } };

interface LookAnswer extends HitsAnswer<never> {
  aggregations?: {
    first: { value: number | null };
    last: { value: number | null };
    indices?: { buckets: { key: string }[]; sum_other_doc_count: number };
  };
}

async function openFound(
  engine: SearchEngine,
  index: string,
  signal: AbortSignal,
): Promise<PointInTime | null> {
  try {
    return await openPointInTime(engine, index, signal);
  } catch (error) {
    if (error instanceof SearchError && error.status === 404)
      throw unavailable('An index was deleted meanwhile');
    throw error;
  }
}

/*
 * Halves by sequence number: documents of one lie side by side, which an engine reads twice as fast as scattered ones. Slices by
 * themselves are worse: those of Elasticsearch are parts of the whole index, so that lines of one hour are all in one of them, and
 * those of OpenSearch look at every document for every page.
 */
function streamsOf(query: object, { count, first, last }: Found, page_size: number): object[] {
  if (count <= 2 * page_size || first === null || last === null || last - first < 1) return [query];
  const middle = Math.ceil((first + last) / 2);
  const before = { range: { _seq_no: { lt: middle } } };
  return [{ bool: { filter: [query, before] } }, { bool: { filter: [query], must_not: [before] } }];
}

/**
 * Where the next page begins, from the end of an answer that is not parsed yet: the engine works on it meanwhile. Undefined
 * where the end looks otherwise.
 */
function lastSort(text: string): unknown[] | undefined {
  const end = text.slice(-LONGEST_SORT);
  const found = /"sort":(\[[^\]]*\])\}\]\}\}\s*$/.exec(end)?.[1];
  return found === undefined ? undefined : (JSON.parse(found) as unknown[]);
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
