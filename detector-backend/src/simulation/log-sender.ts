import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../platform/errors.ts';

/** What became of the documents of a batch; the three add up to its size. */
export interface SendResult {
  accepted: number;
  duplicates: number;
  rejected: number;
}

export type Send = (documents: readonly object[], idempotency_key: string) => Promise<SendResult>;

export interface LogSenderOptions {
  /** Root of the product's HTTP server, e.g. http://127.0.0.1:3100. */
  base_url: string;
  api_key: string;
  log_source: string;
  signal?: AbortSignal;
  /** First pause before a retry; it doubles up to 64 times itself. */
  retry_ms?: number;
}

const ATTEMPTS = 12;
const REQUEST_TIMEOUT_MS = 60_000;
const DEFAULT_RETRY_MS = 250;
const LONGEST_PAUSE_FACTOR = 64;

/** `pause_ms` is null where the server did not say how long to wait. */
type Attempt =
  { state: 'done'; result: SendResult } | { state: 'retry'; pause_ms: number | null; reason: string };

/**
 * Posts batches to POST /api/v1/logs as NDJSON. 429, 5xx and network errors are tried again with the same
 * idempotency key, so a batch whose answer got lost is not stored twice; 413 halves the batch.
 * Throws AppError `log_store_unavailable` when every attempt failed, `invalid_request` for an answer that no retry mends.
 */
export function createLogSender(options: LogSenderOptions): Send {
  const url = new URL(`/api/v1/logs?log_source=${encodeURIComponent(options.log_source)}`, options.base_url);
  const send: Send = async (documents, idempotency_key) => {
    if (documents.length === 0) return { accepted: 0, duplicates: 0, rejected: 0 };
    const body = documents.map((document) => JSON.stringify(document)).join('\n');
    let reason = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      options.signal?.throwIfAborted();
      const response = await post(url, body, idempotency_key, options);
      if (response instanceof Response && response.status === 413) {
        await response.body?.cancel();
        return sendHalves(send, documents, idempotency_key);
      }
      const outcome = await read(response, documents.length);
      if (outcome.state === 'done') return outcome.result;
      reason = outcome.reason;
      const factor = Math.min(2 ** attempt, LONGEST_PAUSE_FACTOR);
      const pause_ms = outcome.pause_ms ?? factor * (options.retry_ms ?? DEFAULT_RETRY_MS);
      await delay(pause_ms, undefined, options.signal ? { signal: options.signal } : {});
    }
    throw new AppError(
      'log_store_unavailable',
      `${url.origin} did not take the logs in ${ATTEMPTS} attempts: ${reason}`,
    );
  };
  return send;
}

/** The answer, or the network error as text. */
async function post(
  url: URL,
  body: string,
  idempotency_key: string,
  { api_key, signal }: LogSenderOptions,
): Promise<Response | string> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const headers = {
    authorization: `Bearer ${api_key}`,
    'content-type': 'application/x-ndjson',
    'idempotency-key': idempotency_key,
  };
  try {
    return await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    });
  } catch (error) {
    signal?.throwIfAborted();
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
}

async function read(response: Response | string, size: number): Promise<Attempt> {
  if (typeof response === 'string') return { state: 'retry', pause_ms: null, reason: response };
  const { status } = response;
  const text = await response.text().catch(() => null);
  const answer = parse(text ?? '');
  if (status >= 200 && status < 300) {
    // When the body broke off, the retry finds the batch stored and is told the same numbers.
    if (!isSendResult(answer)) return { state: 'retry', pause_ms: null, reason: 'the answer broke off' };
    const { accepted, duplicates, rejected } = answer;
    return { state: 'done', result: { accepted, duplicates, rejected } };
  }
  if (answer?.code === 'all_records_rejected') {
    return { state: 'done', result: { accepted: 0, duplicates: 0, rejected: size } };
  }
  const reason = `HTTP ${status} ${String(answer?.detail ?? '')}`.trim();
  if (status === 429 || status >= 500) {
    return { state: 'retry', pause_ms: retryAfter(response.headers.get('retry-after')), reason };
  }
  throw new AppError('invalid_request', `the logs were refused: ${reason}`);
}

const isSendResult = (answer: object | null): answer is SendResult =>
  answer !== null &&
  ['accepted', 'duplicates', 'rejected'].every((key) =>
    Number.isInteger((answer as Record<string, unknown>)[key]),
  );

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Retry-After in seconds as ms; its other form (a date) is left to the back-off. */
function retryAfter(header: string | null): number | null {
  return header !== null && /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) * 1000 : null;
}

/** A single document that is too large can only be counted. */
async function sendHalves(send: Send, documents: readonly object[], key: string): Promise<SendResult> {
  if (documents.length === 1) return { accepted: 0, duplicates: 0, rejected: 1 };
  const middle = Math.ceil(documents.length / 2);
  const first = await send(documents.slice(0, middle), `${key}.0`);
  const second = await send(documents.slice(middle), `${key}.1`);
  return {
    accepted: first.accepted + second.accepted,
    duplicates: first.duplicates + second.duplicates,
    rejected: first.rejected + second.rejected,
  };
}
