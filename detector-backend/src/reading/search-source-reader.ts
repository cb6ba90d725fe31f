import { explainAnswer } from '../ingest/log-source-error.ts';
import { indexedFields } from '../ingest/log-source-fields.ts';
import { lineOf, type SearchDocument } from '../ingest/log-source-document.ts';
import { cursorBranches, inBranch, inInterval, inSource, within } from '../ingest/log-source-query.ts';
import type { CursorBranch } from '../ingest/log-source-query.ts';
import { nameOf } from '../ingest/log-source-settings.ts';
import type { Json } from '../ingest/record-fields.ts';
import type { LineQuery, LogDocument, LogLine, SampleLine, SliceRange } from '../logstore/log-store.ts';
import { countHits, readHits, type Hit } from '../logstore/search-hits.ts';
import { linesOfMemory, MAX_SORTED_LINES } from '../logstore/search-log-reads.ts';
import { searchAll, type SearchAnswer } from '../logstore/search-pit.ts';
import { AppError } from '../platform/errors.ts';
import { groupFields, inGroups, serviceGroups, serviceOf } from './search-source-groups.ts';
import { letsThrough, serviceClauses } from './search-source-shards.ts';
import { explained, type SearchSource } from './search-source.ts';

/** Documents of others may be large: 5 KB are usual with Kubernetes metadata. */
const DOCUMENTS_PER_PAGE = 4_000;
const LINES_PER_PAGE = 5_000;
/** A caller that hears nothing for longer might lose its lease. */
const SIGN_OF_LIFE_MS = 1_000;

type ReadLine = LogLine & { cursor_at: number };

/**
 * Pages of the lines of a slice in the order (cursor, event_id), up to {@link MAX_SORTED_LINES} of usual length. The cluster gives documents
 * faster without an order, so the slice is put in order here; meanwhile empty pages say that it goes on. Services are written
 * before their lines are given out.
 */
export async function* readDocuments(
  search: SearchSource,
  range: SliceRange,
  sample_of: number,
): AsyncGenerator<LogLine[]> {
  let held: ReadLine[] = [];
  let is_sorted = true;
  let held_lines = 0;
  let heard_at = performance.now();
  try {
    for await (const documents of documentPages(search, range, sample_of)) {
      const wanted = documents.filter((document) => document !== null);
      await saveServices(search, wanted);
      for (const document of wanted) {
        held.push({ ...lineOf(document), cursor_at: document.ingested_at });
        held_lines += linesOfMemory(document.message);
      }
      is_sorted &&= held_lines <= MAX_SORTED_LINES;
      if (is_sorted && performance.now() - heard_at < SIGN_OF_LIFE_MS) continue;
      yield* is_sorted ? [[]] : pagesOf(held);
      if (!is_sorted) held = [];
      heard_at = performance.now();
    }
  } catch (error) {
    throw explainAnswer(error, search.row.source_type, search.source);
  }
  yield* pagesOf(is_sorted ? held.sort(byCursor) : held);
}

function* pagesOf(lines: readonly ReadLine[]): Generator<LogLine[]> {
  for (let from = 0; from < lines.length; from += LINES_PER_PAGE) {
    yield lines.slice(from, from + LINES_PER_PAGE).map(({ cursor_at: _cursor_at, ...line }) => line);
  }
}

const byCursor = (a: ReadLine, b: ReadLine): number =>
  a.cursor_at - b.cursor_at || (a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0);

/** Null stands for a document that the filter of the range does not let through. */
async function* documentPages(
  search: SearchSource,
  range: SliceRange,
  sample_of: number,
): AsyncGenerator<(LogDocument | null)[]> {
  const { engine, source } = search;
  const clauses = await serviceClauses(search, range);
  for (const branch of cursorBranches(source)) {
    const fields = [...new Set([branch.field, source.mapping.timestamp])];
    const asked = {
      index: source.index,
      query: inBranch(source, branch, [range.slice_start, range.slice_end], clauses),
      fields: fields.map((field) => ({ field, format: 'epoch_millis' })),
      page_size: DOCUMENTS_PER_PAGE,
      sample_of,
    };
    yield* readHits(engine, asked, (hit: Hit<Json | undefined>) => {
      const found = documentOf(search, branch.field, hit, range.slice_start);
      const document = search.read(found);
      // The cluster filtered by what it has indexed; a spelling that came meanwhile is told apart here.
      return letsThrough(search, range.services, found, document.service_id) ? document : null;
    });
  }
}

