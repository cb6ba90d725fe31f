import { stat } from 'node:fs/promises';
import { AppError } from '../platform/errors.ts';
import { readLines } from './file-lines.ts';
import {
  formatOfLine,
  formatOfName,
  parseRecorded,
  type RecordedFormat,
  type RecordedLine,
} from './recorded-line.ts';

/** A line that could not be understood, for the report: `file:line: reason`. */
export interface BadLine {
  file: string;
  line: number;
  reason: string;
}

/** A file of a recorded log, before it is read. */
export interface RecordedFile {
  file: string;
  bytes: number;
  format: RecordedFormat;
  /** Time of its first good line; -Infinity where it has none, so its bad lines are reported first. */
  first_at: number;
}

/** What is told while a file is read. */
export interface FileWatch {
  onBytes(bytes: number): void;
  onBad(bad: BadLine): void;
}

const SILENT: FileWatch = { onBytes: () => undefined, onBad: () => undefined };

/**
 * Looks into a file: its format (given, or from its name, or from its first line) and where in time it begins.
 * Throws AppError `invalid_request` when the file can not be read or its format not be told.
 */
export async function inspectFile(file: string, given: RecordedFormat | null): Promise<RecordedFile> {
  const found = await stat(file).catch((error: Error) => {
    throw new AppError('invalid_request', `${file} can not be read: ${error.message}`, { cause: error });
  });
  if (!found.isFile()) throw new AppError('invalid_request', `${file} is not a file`);
  const format = given ?? formatOfName(file) ?? (await formatOfContent(file));
  let first_at = Number.NEGATIVE_INFINITY;
  for await (const lines of readRecords(file, format, SILENT)) {
    first_at = (lines[0] as RecordedLine).timestamp;
    break;
  }
  return { file, bytes: found.size, format, first_at };
}

async function formatOfContent(file: string): Promise<RecordedFormat> {
  for await (const lines of readLines(file, SILENT.onBytes)) {
    const first = lines.find(({ text }) => text !== null && text.trim() !== '');
    if (!first) continue;
    const format = formatOfLine(first.text as string);
    if (format) return format;
    break;
  }
  throw new AppError(
    'invalid_request',
    `${file} is neither NDJSON nor TSV by its first line; say which with --format`,
  );
}

/** The good lines of a file in groups; bad ones are told to `watch`, as is a file that breaks off. Never throws for content. */
export async function* readRecords(
  file: string,
  format: RecordedFormat,
  watch: FileWatch,
): AsyncGenerator<RecordedLine[]> {
  let last = 0;
  try {
    for await (const lines of readLines(file, watch.onBytes)) {
      const records: RecordedLine[] = [];
      for (const { number, text } of lines) {
        last = number;
        if (text !== null && text.trim() === '') continue;
        const parsed = text === null ? 'the line is longer than 1 MiB' : parseRecorded(text, format, file);
        if (typeof parsed === 'string') watch.onBad({ file, line: number, reason: parsed });
        else records.push(parsed);
      }
      if (records.length > 0) yield records;
    }
  } catch (error) {
    // A damaged end (a recording that was cut off) must not cost the lines before it.
    watch.onBad({ file, line: last + 1, reason: `the file breaks off: ${(error as Error).message}` });
  }
}
