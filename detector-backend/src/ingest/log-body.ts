import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { AppError } from '../platform/errors.ts';
import { jsonRecords, ndjsonRecords } from './body-records.ts';
import type { HeldBytes } from './byte-budget.ts';
import type { IngestLimits } from './ingest-limits.ts';

// Runs in the thread pool and stops at `maxOutputLength`.
const gunzip = promisify(gunzipCallback);

const JSON_TYPES = new Set(['application/json']);
const NDJSON_TYPES = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
]);
const CHARSETS = new Set(['', 'utf-8', 'utf8', 'us-ascii']);

export interface LogBody {
  /** Unpacked. */
  bytes: Buffer;
  records: Iterable<unknown>;
}

/**
 * Reads the body of POST /logs whole (its size is bounded, and so is that of all bodies together) and splits it into records.
 * Throws `unsupported_media_type`, `payload_too_large`, `too_many_requests` or `invalid_body`.
 */
export async function readLogBody(
  request: { headers: IncomingHttpHeaders; raw: Readable },
  held: HeldBytes,
  limits: IngestLimits,
): Promise<LogBody> {
  const format = formatOf(request.headers['content-type'] ?? '');
  const is_gzip = isGzip(request.headers['content-encoding'] ?? '');
  const cap = is_gzip ? limits.max_compressed_bytes : limits.max_unpacked_bytes;
  if (Number(request.headers['content-length'] ?? 0) > cap) throw tooLargeBody(cap);
  const sent = await collect(request.raw, cap, held);
  const bytes = is_gzip ? await unpack(sent, held, limits) : sent;
  const text = withoutMark(bytes.toString('utf8'));
  if (text.trim() === '') throw new AppError('invalid_body', 'The body is empty: send at least one record.');
  return { bytes, records: format === 'json' ? jsonRecords(text, limits) : ndjsonRecords(text, limits) };
}

function formatOf(content_type: string): 'json' | 'ndjson' {
  const [type = '', ...parameters] = content_type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset =
    parameters
      .find((parameter) => parameter.startsWith('charset='))
      ?.slice(8)
      .replaceAll('"', '') ?? '';
  if (CHARSETS.has(charset)) {
    if (NDJSON_TYPES.has(type)) return 'ndjson';
    if (JSON_TYPES.has(type)) return 'json';
  }
  throw new AppError('unsupported_media_type', 'Send application/json or application/x-ndjson in UTF-8.', {
    field: 'content-type',
  });
}

function isGzip(content_encoding: string): boolean {
  const encoding = content_encoding.toLowerCase().trim();
  if (encoding === '' || encoding === 'identity') return false;
  if (encoding === 'gzip' || encoding === 'x-gzip') return true;
  throw new AppError('unsupported_media_type', 'The only content encoding is gzip.', {
    field: 'content-encoding',
  });
}

/** Whatever ends early lets the rest of the body flow by unread, so that the client gets to read its answer. */
function collect(stream: Readable, cap: number, held: HeldBytes): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: AppError) => {
      stream.removeListener('data', onData);
      stream.resume();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > cap) fail(tooLargeBody(cap));
      else if (!held.take(chunk.length)) fail(busy());
      else chunks.push(chunk);
    };
    stream.on('data', onData);
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', (cause) => reject(new AppError('invalid_body', 'The body broke off.', { cause })));
  });
}

async function unpack(sent: Buffer, held: HeldBytes, limits: IngestLimits): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await gunzip(sent, { maxOutputLength: limits.max_unpacked_bytes });
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLargeBody(limits.max_unpacked_bytes);
    throw new AppError('invalid_body', 'The body is not whole gzip data.', { cause });
  }
  if (!held.take(bytes.length)) throw busy();
  return bytes;
}

const tooLargeBody = (cap: number) =>
  new AppError('payload_too_large', `A body has at most ${cap} bytes: send smaller batches.`);

const busy = () =>
  new AppError('too_many_requests', 'The server holds as many bodies as it may: send the same batch again.', {
    retryAfterSeconds: 1,
  });

const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);
