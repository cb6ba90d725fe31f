import type { LineQuery, LogStore, SampleLine } from '../logstore/log-store.ts';
import type { SearchRequest } from '../logstore/search-engine.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Client, Database } from '../platform/postgres.ts';
import { serviceLines } from './search-source-reader.ts';
import type { SearchSource } from './search-source.ts';

/** What is asked of the lines of a service around a moment. Times in epoch ms, intervals half-open. */
export interface AroundQuery {
  tenant_id: string;
  service_id: string;
  at: number;
  /** How many of the newest lines in [from, at), and of the oldest in [at, to). */
  before: number;
  after: number;
  from: number;
  to: number;
  /** Leaves a source alone that was slow lately: for a caller that must not be held up. */
  is_sparing?: boolean;
}

/** A log source whose lines are missing, and why, in words for the person who can mend it. */
export interface UnreadSource {
  /** Null for our own log store. */
  log_source_id: string | null;
  log_source: string;
  reason: string;
}

export interface LinesAround {
  /** Oldest first, as is `after`. */
  before: SampleLine[];
  after: SampleLine[];
  unread_sources: UnreadSource[];
}

/** Never fails by a log source: what can not be read within five seconds is named in `unread_sources`. */
export type ReadAround = (query: AroundQuery) => Promise<LinesAround>;

interface Deps {
  database: Database;
  log_store: Pick<LogStore, 'readLines'>;
  logger: Logger;
  /** Null for a source in our own store. */
  open(tenant_id: string, log_source_id: string): Promise<SearchSource | null>;
}

/** Longest wait for lines that are only shown. */
const DEADLINE_MS = 5_000;
/** An answer that takes longer is slow, */
const SLOW_MS = 500;
/** and holds up a sparing caller for a tenth of the time at most. */
const SPARED_FACTOR = 10;

/** What is remembered of a source that failed or was slow. */
interface Trouble {
  reason: string;
  is_failed: boolean;
  spared_until: number;
}

type ReadLines = (query: LineQuery, signal: AbortSignal) => Promise<SampleLine[]>;

/**
 * Lines of a service around a moment, from our own store and from all clusters that have some. They are only shown, so a source
 * that can not be read costs its lines and nothing else.
 */
export function readAround({ database, log_store, logger, open }: Deps): ReadAround {
  const linesOf = createTolerantRead(logger);
  return async (query) => {
    const sources = await database.withTenant(query.tenant_id, (client) => searchSourcesOf(client, query));
    const found = await Promise.all([
      linesOf(query, { log_source_id: null, log_source: 'own log store' }, (lines) =>
        log_store.readLines({ ...lines, tenant_id: query.tenant_id }),
      ),
      ...sources.map(({ is_enabled, ...source }) =>
        is_enabled
          ? linesOf(query, source, async (lines, signal) => {
              const search = await open(query.tenant_id, source.log_source_id);
              return search ? serviceLines(breakable(search, signal), lines) : [];
            })
          : unread(source, 'It is disabled.'),
      ),
    ]);
    return {
      before: mergedLines(found.map(({ before }) => before)).slice(-query.before),
      after: mergedLines(found.map(({ after }) => after)).slice(0, query.after),
      unread_sources: found.flatMap(({ unread_sources }) => unread_sources),
    };
  };
}