/** @param otherwise cursor of a document whose cursor the index gives in no form that we know */
function documentOf(
  { source: { mapping } }: SearchSource,
  cursor_field: string,
  { _id, _source, fields }: Hit<Json | undefined>,
  otherwise: number,
): SearchDocument {
  const timeIn = (field: string): number | null => {
    // Fractions of milliseconds come with date_nanos.
    const time = Math.floor(Number(fields?.[field]?.[0] ?? NaN));
    return Number.isFinite(time) ? time : null;
  };
  return {
    id: _id,
    source: _source ?? {},
    cursor_at: timeIn(cursor_field) ?? otherwise,
    timestamp: timeIn(mapping.timestamp),
  };
}

async function saveServices({ services }: SearchSource, documents: readonly LogDocument[]): Promise<void> {
  const last_lines = new Map<string, number>();
  for (const { service_id, timestamp } of documents) {
    if (timestamp > (last_lines.get(service_id) ?? 0)) last_lines.set(service_id, timestamp);
  }
  await services.save(last_lines, Date.now());
}

/** Exact number of documents of a slice. */
export const countDocuments = (search: SearchSource, range: SliceRange): Promise<number> =>
  explained(search, async () => {
    const { engine, source } = search;
    const clauses = await serviceClauses(search, range);
    const query = inInterval(source, [range.slice_start, range.slice_end], clauses);
    return countHits(engine, { index: source.index, query });
  });

/** Cursor of the first document at or after `from` (epoch ms), or null when there is none yet. */
export const firstCursorAt = (search: SearchSource, from: number): Promise<number | null> =>
  explained(search, async () => {
    const branches = cursorBranches(search.source);
    const firsts = await Promise.all(branches.map((branch) => firstOfBranch(search, branch, from)));
    const found = firsts.filter((first) => first !== null);
    if (found.length > 0) return Math.min(...found);
    await checkReadable(search);
    return null;
  });

interface SortedAnswer extends SearchAnswer {
  hits: { hits: (Hit<Json | undefined> & { sort: [number] })[] };
}

async function firstOfBranch(
  { engine, source }: SearchSource,
  branch: CursorBranch,
  from: number,
): Promise<number | null> {
  const { hits } = await searchAll<SortedAnswer>(engine, searchPath(source.index), {
    size: 1,
    _source: false,
    track_total_hits: false,
    query: inBranch(source, branch, [from, null]),
    sort: [{ [branch.field]: { order: 'asc', unmapped_type: 'date', numeric_type: 'date' } }],
  });
  return hits.hits[0]?.sort[0] ?? null;
}

/** Finding nothing may also mean that nothing can be found: a pattern without an index, a field that is no date. */
async function checkReadable({ engine, row, source }: SearchSource): Promise<void> {
  const { indices, fields } = await indexedFields(engine, source);
  if (indices === 0) {
    const detail = `${nameOf(row.source_type)} has no index that matches "${source.index}".`;
    throw new AppError('invalid_request', detail, { field: 'connection_config.index' });
  }
  for (const field of ['timestamp', 'cursor'] as const) {
    const { is_known = false, is_date = false } = fields[field] ?? {};
    // Without the cursor field the time stamp stands in.
    if (is_date || (field === 'cursor' && !is_known)) continue;
    const detail = `"${source.index}" has no date field "${source.mapping[field]}".`;
    throw new AppError('invalid_request', detail, { field: `connection_config.fields.${field}` });
  }
}

/** Lines of a service with their time in [from, to), oldest first: the oldest `limit`, or the newest. */
export const serviceLines = (
  search: SearchSource,
  { service_id, from, to, limit, newest = false }: LineQuery,
): Promise<SampleLine[]> =>
  explained(search, async () => {
    const { engine, source } = search;
    const { timestamp: time_field } = source.mapping;
    const time = within(time_field, from, to);
    const fields = await groupFields(search);
    const groups = await serviceGroups(search, inSource(source, [time]), fields);
    const own = groups.filter((group) => serviceOf(search, group) === service_id);
    if (own.length === 0) return [];
    const { hits } = await searchAll<SortedAnswer>(engine, searchPath(source.index), {
      size: limit,
      track_total_hits: false,
      query: inSource(source, [time, inGroups(own, fields)]),
      fields: [{ field: time_field, format: 'epoch_millis' }],
      sort: [
        { [time_field]: { order: newest ? 'desc' : 'asc', unmapped_type: 'date', numeric_type: 'date' } },
      ],
    });
    const lines = hits.hits.map((hit) => {
      const {
        timestamp,
        severity,
        source: from_source,
        message,
      } = search.read(documentOf(search, time_field, hit, from));
      return { timestamp, severity, source: from_source, message };
    });
    return newest ? lines.reverse() : lines;
  });

const searchPath = (index: string): string => `/${encodeURIComponent(index)}/_search`;
