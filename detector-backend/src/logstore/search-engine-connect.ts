import type { SearchConnection } from '../platform/search-connection.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createElasticsearchClient } from './elasticsearch-client.ts';
import { createOpensearchClient } from './opensearch-client.ts';
import { type SearchEngine, type SearchRequest } from './search-engine.ts';
import { failureOf, parseAnswer, unavailable } from './search-failure.ts';

// The clients' own limits end when the head of an answer is there; this ends the whole exchange a moment after them.
const GRACE_MS = 500;
/** Cheap, and known to every cluster: one that refuses it is there as well. */
const PROBE: SearchRequest = { method: 'GET', path: '/', timeout_ms: 5_000 };

/** Connects to a cluster on the first request. @throws Error when the connection names no node */
export function createSearchEngine(connection: SearchConnection): SearchEngine {
  const { engine: name, request_timeout_ms } = connection;
  const exchange = exchanger(connection);
  // Without the signal of a caller: one who leaves would take from the others what it tells.
  const breaker = createCircuitBreaker(async () => {
    const exchanged = await exchange.send(PROBE);
    return showsSilence(exchanged) ? exchanged.failure : null;
  });

  return {
    name,
    async request<T>(request: SearchRequest): Promise<T> {
      return parseAnswer<T>(name, await this.requestText(request));
    },
    async requestText(request: SearchRequest): Promise<string> {
      const { timeout_ms = request_timeout_ms } = request;
      await breaker.enter();
      const exchanged = await exchange.send(request);
      const { end, text, failure } = exchanged;
      if (end === 'answer') breaker.answered();
      if (failure === null) return text;
      const isImpatient = end === 'timeout' && timeout_ms < request_timeout_ms;
      if (showsSilence(exchanged) && !isImpatient) await breaker.unanswered(failure);
      throw failure;
    },
    close: () => exchange.close(),
  };
}

/** How a request ended. */
interface Exchange {
  /** An answer of any status; `broken off` says nothing about the cluster. */
  end: 'answer' | 'timeout' | 'no connection' | 'broken off';
  text: string;
  /** What the caller gets instead of a text. */
  failure: Error | null;
}

const showsSilence = ({ end }: Exchange): boolean => end === 'timeout' || end === 'no connection';

function exchanger(connection: SearchConnection) {
  const { engine: name, nodes, request_timeout_ms } = connection;
  const create = name === 'elasticsearch' ? createElasticsearchClient : createOpensearchClient;
  // Packing costs more than it saves on one machine.
  const client = create(connection, connection.cloud_id !== undefined || !nodes.every(isLoopback));
  return {
    async send(request: SearchRequest): Promise<Exchange> {
      const timeout_ms = Math.max(1, Math.min(request.timeout_ms ?? request_timeout_ms, request_timeout_ms));
      // Another node may answer at once where one is down. A bulk is sent once: see SearchEngine.request.
      const max_retries = nodes.length > 1 && typeof request.body !== 'string' ? 1 : 0;
      const limit = createTimeLimit(timeout_ms + GRACE_MS, request.signal);
      try {
        const text = await client.send(request, { timeout_ms, max_retries, signal: limit.signal });
        return { end: 'answer', text, failure: null };
      } catch (thrown) {
        if (!limit.isOver())
          return { end: endOf(thrown), text: '', failure: failureOf(name, request, thrown) };
        const failure = unavailable(`${name} did not answer within ${timeout_ms} ms`);
        return { end: 'timeout', text: '', failure };
      } finally {
        limit.close();
      }
    },
    close: () => client.close(),
  };
}

/** By the names that both official clients give to their errors. */
function endOf(thrown: unknown): Exchange['end'] {
  const { name, statusCode = 0 } = thrown as { name?: string; statusCode?: number };
  if (name === 'TimeoutError') return 'timeout';
  if (name === 'RequestAbortedError') return 'broken off';
  if (name === 'ConnectionError' || name === 'NoLivingConnectionsError') return 'no connection';
  // A gateway says so of the cluster behind it.
  return statusCode === 502 || statusCode === 504 ? 'no connection' : 'answer';
}

/** A signal that fires with `outer` or after `limit_ms`, without leaving listeners on `outer`. */
function createTimeLimit(limit_ms: number, outer: AbortSignal | undefined) {
  const controller = new AbortController();
  let isOver = false;
  const abort = () => controller.abort();
  const timer = setTimeout(() => {
    isOver = true;
    abort();
  }, limit_ms);
  outer?.addEventListener('abort', abort);
  if (outer?.aborted) abort();
  return {
    signal: controller.signal,
    isOver: () => isOver,
    close() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
}

function isLoopback(node: string): boolean {
  const { hostname } = new URL(node);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