/** Reads the lines of one source, or says why there are none; the log says so once when it begins and once when it is over. */
function createTolerantRead(logger: Logger) {
  const troubles = new Map<string, Trouble>();
  return async (
    query: AroundQuery,
    source: Omit<UnreadSource, 'reason'>,
    readLines: ReadLines,
  ): Promise<LinesAround> => {
    const key = source.log_source_id ?? query.tenant_id;
    const known = troubles.get(key);
    const started = performance.now();
    if (query.is_sparing && known && started < known.spared_until) return unread(source, known.reason);
    try {
      const found = await within(DEADLINE_MS, (signal) =>
        bothSides(query, (lines) => readLines(lines, signal)),
      );
      if (troubles.get(key)?.is_failed) logger.info(source, 'lines of a log source can be shown again');
      troubles.delete(key);
      const took = performance.now() - started;
      if (took > SLOW_MS) troubles.set(key, troubleOf('It answers slowly.', false, took));
      return found;
    } catch (error) {
      const reason = reasonOf(error);
      if (!troubles.get(key)?.is_failed)
        logger.warn({ ...source, err: error }, 'lines of a log source can not be shown');
      troubles.set(key, troubleOf(reason, true, performance.now() - started));
      return unread(source, reason);
    }
  };
}

async function bothSides(
  query: AroundQuery,
  readLines: (query: LineQuery) => Promise<SampleLine[]>,
): Promise<LinesAround> {
  const { service_id, at, from, to } = query;
  const [before, after] = await Promise.all([
    query.before > 0 ? readLines({ service_id, from, to: at, limit: query.before, newest: true }) : [],
    query.after > 0 ? readLines({ service_id, from: at, to, limit: query.after }) : [],
  ]);
  return { before, after, unread_sources: [] };
}

const unread = (source: Omit<UnreadSource, 'reason'>, reason: string): LinesAround => ({
  before: [],
  after: [],
  unread_sources: [{ ...source, reason }],
});

const mergedLines = (of_sources: SampleLine[][]): SampleLine[] =>
  of_sources.flat().sort((a, b) => a.timestamp - b.timestamp);

const troubleOf = (reason: string, is_failed: boolean, took: number): Trouble => ({
  reason,
  is_failed,
  spared_until: performance.now() + SPARED_FACTOR * took,
});

/** What is not meant for users stays in the log. */
const reasonOf = (error: unknown): string =>
  error instanceof AppError ? error.message : 'It can not be read: the log of the server says why.';

/** Breaks `work` off at the deadline, and does not wait for what can not be broken off. */
async function within<T>(deadline_ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const detail = `It did not answer within ${deadline_ms / 1000} s.`;
      reject(new AppError('log_store_unavailable', detail));
      controller.abort();
    }, deadline_ms);
  });
  return Promise.race([work(controller.signal), late]).finally(() => clearTimeout(timer));
}

/**
 * A request that nobody waits for would hold up the end of the process; but what was opened in the cluster is closed, since it
 * would stay open there for minutes, of few that a node may have.
 */
function breakable(search: SearchSource, signal: AbortSignal): SearchSource {
  const { engine } = search;
  const broken = (request: SearchRequest): SearchRequest =>
    request.method === 'DELETE' ? request : { ...request, signal };
  return {
    ...search,
    engine: {
      ...engine,
      request: (request) => engine.request(broken(request)),
      requestText: (request) => engine.requestText(broken(request)),
    },
  };
}

interface ServiceSource {
  log_source_id: string;
  log_source: string;
  is_enabled: boolean;
}

/**
 * Sources in clusters that have lines of a service; shards are part of the source that they were split from. One that was
 * disabled before the lines in question came misses none of them.
 */
async function searchSourcesOf(
  client: Client,
  { service_id, from }: Pick<AroundQuery, 'service_id' | 'from'>,
): Promise<ServiceSource[]> {
  const { rows } = await client.query<ServiceSource>(
    `select ls.id as log_source_id, ls.name as log_source, bool_or(part.is_enabled) as is_enabled
     from log_source_services carried join log_sources ls on ls.id = carried.log_source_id
     join log_sources part on ls.id in (part.id, part.shard_of)
     where carried.service_id = $1 and ls.shard_of is null and ls.source_type in ('elasticsearch', 'opensearch')
     group by ls.id, ls.name having bool_or(part.is_enabled) or max(part.cursor_at) > $2
     order by ls.name`,
    [service_id, new Date(from)],
  );
  return rows;
}
