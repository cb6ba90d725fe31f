import { AppError } from '../platform/errors.ts';
import type { SearchEngineName } from '../platform/search-connection.ts';
import { SearchError, type SearchRequest } from './search-engine.ts';

const RETRY_SECONDS = 5;
/** Ends what says that the log store is not available. */
export const ADVICE = ': send the same request again later.';
const TOO_LARGE = 'answer_too_large';
const BUSY = new Set([429, 502, 503, 504]);
const TITLES = { elasticsearch: 'Elasticsearch', opensearch: 'OpenSearch' };

/** What both official clients throw, as far as it is used here. */
interface ClientError {
  name?: string;
  message?: string;
  statusCode?: number;
  body?: string;
  headers?: Record<string, unknown> | null;
}

export interface EngineReason {
  type?: string;
  reason?: string | null;
  caused_by?: EngineReason;
  root_cause?: EngineReason[];
}

/**
 * The error of a failed request as its caller gets it. Client errors carry the connection with its headers, so they are
 * never passed on, not even as a cause: only what they say is, without the credentials of an address.
 */
export function failureOf(engine: SearchEngineName, request: SearchRequest, thrown: unknown): Error {
  const { name = '', message = '', statusCode, body, headers } = thrown as ClientError;
  const title = TITLES[engine];
  if (thrown instanceof AppError) return thrown;
  if (name === 'ResponseError' && statusCode !== undefined) {
    const { type, text } = reasonOf(body);
    if (statusCode === 401 || statusCode === 403) return refused(engine, request, statusCode, text);
    if (!BUSY.has(statusCode)) return new SearchError(statusCode, type, text || `status ${statusCode}`);
    const cause = new SearchError(statusCode, type, text);
    return unavailable(`${title} answered ${statusCode}${text && `: ${text}`}`, waitOf(headers), cause);
  }
  // What both clients say of an answer that is longer than they take.
  if (name === 'RequestAbortedError' && message.includes('is bigger than the maximum allowed'))
    return unavailable(
      `The answer of ${title} is too large`,
      RETRY_SECONDS,
      new SearchError(200, TOO_LARGE, message),
    );
  if (name === 'ProductNotSupportedError') return otherProduct(engine);
  const said = withoutCredentials(message || name);
  const variable = `${engine.toUpperCase()}_CA_FILE`;
  const advice = /certificate|altnames/i.test(said) ? `; name its authority's PEM file in ${variable}` : '';
  return unavailable(`${title} did not answer (${said})${advice}`);
}

/** Whether an answer was longer than a client takes: with fewer hits it may fit. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof AppError && error.cause instanceof SearchError && error.cause.type === TOO_LARGE;

/** @throws AppError `log_store_refused` for a page of some proxy's, `log_store_unavailable` for half an answer */
export function parseAnswer<T>(engine: SearchEngineName, text: string): T {
  if (text === '') return '' as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw /^\s*[[{]/.test(text)
      ? unavailable(`${TITLES[engine]} gave an answer that breaks off`)
      : otherProduct(engine);
  }
}

const otherProduct = (engine: SearchEngineName): AppError =>
  new AppError('log_store_refused', `What answers is not ${TITLES[engine]}: check the address.`);

/** `what` is a sentence without its full stop; `cause` is the answer, when there was one. */
export function unavailable(what: string, retryAfterSeconds = RETRY_SECONDS, cause?: SearchError): AppError {
  const detail = what.slice(0, 1000) + ADVICE;
  return new AppError('log_store_unavailable', detail, { retryAfterSeconds, cause });
}

function refused(
  engine: SearchEngineName,
  { method, path }: SearchRequest,
  status: 401 | 403,
  text: string,
): AppError {
  const said = `${TITLES[engine]} refused ${method} ${path} with ${status}: ${text}`.slice(0, 1000);
  return new AppError('log_store_refused', `${said.replace(/\.$/, '')}. ${adviceOn(engine, status)}`);
}

function adviceOn(engine: SearchEngineName, status: 401 | 403): string {
  if (status === 403) {
    return `Give the user or key the rights of provisioning/elasticsearch/roles/${engine}/log-store.json.`;
  }
  const prefix = engine.toUpperCase();
  const key = engine === 'elasticsearch' ? `${prefix}_API_KEY, or ` : '';
  return `Set ${key}${prefix}_USERNAME and ${prefix}_PASSWORD to what it knows.`;
}

/** What the engine says was wrong, with its deepest cause, which often is the only part that helps. */
function reasonOf(body: string | undefined): { type: string; text: string } {
  const error = errorOf(body);
  if (typeof error === 'string') return { type: '', text: error };
  if (!error) return { type: '', text: '' };
  return { type: error.type ?? '', text: reasonText(error) };
}

function errorOf(body: string | undefined): EngineReason | string | undefined {
  try {
    return (JSON.parse(body ?? '') as { error?: EngineReason | string } | null)?.error;
  } catch {
    return undefined;
  }
}

export function reasonText(error: EngineReason): string {
  const said: string[] = [];
  for (let cause: EngineReason | undefined = error; cause; cause = cause.caused_by) {
    if (cause.reason && !said.includes(cause.reason)) said.push(cause.reason);
  }
  const [root] = error.root_cause ?? [];
  if (root?.reason && !said.includes(root.reason)) said.push(root.reason);
  return said.join(': ') || (error.type ?? '');
}

const withoutCredentials = (text: string): string => text.replace(/\/\/[^/@\s]*@/g, '//');

function waitOf(headers: ClientError['headers']): number {
  const seconds = Number(headers?.['retry-after']);
  return seconds > 0 && seconds <= 3600 ? Math.ceil(seconds) : RETRY_SECONDS;
}
