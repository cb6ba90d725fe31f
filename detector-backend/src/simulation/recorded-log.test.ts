import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LONGEST_LINE } from './file-lines.ts';
import type { BadLine } from './recorded-file.ts';
import { openRecordedLog } from './recorded-log.ts';
import type { RecordedFormat, RecordedLine } from './recorded-line.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seismolog-recorded-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, content: string | Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, name.endsWith('.gz') && typeof content === 'string' ? gzipSync(content) : content);
  return file;
}

async function readAll(
  files: string[],
  format: RecordedFormat | null = null,
): Promise<{ lines: RecordedLine[]; bad: BadLine[]; total: number; read: number }> {
  const log = await openRecordedLog(files, format);
  const bad: BadLine[] = [];
  const lines: RecordedLine[] = [];
  for await (const group of log.records((line) => bad.push(line))) lines.push(...group);
  return { lines, bad, total: log.total_bytes, read: log.bytesRead() };
}

const T = 1_529_976_064_000;
const messages = ({ lines }: { lines: RecordedLine[] }): unknown[] =>
  lines.map(({ document }) => (document as { message: unknown }).message);

describe('formats', () => {
  test('tsv: time, service, line as it is, severity by the text; the file names the source', async () => {
    const file = await write(
      'round.r1.tsv.gz',
      `${T}\tnova/compute\t2018-06-26 03:21:04.036 4899 WARNING oslo [-] a\\nb\tc\n${T + 1}\tglance\tplain`,
    );
    const { lines, bad, total, read } = await readAll([file]);
    expect(bad).toEqual([]);
    expect(lines.map(({ document }) => document)).toEqual([
      {
        timestamp: T,
        service: 'nova/compute',
        severity: 'warn',
        source: 'round.r1',
        message: '2018-06-26 03:21:04.036 4899 WARNING oslo [-] a\\nb\tc',
      },
      { timestamp: T + 1, service: 'glance', severity: 'unknown', source: 'round.r1', message: 'plain' },
    ]);
    expect(read).toBe(total);
  });

  test('ndjson: documents as POST /logs takes them, times in every form that it knows', async () => {
    const documents = [
      { timestamp: new Date(T).toISOString(), service: 'a', message: 'iso' },
      { '@timestamp': T + 1, service: 'a', message: 'ecs', extra: { deep: [1] } },
    ];
    const file = await write('x.jsonl', documents.map((document) => JSON.stringify(document)).join('\r\n'));
    const { lines } = await readAll([file]);
    expect(lines.map(({ timestamp, document }) => [timestamp, document])).toEqual([
      [T, documents[0]],
      [T + 1, documents[1]],
    ]);
  });

  test('the first line tells where the name does not', async () => {
    expect(messages(await readAll([await write('a.log', `\uFEFF${T}\ts\tone\n`)]))).toEqual(['one']);
    const json = await write('b.log.gz', `\n{"timestamp":${T},"service":"s","message":"two"}\n`);
    expect(messages(await readAll([json]))).toEqual(['two']);
    const prose = await write('c.log', 'hello\n');
    await expect(openRecordedLog([prose], null)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(openRecordedLog([join(folder, 'none.tsv')], null)).rejects.toThrow(
      'none.tsv can not be read',
    );
    expect((await readAll([prose], 'tsv')).bad).toHaveLength(1);
  });
});

describe('bad lines', () => {
  test('are told with file, line and reason, and cost nothing else', async () => {
    const tsv = await write(
      'bad.tsv',
      ['time\tservice\tline', `${T}\ts`, `12\ts\tseconds`, `${T}\t \tx`, '', `${T}\ts\tgood`].join('\n'),
    );
    const first = await readAll([tsv]);
    expect(messages(first)).toEqual(['good']);
    expect(first.bad.map(({ file, line }) => [file, line])).toEqual([1, 2, 3, 4].map((line) => [tsv, line]));
    const ndjson = await write(
      'bad.ndjson',
      [
        '{',
        '[1]',
        'null',
        '{"message":"no time"}',
        '{"timestamp":true}',
        `{"timestamp":${T},"message":"good"}`,
      ].join('\n'),
    );
    const second = await readAll([ndjson]);
    expect(messages(second)).toEqual(['good']);
    expect(second.bad.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
  });

  test('a line without end is dropped without being held in memory; the next one is read', async () => {
    const file = await write('long.tsv.gz', `${T}\ts\t${'x'.repeat(3 * LONGEST_LINE)}\n${T}\ts\tnext\n`);
    const result = await readAll([file]);
    expect(messages(result)).toEqual(['next']);
    expect(result.bad).toEqual([{ file, line: 1, reason: 'the line is longer than 1 MiB' }]);
  });

  test('a file that was cut off yields what was before the cut', async () => {
    const text = Array.from(
      { length: 20_000 },
      (_, index) => `${T + index}\ts\tline ${(index * 7919) % 10007}`,
    ).join('\n');
    const whole = gzipSync(text);
    const file = await write('cut.tsv.gz', whole.subarray(0, whole.length >> 1));
    const { lines, bad } = await readAll([file]);
    expect(lines.length).toBeGreaterThan(1_000);
    expect(bad).toHaveLength(1);
    expect(bad[0]?.reason).toContain('breaks off');
    const noise = await write('noise.tsv.gz', Buffer.from('this is no gzip'));
    expect((await readAll([noise])).bad).toHaveLength(1);
  });

  test('bytes that are no UTF-8 and characters across chunks survive', async () => {
    const file = await write(
      'bytes.tsv',
      Buffer.concat([Buffer.from(`${T}\ts\t`), Buffer.from([0xff, 0xfe]), Buffer.from('\n')]),
    );
    expect(messages(await readAll([file]))).toEqual(['\uFFFD\uFFFD']);
    const long = `${'x'.repeat(65_535 - `${T}\ts\t`.length)}żółw`;
    expect(messages(await readAll([await write('wide.tsv', `${T}\ts\t${long}`)]))).toEqual([long]);
  });
});

describe('the merge of several files', () => {
  test('goes by time, and by the order of the files where times are equal', async () => {
    const late = await write('1.tsv', `${T + 5}\ts\tlate 1\n${T + 7}\ts\tlate 2\n`);
    const early = await write('2.tsv.gz', `${T}\ts\tearly 1\n${T + 5}\ts\tearly 2\n`);
    const json = await write('3.ndjson', `{"timestamp":${T + 5},"message":"json"}\n`);
    expect(messages(await readAll([late, early, json]))).toEqual([
      'early 1',
      'late 1',
      'early 2',
      'json',
      'late 2',
    ]);
    expect(messages(await readAll([json, early, late]))).toEqual([
      'early 1',
      'json',
      'early 2',
      'late 1',
      'late 2',
    ]);
  });

  test('loses nothing, and is sorted when the files are', async () => {
    const times = fc.array(fc.integer({ min: T, max: T + 50 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 5 }), async (files) => {
        const sorted = files.map((list) => [...list].sort((a, b) => a - b));
        const paths = await Promise.all(
          sorted.map((list, file) =>
            write(`p${file}.tsv`, list.map((time, index) => `${time}\ts\t${file}.${index}\n`).join('')),
          ),
        );
        const expected = sorted
          .flatMap((list, file) => list.map((time, index) => ({ time, file, index })))
          .sort((a, b) => a.time - b.time || a.file - b.file || a.index - b.index)
          .map(({ file, index }) => `${file}.${index}`);
        expect(messages(await readAll(paths))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test('a file that is not sorted yields every line, the late ones late', async () => {
    const file = await write('u.tsv', `${T + 5}\ts\tb\n${T}\ts\ta\n${T + 6}\ts\tc\n`);
    const other = await write('v.tsv', `${T + 4}\ts\tv\n`);
    expect(messages(await readAll([file, other]))).toEqual(['v', 'b', 'a', 'c']);
  });
});
