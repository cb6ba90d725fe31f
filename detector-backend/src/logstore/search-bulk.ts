import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type ErrorCode } from '../platform/errors.ts';
import { outcomeOf, type BulkItem, type ItemContext } from './search-bulk-items.ts';
import { SearchError, type SearchEngine } from './search-engine.ts';
import { reasonText } from './search-failure.ts';
import type { Limiter } from './limiter.ts';

/** One document on its way. */
export interface BulkEntry {
  /** Place in the caller's list. */
  place: number;
  id: string;
  index: string;
  is_timed: boolean;
  /** The document as JSON without line breaks. */
  source: string;
}

export interface BulkResult {
  created: number;
  duplicates: number;
  errors: { index: number; code: 'invalid_document' | 'log_store_busy' | ErrorCode; message: string }[];
}

export interface BulkOptions {
  /** Bounds the requests that are under way at once. */
  limiter: Limiter;
  /** Epoch ms after which nothing is sent again. */
  deadline: number;
}

const MAX_CHUNK_BYTES = 5_000_000;
const MAX_CHUNK_ITEMS = 5000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** How long a node waits for a shard that is on its way, before it says so. */
const SHARD_WAIT = '5s';
const ITEM_FIELDS = 'errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by';

/**
 * Stores documents in chunks that are sent side by side. What the engine is too busy for is sent again with pauses that grow,
 * until the deadline; then it is an error `log_store_busy`. Never throws for what the engine answers or does not answer.
 */
export async function sendBulk(
  engine: SearchEngine,
  entries: readonly BulkEntry[],
  options: BulkOptions,
): Promise<BulkResult> {
  const result: BulkResult = { created: 0, duplicates: 0, errors: [] };
  await Promise.all(chunksOf(entries).map((chunk) => sendChunk(engine, chunk, options, result)));
  result.errors.sort((a, b) => a.index - b.index);
  return result;
}

/** In equal parts, so that chunks that are sent side by side end together. */
export function chunksOf(entries: readonly BulkEntry[]): BulkEntry[][] {
  const sizes = entries.map(({ id, source }) => id.length + source.length + 80);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const parts = Math.max(Math.ceil(bytes / MAX_CHUNK_BYTES), Math.ceil(entries.length / MAX_CHUNK_ITEMS));
  const chunks: BulkEntry[][] = [];
  let room = 0;
  entries.forEach((entry, place) => {
    const size = sizes[place] ?? 0;
    if (room < 1 || chunks.length === 0) {
      chunks.push([]);
      room = bytes / parts;
    }
    chunks.at(-1)?.push(entry);
    room -= size;
  });
  return chunks;
}

async function sendChunk(
  engine: SearchEngine,
  chunk: BulkEntry[],
  options: BulkOptions,
  result: BulkResult,
): Promise<void> {
  let rest = chunk;
  let isAmbiguous = false;
  for (let attempt = 0; rest.length > 0; attempt++) {
    let reason: string;
    try {
      const answer = await sendOnce(engine, rest, options);
      const retried = takeAnswer(rest, answer, isAmbiguous, result);
      isAmbiguous ||= retried.isAmbiguous;
      ({ rest, reason } = retried);
    } catch (error) {
      if (error instanceof SearchError && error.status === 413 && rest.length > 1) {
        const half = Math.ceil(rest.length / 2);
        await sendChunk(engine, rest.slice(0, half), options, result);
        rest = rest.slice(half);
        continue;
      }
      if (!(error instanceof AppError) || error.code !== 'log_store_unavailable')
        return fail(rest, error, result);
      isAmbiguous ||= mayHaveHappened(error);
      reason = error.message;
    }
    if (rest.length > 0 && !(await pause(attempt, options.deadline))) {
      return fail(rest, new AppError('log_store_unavailable', reason), result);
    }
  }
}

function sendOnce(
  engine: SearchEngine,
  entries: BulkEntry[],
  { limiter, deadline }: BulkOptions,
): Promise<BulkAnswer> {
  const index = entries[0]?.index ?? '';
  return limiter.run(() =>
    engine.request<BulkAnswer>({
      method: 'POST',
      path: `/${encodeURIComponent(index)}/_bulk`,
      query: { timeout: SHARD_WAIT, filter_path: ITEM_FIELDS },
      body: bulkBody(entries, index),
      timeout_ms: Math.max(1000, deadline - Date.now()),
    }),
  );
}

interface BulkAnswer {
  items: { create: BulkItem }[];
}

function bulkBody(entries: readonly BulkEntry[], index: string): string {
  let body = '';
  for (const entry of entries) {
    const named = entry.index === index ? '' : `"_index":"${entry.index}",`;
    body += `{"create":{${named}"_id":"${entry.id}"}}\n${entry.source}\n`;
  }
  return body;
}

/** Enters an answer into the result; returns what has to be sent again. */
function takeAnswer(
  entries: BulkEntry[],
  { items }: BulkAnswer,
  isAmbiguous: boolean,
  result: BulkResult,
): { rest: BulkEntry[]; isAmbiguous: boolean; reason: string } {
  const retried = { rest: [] as BulkEntry[], isAmbiguous: false, reason: '' };
  entries.forEach((entry, place) => {
    const context: ItemContext = { is_timed: entry.is_timed, isAmbiguous };
    const outcome = outcomeOf(items[place]?.create ?? { status: 500 }, context);
    if (outcome === 'created') result.created += 1;
    else if (outcome === 'duplicate') result.duplicates += 1;
    else if ('code' in outcome) result.errors.push({ index: entry.place, ...outcome });
    else {
      retried.rest.push(entry);
      retried.isAmbiguous ||= outcome.isAmbiguous;
      retried.reason = outcome.retry;
    }
  });
  return retried;
}

function fail(entries: BulkEntry[], error: unknown, result: BulkResult): void {
  const [code, message] = failureCode(error);
  for (const { place } of entries) result.errors.push({ index: place, code, message });
}

function failureCode(error: unknown): [BulkResult['errors'][number]['code'], string] {
  if (error instanceof AppError) {
    return error.code === 'log_store_unavailable'
      ? ['log_store_busy', error.message]
      : [error.code, error.message];
  }
  if (!(error instanceof SearchError)) throw error;
  if (error.status === 413) return ['invalid_document', 'The document is larger than the log store takes'];
  return ['log_store_refused', reasonText({ type: error.type, reason: error.message })];
}

/** Whether a request that failed may have been carried out all the same. */
const mayHaveHappened = ({ cause }: AppError): boolean =>
  !(cause instanceof SearchError && cause.status === 429);

/** Waits before another attempt; false when there is no time for one. Source: "full jitter" with half of it fixed. */
async function pause(attempt: number, deadline: number): Promise<boolean> {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
  const ms = longest / 2 + (Math.random() * longest) / 2;
  if (Date.now() + ms >= deadline) return false;
  await sleep(ms);
  return true;
}
