import { basename } from 'node:path';
import { readFields } from '../ingest/record-fields.ts';
import { inferSeverity } from '../ingest/severity.ts';
import { parseTimestamp } from '../ingest/timestamp.ts';

/**
 * `ndjson`: one document a line, as POST /api/v1/logs takes it. `tsv`: epoch ms, service, line, separated by tabs;
 * everything after the second tab is the line, its escapes (`\n`) untouched.
 */
export const RECORDED_FORMATS = ['ndjson', 'tsv'] as const;
export type RecordedFormat = (typeof RECORDED_FORMATS)[number];

/** A line that can be sent. `size` is the length of its text in characters. */
export interface RecordedLine {
  timestamp: number;
  size: number;
  document: object;
}

/** The format that the name of a file tells, `.gz` left aside; null where it tells none. */
export function formatOfName(file: string): RecordedFormat | null {
  const name = file.toLowerCase().replace(/\.gz$/, '');
  if (/\.(ndjson|jsonl|json)$/.test(name)) return 'ndjson';
  return name.endsWith('.tsv') ? 'tsv' : null;
}

/** The format of a line; null where it is neither. */
export function formatOfLine(text: string): RecordedFormat | null {
  if (text.trimStart().startsWith('{')) return 'ndjson';
  return /^\d+\t[^\t]+\t/.test(text) ? 'tsv' : null;
}

/** Reads one line; the answer is the line, or in words what is wrong with it. `file` names the source of a tsv line. */
export function parseRecorded(text: string, format: RecordedFormat, file: string): RecordedLine | string {
  return format === 'tsv' ? parseTsv(text, file) : parseNdjson(text);
}

function parseTsv(text: string, file: string): RecordedLine | string {
  const first = text.indexOf('\t');
  const second = text.indexOf('\t', first + 1);
  if (first < 0 || second < 0) return 'three fields separated by tabs are expected: epoch ms, service, line';
  const stamp = text.slice(0, first);
  const timestamp = /^\d{12,15}$/.test(stamp) ? parseTimestamp(Number(stamp)) : null;
  if (timestamp === null || Number(stamp) !== timestamp) return 'the first field is not a time in epoch ms';
  const service = text.slice(first + 1, second).trim();
  if (service === '') return 'the service is empty';
  const message = text.slice(second + 1);
  const source = basename(file).replace(/(\.tsv)?(\.gz)?$/, '');
  const document = { timestamp, service, severity: inferSeverity(message), source, message };
  return { timestamp, size: text.length, document };
}

function parseNdjson(text: string): RecordedLine | string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return 'this is not JSON';
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return 'a JSON object is expected';
  }
  const { timestamp: stated } = readFields(document as Record<string, unknown>);
  const timestamp = typeof stated === 'string' || typeof stated === 'number' ? parseTimestamp(stated) : null;
  // POST /logs would take the time of arrival, which means nothing in a recording.
  if (timestamp === null) return 'timestamp is missing or no time (ISO 8601 or a number since 1970)';
  return { timestamp, size: text.length, document };
}
