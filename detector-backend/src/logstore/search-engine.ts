import type { SearchEngineName } from '../platform/search-connection.ts';

export interface SearchRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with every part encoded, e.g. `/logs-acme-2%2A/_search`. */
  path: string;
  /** An object is sent as JSON, a string as NDJSON. */
  body?: object | string;
  query?: Record<string, string | number | boolean>;
  /** Longest wait for the whole answer; never longer than the connection allows, which is the default. */
  timeout_ms?: number;
  /** Breaks the request off, which then throws `log_store_unavailable`. */
  signal?: AbortSignal | undefined;
}

/**
 * One cluster behind its official client (connection pool, authentication, TLS, product check): the same requests in the
 * same words for Elasticsearch and OpenSearch. What differs between them is named in `search-dialect.ts`.
 */
export interface SearchEngine {
  readonly name: SearchEngineName;
  /**
   * The parsed body of a 2xx answer. Throws `log_store_unavailable` (retryable) when the cluster does not answer, answers
   * 429, 502, 503 or 504, or answers too late; `log_store_refused` (not retryable) for 401 and 403, saying what is missing;
   * SearchError for every other status. A request whose body is NDJSON is sent at most once: only its sender knows
   * what sending it again means.
   */
  request<T>(request: SearchRequest): Promise<T>;
  /** The same answer unparsed, for a caller that has something to ask before it parses a long one. */
  requestText(request: SearchRequest): Promise<string>;
  close(): Promise<void>;
}

/** An official client, reduced to what is used of it. */
export interface EngineClient {
  /** The text of a 2xx answer; throws the client's own errors, whose body is a text too. */
  send(
    request: SearchRequest,
    options: { timeout_ms: number; max_retries: number; signal: AbortSignal },
  ): Promise<string>;
  close(): Promise<void>;
}

/** An answer that is neither success, nor "later", nor "not you": the request or what it names is wrong. */
export class SearchError extends Error {
  readonly status: number;
  /** The engine's word for it, e.g. `index_not_found_exception`; empty when it gave none. */
  readonly type: string;

  constructor(status: number, type: string, reason: string) {
    super(reason);
    this.name = 'SearchError';
    this.status = status;
    this.type = type;
  }
}
