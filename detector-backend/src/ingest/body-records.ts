import { AppError } from '../platform/errors.ts';
import type { IngestLimits } from './ingest-limits.ts';
import { tooLarge, type RecordError } from './log-record.ts';

/** A place of a batch where no record could be read. */
const PROBLEM = Symbol('record problem');
export type UnreadableRecord = { [PROBLEM]: RecordError };
const unreadable = (error: RecordError): UnreadableRecord => ({ [PROBLEM]: error });
export const problemOfRecord = (raw: unknown): RecordError | undefined =>
  raw !== null && typeof raw === 'object' ? (raw as Partial<UnreadableRecord>)[PROBLEM] : undefined;

/**
 * Records of an NDJSON body, one a line; blank lines are skipped. A line that is not JSON, or is too long, is a record with a
 * problem: the others go through.
 */
export function* ndjsonRecords(text: string, limits: IngestLimits): Generator<unknown> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.length > limits.max_record_bytes) yield unreadable(tooLarge(limits));
    else if (line.trim() !== '') yield parseLine(line);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return unreadable({ code: 'invalid_json', message: 'The line is not JSON.' });
  }
}

/**
 * Records of a JSON body: one object, an array of them, or `{"logs": […]}`.
 * Throws `invalid_body` when it is not JSON, or nests deeper than records may.
 */
export function jsonRecords(text: string, limits: IngestLimits): unknown[] {
  // Two more levels than a record: the object and the array around it.
  if (nestsDeeper(text, limits.max_depth + 2)) {
    throw new AppError('invalid_body', `The body nests deeper than ${limits.max_depth} levels a record.`);
  }
  const body = parseBody(text);
  if (Array.isArray(body)) return body;
  if (body === null || typeof body !== 'object') {
    throw new AppError('invalid_body', 'Send an object, an array of objects, or {"logs": [...]}.');
  }
  const { logs } = body as { logs?: unknown };
  return Array.isArray(logs) && !('message' in body) ? logs : [body];
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AppError('invalid_body', 'The body is not JSON.', { cause });
  }
}

const [QUOTE, BACKSLASH] = ['"', '\\'].map((character) => character.charCodeAt(0));
const [BRACKET, BRACE, END_BRACKET, END_BRACE] = ['[', '{', ']', '}'].map((character) =>
  character.charCodeAt(0),
);

/** Looked at before parsing, because 20 MB of opening brackets become a gigabyte of arrays. */
function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let is_string = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (is_string) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) is_string = false;
    } else if (character === QUOTE) is_string = true;
    else if (character === BRACKET || character === BRACE) {
      depth += 1;
      if (depth > limit) return true;
    } else if (character === END_BRACKET || character === END_BRACE) depth -= 1;
  }
  return false;
}
