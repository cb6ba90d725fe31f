import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { acceptAll, startLogReceiver, type LogReceiver } from './log-receiver.ts';
import { createLogSender } from './log-sender.ts';
import type { Progress } from './progress-bar.ts';
import { REPLAY_TAIL_MS, runReplay, type ReplayOptions, type ReplayResult } from './replay-run.ts';
import { createVirtualClock } from './virtual-clock.ts';

const T = 1_529_976_064_000;
let folder = '';
let receiver: LogReceiver;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seismolog-replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  receiver = await startLogReceiver(acceptAll);
});
afterEach(() => receiver.close());

async function write(name: string, times: number[], extra = ''): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, times.map((time, index) => `${time}\tsvc\tline ${index}\n`).join('') + extra);
  return file;
}

interface Seen {
  result: ReplayResult;
  clocks: { at_ms: number; wall: number; lines_before: number }[];
  progress: Progress[];
  bad: number;
  settled: number[];
}

async function replay(
  options: Pick<ReplayOptions, 'files' | 'speed'> & Partial<ReplayOptions>,
): Promise<Seen> {
  const clock = createVirtualClock(1_000_000);
  const seen: Omit<Seen, 'result'> = { clocks: [], progress: [], bad: 0, settled: [] };
  const deps = {
    send: createLogSender({ base_url: receiver.base_url, api_key: 'k', log_source: 'replay', retry_ms: 1 }),
    advanceClock: (at_ms: number) => {
      seen.clocks.push({
        at_ms,
        wall: clock.now(),
        lines_before: stored().filter((time) => time < at_ms).length,
      });
      return Promise.resolve();
    },
    settled: (at_ms: number) => Promise.resolve(void seen.settled.push(at_ms)),
    onProgress: (progress: Progress) => void seen.progress.push(progress),
    onBadLine: () => void (seen.bad += 1),
  };
  const result = await runReplay(deps, {
    format: null,
    run_id: 'r',
    clock,
    signal: new AbortController().signal,
    ...options,
  });
  return { result, ...seen };
}

/** Two batches are under way at a time, and may arrive in any order. */
const batches = () =>
  receiver.batches
    .map(({ headers, body }) => ({ key: String(headers['idempotency-key']), body }))
    .sort((a, b) => Number(a.key.slice(2)) - Number(b.key.slice(2)));
const stored = (): number[] =>
  batches().flatMap(({ body }) =>
    body.split('\n').map((line) => (JSON.parse(line) as { timestamp: number }).timestamp),
  );

const rising = (values: number[]): boolean =>
  values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));

test('at full speed: every line once, in batches, the clock never ahead of what is stored, a tail to close windows', async () => {
  const times = Array.from({ length: 12_000 }, (_, index) => T + Math.floor(index / 3) * 100);
  const file = await write('many.tsv', times, 'rubbish\n');
  const { result, clocks, progress, bad, settled } = await replay({ files: [file], speed: 'max' });
  expect(result).toEqual({
    lines_read: 12_001,
    lines_bad: 1,
    first_at: T,
    last_at: times.at(-1),
    accepted: 12_000,
    duplicates: 0,
    rejected: 0,
  });
  expect(bad).toBe(1);
  expect(stored()).toEqual(times);
  expect(batches().map(({ key }) => key)).toEqual(['r-0', 'r-1', 'r-2']);
  expect(rising(clocks.map(({ at_ms }) => at_ms))).toBe(true);
  for (const { at_ms, lines_before } of clocks)
    expect(lines_before).toBe(times.filter((time) => time < at_ms).length);
  expect(clocks.at(-1)?.at_ms).toBe((times.at(-1) ?? 0) + REPLAY_TAIL_MS);
  expect(settled).toEqual([(times.at(-1) ?? 0) + REPLAY_TAIL_MS]);
  expect(progress.at(-1)).toMatchObject({ percent: 100, lines: 12_000 });
});

test('at speed 10 a minute of log time takes six seconds, and the clock goes on while the recording is silent', async () => {
  const file = await write('paced.tsv', [T, T + 1_000, T + 60_000]);
  const { result, clocks } = await replay({ files: [file], speed: 10 });
  expect(result.accepted).toBe(3);
  expect(receiver.batches.length).toBeGreaterThanOrEqual(3);
  expect(rising(clocks.map(({ at_ms }) => at_ms))).toBe(true);
  const paced = clocks.slice(0, -1);
  for (const { at_ms, wall } of paced) expect(at_ms).toBeLessThanOrEqual(T + (wall - 1_000_000) * 10);
  const silent = paced.filter(({ at_ms }) => at_ms > T + 2_000 && at_ms < T + 59_000);
  expect(silent.length).toBeGreaterThan(10);
  expect(clocks.at(-1)?.wall).toBeGreaterThanOrEqual(1_000_000 + 6_000);
  expect(clocks.at(-1)?.wall).toBeLessThan(1_000_000 + 7_000);
});

test('a line older than the clock is sent, and the clock does not go back', async () => {
  const times = Array.from({ length: 5_001 }, (_, index) => T + index);
  const file = await write('late.tsv', [...times, T + 3, T + 9_000]);
  const { result, clocks } = await replay({ files: [file], speed: 'max' });
  expect(result).toMatchObject({ accepted: 5_003, first_at: T, last_at: T + 9_000 });
  expect(rising(clocks.map(({ at_ms }) => at_ms))).toBe(true);
});

test('a file without a good line ends without a clock and without waiting', async () => {
  const file = await write('none.tsv', [], 'a\nb\n');
  const { result, clocks, settled } = await replay({ files: [file], speed: 'max' });
  expect(result).toMatchObject({ lines_read: 2, lines_bad: 2, first_at: null, last_at: null, accepted: 0 });
  expect([clocks, settled]).toEqual([[], []]);
});

test('long lines make smaller batches', async () => {
  const file = join(folder, 'wide.tsv');
  await writeFile(file, `${T}\tsvc\t${'x'.repeat(500_000)}\n`.repeat(10));
  await replay({ files: [file], speed: 'max' });
  expect(Math.max(...receiver.batches.map(({ body }) => body.length))).toBeLessThan(3_000_000);
  expect(stored()).toHaveLength(10);
});

test('an abort ends the replay with what was stored', async () => {
  const file = await write('abort.tsv', [T, T + 1_000_000_000]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const { result, settled } = await replay({ files: [file], speed: 1, signal: controller.signal });
  expect(result.accepted).toBeLessThanOrEqual(1);
  expect(settled).toEqual([]);
});
