import type { SearchConnection } from '../platform/search-connection.ts';
import { createElasticsearchClient } from './elasticsearch-client.ts';
import { createOpensearchClient } from './opensearch-client.ts';
import { type SearchEngine, type SearchRequest } from './search-engine.ts';
import { failureOf, parseAnswer, unavailable } from './search-failure.ts';

// The clients' own limits end when the head of an answer is there; this ends the whole exchange a moment after them.
const GRACE_MS = 500;

/** Connects to a cluster on the first request. @throws Error when the connection names no node */
export function createSearchEngine(connection: SearchConnection): SearchEngine {
  const { engine: name, nodes, request_timeout_ms } = connection;
  const create = name === 'elasticsearch' ? createElasticsearchClient : createOpensearchClient;
  // Packing costs more than it saves on one machine.
  const client = create(connection, connection.cloud_id !== undefined || !nodes.every(isLoopback));
  return {
    name,
    async request<T>(request: SearchRequest): Promise<T> {
      return parseAnswer<T>(name, await this.requestText(request));
    },
    async requestText(request: SearchRequest): Promise<string> {
      const timeout_ms = Math.max(1, Math.min(request.timeout_ms ?? request_timeout_ms, request_timeout_ms));
      // Another node may answer at once where one is down. A bulk is sent once: see SearchEngine.request.
      const max_retries = nodes.length > 1 && typeof request.body !== 'string' ? 1 : 0;
      const breaker = createBreaker(timeout_ms + GRACE_MS, request.signal);
      try {
        return await client.send(request, { timeout_ms, max_retries, signal: breaker.signal });
      } catch (thrown) {
        if (breaker.isLate()) throw unavailable(`${name} did not answer within ${timeout_ms} ms`);
        throw failureOf(name, request, thrown);
      } finally {
        breaker.close();
      }
    },
    close: () => client.close(),
  };
}

/** A signal that fires with `outer` or after `limit_ms`, without leaving listeners on `outer`. */
function createBreaker(limit_ms: number, outer: AbortSignal | undefined) {
  const controller = new AbortController();
  let isLate = false;
  const abort = () => controller.abort();
  const timer = setTimeout(() => {
    isLate = true;
    abort();
  }, limit_ms);
  outer?.addEventListener('abort', abort);
  if (outer?.aborted) abort();
  return {
    signal: controller.signal,
    isLate: () => isLate,
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
