import type { BulkEntry } from './search-bulk.ts';
import type { SearchEngine } from './search-engine.ts';
import { unavailable } from './search-failure.ts';

const IDS_A_REQUEST = 5000;

/**
 * Which of these ids exist in another day than that of their document. An `_id` is unique in one index only, and one that was
 * made of a client's key may come again with another timestamp; its own day is checked by the writing itself.
 *
 * What stays possible: two processes that store the same key with timestamps of different days within one moment (or, for a
 * day that the other process began less than 30 s ago) both store it.
 */
export async function knownElsewhere(
  engine: SearchEngine,
  days: readonly string[],
  entries: readonly BulkEntry[],
): Promise<Set<string>> {
  const places = entries.flatMap(({ id, index }) =>
    days.flatMap((day) => (day === index ? [] : [{ _index: day, _id: id }])),
  );
  const known = new Set<string>();
  for (let start = 0; start < places.length; start += IDS_A_REQUEST) {
    const { docs } = await engine.request<MultiGetAnswer>({
      method: 'POST',
      path: '/_mget',
      // Realtime, unlike a search: it also finds what was stored a moment ago.
      query: { _source: false, filter_path: 'docs.found,docs._id,docs.error.type' },
      body: { docs: places.slice(start, start + IDS_A_REQUEST) },
    });
    for (const doc of docs) if (isFound(doc)) known.add(doc._id);
  }
  return known;
}

interface MultiGetAnswer {
  docs: { _id: string; found?: boolean; error?: { type: string } }[];
}

function isFound({ found, error }: MultiGetAnswer['docs'][number]): boolean {
  // A day that retention deleted meanwhile has it not.
  if (error && error.type !== 'index_not_found_exception') {
    throw unavailable(`The log store could not look up an id (${error.type})`);
  }
  return found === true;
}
