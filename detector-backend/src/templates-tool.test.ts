import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
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
    expect(out).toMatch(/3\. <NUM> {2}0 … 19 ms, 20 different/);
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

async function templatesOf(lines: string[], ...argv: string[]) {
  const { out } = await run(fileOf('lines.log', lines), '--json', ...argv);
  return (JSON.parse(out) as { templates: { template: string; example: string }[] }).templates;
}

it('masks what it shows, unless it is told not to', async () => {
  const json = '{"level":"warn","msg":"mail to ann@example.org","password":"hunter2"}';
  const lines = ['login of bob@example.org with password=hunter2', json];
  const shown = (await templatesOf(lines)).map(({ example }) => example);
  expect(shown.sort()).toEqual(['login of <email> with password=<secret>', 'mail to <email>']);
  expect(JSON.stringify(await templatesOf(lines))).not.toMatch(/ann|bob|hunter2/);
  expect(JSON.stringify(await templatesOf(lines, '--no-mask'))).toMatch(
    /ann@example.org.*bob@|bob@.*ann@example.org/,
  );
});

it.each([
  ['pino', '{"level":40,"time":1780300000000,"msg":"slow 12"}', 'warn'],
  ['zap', '{"level":"warn","ts":1780300000.1,"msg":"slow 12"}', 'warn'],
  ['Docker', '{"log":"slow 12\\n","stream":"stderr","time":"2026-06-01T12:00:00Z"}', 'unknown'],
  ['pino in Docker', JSON.stringify({ log: '{"level":50,"msg":"slow 12"}\n', stream: 'stdout' }), 'error'],
  ['structlog', '{"event":"slow 12","level":"error"}', 'error'],
  ['ECS', '{"@timestamp":"2026-06-01T12:00:00Z","log.level":"WARN","message":"slow 12"}', 'warn'],
])('takes a line of %s by what it says', async (_, line, severity) => {
  expect(await templatesOf([line])).toMatchObject([{ template: 'slow <NUM>', severity }]);
});

it('brings durations and sizes to one unit', async () => {
  const lines = [
    'took 12ms',
    'took 1.5s',
    'took 250us',
    'sent 2 KB now',
    'sent 512 bytes now',
    'rate=5req',
    'rate=9req',
  ];
  const { out } = await run(fileOf('units.log', lines));
  expect(out).toContain('0.25 … 1500 ms, 3 different');
  expect(out).toContain('512 … 2048 bytes, 2 different');
  expect(out).toContain('5 … 9 req, 2 different');
});

it('draws how far it is on a terminal, and leaves the last state there', async () => {
  let drawn = '';
  let now = 0;
  const lines = Array.from({ length: 30_000 }, (_, i) => `order ${i} placed by customer ${i * 7}`);
  await templatesTool([fileOf('big.log', lines)], {
    stdout: { write: () => true },
    stderr: { write: (text) => (drawn += text), isTTY: true, columns: 120 },
    now: () => (now += 150),
  });
  const states = drawn.split('\r\u001b[2K').slice(1);
  expect(states.length).toBeGreaterThan(2);
  expect(states[0]).toMatch(/^reading +\[#*\.+\] +[\d.]+ % +[\d,]+ lines +[\d,]+ lines\/s +\d+ s left$/);
  expect(states.at(-1)).toMatch(/\[#{24}\] +100\.0 % +30,000 lines.*\n30,000 lines, 1 templates/);
});

it('reads standard input', async () => {
  const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', cli, 'templates', '-', '--json']);
  child.stdin.end(LINES.join('\n'));
  const [out, code] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    files: ['-'],
    lines: 23,
    templates: [{ count: 20 }, { count: 2 }],
  });
}, 60_000);

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
