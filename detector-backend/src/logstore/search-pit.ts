import { dialectOf } from './search-dialect.ts';
import { SearchError, type SearchEngine } from './search-engine.ts';
import { unavailable } from './search-failure.ts';

/** Longest pause between two requests of a reader; a search context that was left open is gone a minute later. */
const KEEP_ALIVE = '2m';
const CLOSE_TIMEOUT_MS = 3000;

/** What a search answers, as far as it tells whether all shards did. */
export interface SearchAnswer {
  timed_out?: boolean;
  _shards?: { total: number; successful: number; failed: number };
}

/** One moment of some indices, held open in the cluster. */
export interface PointInTime {
  /** A search that all shards answered. @throws AppError `log_store_unavailable` also when what is read has disappeared */
  search<Answer extends SearchAnswer>(body: object): Promise<Answer>;
  /** Lets it go; never throws, since the cluster forgets it by itself. */
  close(): Promise<void>;
}

/** Null when a pattern matches no index. */
export async function openPointInTime(
  engine: SearchEngine,
  index: string,
  signal?: AbortSignal,
): Promise<PointInTime | null> {
  const dialect = dialectOf(engine);
  let id: string;
  try {
    const request = dialect.openPit(encodeURIComponent(index), KEEP_ALIVE);
    id = dialect.pitIdOf(await engine.request({ ...request, signal }));
  } catch (error) {
    if (dialect.isNoIndex(error)) return null;
    throw error;
  }
  return {
    async search<Answer extends SearchAnswer>(body: object): Promise<Answer> {
      const pit = { id, keep_alive: KEEP_ALIVE };
      const answer = await searchAll<Answer & { pit_id?: string }>(
        engine,
        '/_search',
        { ...body, pit },
        signal,
      );
      // The id may change with every answer, and only the newest is sure to work.
      id = answer.pit_id ?? id;
      return answer;
    },
    async close() {
      await engine.request({ ...dialect.closePit(id), timeout_ms: CLOSE_TIMEOUT_MS }).catch(() => undefined);
    },
  };
}

/**
 * A search that every shard answered: never a part of the truth.
 * @throws AppError `log_store_unavailable` also when a shard is missing, or when the index or the point in time disappeared
 */
export async function searchAll<Answer extends SearchAnswer>(
  engine: SearchEngine,
  path: string,
  body: object,
  signal?: AbortSignal,
): Promise<Answer> {
  const query = { allow_partial_search_results: false };
  try {
    return whole(await engine.request<Answer>({ method: 'POST', path, query, body, signal }));
  } catch (error) {
    if (!('pit' in body) || !(error instanceof SearchError) || error.status !== 404) throw error;
    throw unavailable(`What was being read is gone (an index was deleted or the reader paused too long)`);
  }
}

function whole<Answer extends SearchAnswer>(answer: Answer): Answer {
  const { timed_out, _shards } = answer;
  // OpenSearch leaves `failed` at 0 for a shard that is not there.
  const missing = _shards ? Math.max(_shards.failed, _shards.total - _shards.successful) : 0;
  if (timed_out === true || missing > 0 || !_shards) {
    const what = timed_out ? 'ran out of time' : `is without ${missing} of ${_shards?.total ?? 'its'} shards`;
    throw unavailable(`The search ${what}`);
  }
  return answer;
}
