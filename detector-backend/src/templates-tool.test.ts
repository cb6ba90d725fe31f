import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, describe, expect, it, test } from 'vitest';
import { templatesTool } from './templates-tool.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-tool-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

function fileOf(name: string, lines: string[]): string {
  const file = path.join(folder, name);
  const text = lines.map((line) => `${line}\n`).join('');
  fs.writeFileSync(file, name.endsWith('.gz') ? zlib.gzipSync(text) : text);
  return file;
}

async function run(...argv: string[]): Promise<{ out: string; err: string }> {
  const said = { out: '', err: '' };
  await templatesTool(argv, {
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.err += text) },
    now: () => 0,
  });
  return said;
}

const LINES = [
  ...Array.from({ length: 20 }, (_, i) => `INFO cart: user_${i} added item ${i * 3} in ${i}ms`),
  'ERROR cart: payment refused',
  '',
  'ERROR cart: payment refused',
];

describe('templates of files', () => {
  it('prints them by their count, with examples and ranges', async () => {
    const { out, err } = await run(fileOf('a.log', LINES));
    const [head, first, example] = out.split('\n');
    expect(head).toMatch(/lines +share +severity +template/);
    expect(first).toMatch(/20 +90.91 % +info +INFO cart: <ID> added item <NUM> in <NUM>$/);
    expect(example).toMatch(/e\.g\. INFO cart: user_0 added item 0 in 0ms/);
    expect(out).toMatch(/2\. <NUM> {2}0 … 57, 20 different/);
    expect(out).toMatch(/3\. <NUM> {2}0 … 19ms, 20 different/);
    expect(err).toBe('23 lines, 2 templates in 0.0 s; 1 blank lines.\n');
  });

  it('gives the same as JSON, from several files, compressed or not', async () => {
    const { out, err } = await run(fileOf('b.log.gz', LINES), fileOf('c.log', LINES), '--json', '--top', '1');
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({
      lines: 46,
      blank_lines: 2,
      long_lines: 0,
      templates_total: 2,
      templates: [{ count: 40, severity: 'info', parameters: [{ type: 'ID' }, { max: 57 }, { unit: 'ms' }] }],
    });
  });

  it('leaves out rare ones, and takes the message of a JSON line', async () => {
    const json = Array.from({ length: 3 }, (_, i) =>
      JSON.stringify({ level: 'warn', message: `slow ${i}`, at: i }),
    );
    const { out } = await run(
      fileOf('d.log', [...json, '{"no": message', '[1]']),
      '--json',
      '--min-count',
      '3',
    );
    expect(JSON.parse(out).templates).toMatchObject([{ template: 'slow <NUM>', severity: 'warn', count: 3 }]);
  });

  it('takes any bytes, leaves out a line without end, and sends no escape sequences on', async () => {
    const file = path.join(folder, 'binary');
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256));
    fs.writeFileSync(
      file,
      Buffer.concat([bytes, Buffer.from('\n\u001b[31mred 1\n'), Buffer.alloc(3_000_000, 120)]),
    );
    const { out, err } = await run(file);
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(err).toContain('1 lines of more than a million characters left out');
  });
});

test.each([
  [[], 'Which file?'],
  [['/nowhere/at/all.log'], '/nowhere/at/all.log can not be read'],
  [[os.tmpdir()], 'is a directory'],
  [['x', '--top', 'many'], '--top must be a whole number'],
  [['-', '-'], 'Standard input can be read only once'],
  [['x', '--colour'], "Unknown option '--colour'"],
])('says what is wrong with %j', async (argv, message) => {
  await expect(run(...argv)).rejects.toThrow(message);
});

it('says that a compressed file is damaged', async () => {
  const file = fileOf('broken.log.gz', LINES);
  fs.truncateSync(file, 40);
  await expect(run(file)).rejects.toThrow(`${file} can not be read to its end`);
});
