import { dialectOf } from './search-dialect.ts';
import { SearchError, type SearchEngine } from './search-engine.ts';
import { parseAnswer, unavailable } from './search-failure.ts';

/** Longest pause between two requests of a reader; a search context that was left open is gone a minute later. */
const KEEP_ALIVE = '2m';
const CLOSE_TIMEOUT_MS = 3000;

/** What a search answers, as far as it tells whether all shards did. */
export interface SearchAnswer {
  timed_out?: boolean;
  _shards?: { total: number; successful: number; failed: number };
  /** Of a search over several clusters: one that is away may be left out without an error. */
  _clusters?: { total: number; successful: number };
}

/** One moment of some indices, held open in the cluster. */
export interface PointInTime {
  /** A search that all shards answered. @throws AppError `log_store_unavailable` also when what is read has disappeared */
  search<Answer extends SearchAnswer>(body: object): Promise<Answer>;
  /** The same in two steps: the answer, and what `parse` makes of it. */
  searchText(body: object): Promise<string>;
  parse<Answer extends SearchAnswer>(text: string): Answer;
  /** Whether all documents lie in one shard. */
  is_one_shard: boolean;
  /** Lets it go; never throws, since the cluster forgets it by itself. */
  close(): Promise<void>;
}

/** Null when a pattern matches no index. */
export async function openPointInTime(
  engine: SearchEngine,
  index: string,
  signal?: AbortSignal,
): Promise<PointInTime | null> {
  const opened = await openPit(engine, index, signal);
  if (opened === null) return null;
  const dialect = dialectOf(engine);
  let id = dialect.pitIdOf(opened);
  const searchText = async (body: object): Promise<string> => {
    const pit = { id, keep_alive: KEEP_ALIVE };
    try {
      return await engine.requestText({ ...WHOLE_SEARCH, path: '/_search', body: { ...body, pit }, signal });
    } catch (error) {
      if (!(error instanceof SearchError) || error.status !== 404) throw error;
      throw unavailable('What was being read is gone (an index was deleted or the reader paused too long)');
    }
  };
  const parse = <Answer extends SearchAnswer>(text: string): Answer => {
    const answer = whole(parseAnswer<Answer & { pit_id?: string }>(engine.name, text));
    // The id may change with every answer, and only the newest is sure to work.
    id = answer.pit_id ?? id;
    return answer;
  };
  return {
    is_one_shard: opened._shards?.total === 1,
    searchText,
    parse,
    search: async <Answer extends SearchAnswer>(body: object) => parse<Answer>(await searchText(body)),
    async close() {
      await engine.request({ ...dialect.closePit(id), timeout_ms: CLOSE_TIMEOUT_MS }).catch(() => undefined);
    },
  };
}

async function openPit(
  engine: SearchEngine,
  index: string,
  signal: AbortSignal | undefined,
): Promise<OpenedPit | null> {
  const dialect = dialectOf(engine);
  try {
    const request = dialect.openPit(encodeURIComponent(index), KEEP_ALIVE);
    return await engine.request<OpenedPit>({ ...request, signal });
  } catch (error) {
    if (dialect.isNoIndex(error)) return null;
    throw error;
  }
}

interface OpenedPit extends SearchAnswer {
  id?: string;
  pit_id?: string;
}

const WHOLE_SEARCH = { method: 'POST', query: { allow_partial_search_results: false } } as const;

/** A search that every shard answered: never a part of the truth. @throws AppError `log_store_unavailable` else */
export const searchAll = async <Answer extends SearchAnswer>(
  engine: SearchEngine,
  path: string,
  body: object,
  signal?: AbortSignal,
): Promise<Answer> => whole(await engine.request<Answer>({ ...WHOLE_SEARCH, path, body, signal }));

function whole<Answer extends SearchAnswer>(answer: Answer): Answer {
  const { timed_out, _shards, _clusters } = answer;
  if (_clusters && _clusters.total > _clusters.successful)
    throw unavailable('The search is without one of its clusters');
  // OpenSearch leaves `failed` at 0 for a shard that is not there.
  const missing = _shards ? Math.max(_shards.failed, _shards.total - _shards.successful) : 0;
  if (timed_out === true || missing > 0 || !_shards) {
    const what = timed_out ? 'ran out of time' : `is without ${missing} of ${_shards?.total ?? 'its'} shards`;
    throw unavailable(`The search ${what}`);
  }
  return answer;
}
