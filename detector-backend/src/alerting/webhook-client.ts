import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { TargetRefused, type PinnedTarget, type TargetGuard } from './target-guard.ts';
import type { WebhookRequest } from './webhook-request.ts';

/** What became of one attempt. `retry` may succeed later, `terminal` will not. */
export type WebhookOutcome =
  | { outcome: 'ok'; status_code: number }
  | { outcome: 'retry'; status_code: number | null; detail: string; retry_after_seconds: number | null }
  | { outcome: 'terminal'; status_code: number | null; detail: string };

export type SendWebhook = (url: string, request: WebhookRequest) => Promise<WebhookOutcome>;

export interface WebhookLimits {
  /** Until the connection (with TLS) stands. */
  connect_ms: number;
  /** Name resolution to the last byte of the answer that is read. */
  total_ms: number;
}

const MAX_RESPONSE_BYTES = 2048;
const MAX_DETAIL_CHARACTERS = 300;

/** Sends one POST to an address that the guard allowed. Never follows a redirect, never throws for what a receiver does. */
export function createWebhookClient(
  guard: TargetGuard,
  limits: WebhookLimits = { connect_ms: 5_000, total_ms: 15_000 },
): SendWebhook {
  return async (url, request) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), limits.total_ms);
    try {
      const target = await Promise.race([guard.pin(url), failOn(abort.signal, limits.total_ms)]);
      const answer = await post(target, request, abort.signal, limits);
      return sortOutcome(answer);
    } catch (error) {
      if (error instanceof TargetRefused) {
        return { outcome: 'terminal', status_code: null, detail: error.message };
      }
      return { outcome: 'retry', status_code: null, detail: describe(error), retry_after_seconds: null };
    } finally {
      clearTimeout(timer);
    }
  };
}

interface Answer {
  status_code: number;
  retry_after: string | undefined;
  body: string;
}

const failOn = (signal: AbortSignal, total_ms: number): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${total_ms} ms`)), {
      once: true,
    });
  });

function post(
  target: PinnedTarget,
  request: WebhookRequest,
  signal: AbortSignal,
  limits: WebhookLimits,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = target.url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(target.url, pinnedOptions(target, request, signal));
    const slow = setTimeout(
      () => outgoing.destroy(new Error(`no connection within ${limits.connect_ms} ms`)),
      limits.connect_ms,
    );
    const connected = target.url.protocol === 'https:' ? 'secureConnect' : 'connect';
    outgoing.on('socket', (socket) => socket.once(connected, () => clearTimeout(slow)));
    outgoing.on('close', () => clearTimeout(slow));
    outgoing.on('error', (error) =>
      reject(signal.aborted ? new Error(`no answer within ${limits.total_ms} ms`) : error),
    );
    outgoing.on('response', (response) => {
      // A 2xx is taken as soon as it is there: waiting for a body would turn a slow one into a second request.
      const bytes = isSuccess(response.statusCode) ? 0 : MAX_RESPONSE_BYTES;
      readStart(response, bytes).then((body) => {
        outgoing.destroy();
        resolve({
          status_code: response.statusCode ?? 0,
          retry_after: response.headers['retry-after'],
          body,
        });
      }, reject);
    });
    outgoing.end(request.body);
  });
}

// The name is not resolved again: between check and connection its owner could point it at our network. `agent: false`
// so that no pooled connection, pinned by an earlier check, is used.
function pinnedOptions(target: PinnedTarget, request: WebhookRequest, signal: AbortSignal): RequestOptions {
  const lookup: LookupFunction = (_hostname, options, callback) =>
    options.all
      ? callback(null, [{ address: target.address, family: target.family }])
      : callback(null, target.address, target.family);
  return {
    method: 'POST',
    headers: { ...request.headers, 'content-length': String(Buffer.byteLength(request.body)) },
    agent: false,
    lookup,
    signal,
  };
}

const isSuccess = (status_code = 0): boolean => status_code >= 200 && status_code < 300;

/** The first bytes of the body; a receiver that sends for ever is cut off there. */
async function readStart(response: IncomingMessage, bytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (bytes === 0) return '';
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= bytes) break;
  }
  return Buffer.concat(chunks).subarray(0, bytes).toString('utf8');
}

function sortOutcome({ status_code, retry_after, body }: Answer): WebhookOutcome {
  if (isSuccess(status_code)) return { outcome: 'ok', status_code };
  const detail = `HTTP ${status_code}${body === '' ? '' : `: ${printable(body)}`}`;
  if (status_code === 408 || status_code === 425 || status_code === 429 || status_code >= 500) {
    return {
      outcome: 'retry',
      status_code,
      detail,
      retry_after_seconds: retryAfterSeconds(retry_after, Date.now()),
    };
  }
  const isRedirect = status_code >= 300 && status_code < 400;
  return {
    outcome: 'terminal',
    status_code,
    detail: isRedirect ? `HTTP ${status_code}: redirects are not followed, give the final URL` : detail,
  };
}

/** Seconds of a Retry-After header (number or HTTP date, RFC 9110 10.2.3), at least 0; null when absent or unreadable. */
export function retryAfterSeconds(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim());
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

const printable = (text: string): string =>
  text
    .slice(0, MAX_DETAIL_CHARACTERS)
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim();

/** Code and message of a network error; never the URL, whose path may be a secret (Slack). */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed';
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : `network error ${code}`;
}
