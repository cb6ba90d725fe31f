import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';

/** A line of a file, without its line break; `text` is null where it was longer than {@link LONGEST_LINE}. */
export interface FileLine {
  number: number;
  text: string | null;
}

/** Characters of the longest line that is read; it bounds the memory of a file without line breaks. */
export const LONGEST_LINE = 1_048_576;

/**
 * The lines of a text file (UTF-8; gzip where the name ends in .gz) in groups, as they come from the disk; `-` is standard
 * input.
 * `onBytes` is told how many more bytes of the file (compressed ones) were read. Throws what the file system or zlib throws.
 */
export async function* readLines(file: string, onBytes: (bytes: number) => void): AsyncGenerator<FileLine[]> {
  const decoder = new StringDecoder('utf8');
  let number = 0;
  let rest = '';
  let too_long = false;
  for await (const chunk of openText(file, onBytes)) {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() as string;
    const lines: FileLine[] = [];
    for (const part of parts) {
      number += 1;
      lines.push({ number, text: too_long || part.length > LONGEST_LINE ? null : clean(part, number) });
      too_long = false;
    }
    if (rest.length > LONGEST_LINE) {
      too_long = true;
      rest = '';
    }
    if (lines.length > 0) yield lines;
  }
  rest += decoder.end();
  if (rest !== '' || too_long) {
    number += 1;
    yield [{ number, text: too_long ? null : clean(rest, number) }];
  }
}

async function* openText(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  const source = file === '-' ? process.stdin : createReadStream(file);
  let seen = 0;
  const countBytes = (): void => {
    onBytes(source.bytesRead - seen);
    seen = source.bytesRead;
  };
  const gunzip = file.endsWith('.gz') ? createGunzip() : null;
  if (gunzip) {
    source.once('error', (error: Error) => gunzip.destroy(error));
    source.pipe(gunzip);
  }
  try {
    for await (const chunk of gunzip ?? source) {
      countBytes();
      yield chunk as Buffer;
    }
    countBytes();
  } finally {
    source.destroy();
    gunzip?.destroy();
  }
}

/** Drops the carriage return of Windows and the byte order mark of the first line. */
function clean(text: string, number: number): string {
  const start = number === 1 && text.startsWith('\uFEFF') ? 1 : 0;
  const end = text.endsWith('\r') ? text.length - 1 : text.length;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}
