import {
  inspectFile,
  readRecords,
  type BadLine,
  type FileWatch,
  type RecordedFile,
} from './recorded-file.ts';
import type { RecordedFormat, RecordedLine } from './recorded-line.ts';

/** A recorded log of one or many files. */
export interface RecordedLog {
  /** Size of all files on the disk (of the compressed ones as they are). */
  total_bytes: number;
  /** How many of them were read so far. */
  bytesRead(): number;
  /**
   * All good lines of all files by time, in groups; equal times keep the order in which the files were given.
   * A file that is not sorted in itself yields its late lines late. Bad lines go to `onBad`.
   */
  records(onBad: (bad: BadLine) => void): AsyncGenerator<RecordedLine[]>;
}

/** Lines of a group that leaves the merge: big enough that waiting for a promise a group costs nothing. */
const GROUP_LINES = 1_000;

/**
 * Opens files of one format each. Throws AppError `invalid_request` for a file that can not be read or told apart.
 * Files are looked into one by one and opened only when their time comes, so a thousand files need no thousand handles.
 */
export async function openRecordedLog(
  files: readonly string[],
  format: RecordedFormat | null,
): Promise<RecordedLog> {
  const inspected: RecordedFile[] = [];
  for (const file of files) inspected.push(await inspectFile(file, format));
  let bytes_read = 0;
  return {
    total_bytes: inspected.reduce((sum, { bytes }) => sum + bytes, 0),
    bytesRead: () => bytes_read,
    records: (onBad) => mergeFiles(inspected, { onBytes: (bytes) => (bytes_read += bytes), onBad }),
  };
}

/** An open file, standing at its next line. */
interface Head {
  order: number;
  records: RecordedLine[];
  position: number;
  rest: AsyncGenerator<RecordedLine[]>;
}

const lineAt = (head: Head): RecordedLine => head.records[head.position] as RecordedLine;

const precedes = (a: Head, b: Head): boolean => {
  const difference = lineAt(a).timestamp - lineAt(b).timestamp;
  return difference < 0 || (difference === 0 && a.order < b.order);
};

async function* mergeFiles(files: readonly RecordedFile[], watch: FileWatch): AsyncGenerator<RecordedLine[]> {
  const waiting = files
    .map((file, order) => ({ ...file, order }))
    .sort((a, b) => a.first_at - b.first_at || a.order - b.order);
  const open: Head[] = [];
  let group: RecordedLine[] = [];
  try {
    while (waiting.length > 0 || open.length > 0) {
      if (isDue(waiting[0], open[0])) {
        await openNext(waiting, open, watch);
        continue;
      }
      const head = open[0] as Head;
      group.push(lineAt(head));
      head.position += 1;
      if (head.position < head.records.length || (await refill(head))) sink(open);
      else open.shift();
      if (group.length < GROUP_LINES) continue;
      yield group;
      group = [];
    }
    if (group.length > 0) yield group;
  } finally {
    await Promise.all(open.map(({ rest }) => rest.return(undefined)));
  }
}

/** True where the next line may come from a file that is not open yet. */
const isDue = (next: RecordedFile | undefined, head: Head | undefined): next is RecordedFile =>
  next !== undefined && (head === undefined || next.first_at <= lineAt(head).timestamp);

/** Opens the first of `waiting` and puts it in its place: `open` stays sorted, the next line first. */
async function openNext(
  waiting: (RecordedFile & { order: number })[],
  open: Head[],
  watch: FileWatch,
): Promise<void> {
  const next = waiting.shift();
  if (!next) return;
  const rest = readRecords(next.file, next.format, watch);
  const opened: Head = { order: next.order, records: [], position: 0, rest };
  if (!(await refill(opened))) return;
  open.unshift(opened);
  sink(open);
}

async function refill(head: Head): Promise<boolean> {
  const { value, done } = await head.rest.next();
  if (done) return false;
  head.records = value;
  head.position = 0;
  return true;
}

/** Moves the first head behind all that precede it. Recordings follow each other: mostly it stays where it is. */
function sink(open: Head[]): void {
  const head = open[0] as Head;
  let place = 0;
  for (let next = open[1]; next && precedes(next, head); next = open[place + 1]) {
    open[place] = next;
    place += 1;
  }
  open[place] = head;
}
