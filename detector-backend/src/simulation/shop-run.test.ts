import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acceptAll, startLogReceiver, type LogReceiver } from './log-receiver.ts';
import { createLogSender } from './log-sender.ts';
import type { Progress } from './progress-bar.ts';
import { linesOf, type ShopLine } from './shop-generator.ts';
import { checkIncidents, type Incident } from './shop-incidents.ts';
import { CHECK_FROM_MS, FILL_MS, runShop, runShopCheck, type ShopChange, type ShopDeps } from './shop-run.ts';
import { createVirtualClock } from './virtual-clock.ts';

let receiver: LogReceiver;
beforeEach(async () => {
  receiver = await startLogReceiver(acceptAll);
});
afterEach(() => receiver.close());

/** The lines that arrived, by the number of their batch: two batches are under way at a time. */
const stored = (): string[] =>
  receiver.batches
    .map(({ headers, body }) => ({ number: Number(String(headers['idempotency-key']).split('-')[1]), body }))
    .sort((a, b) => a.number - b.number)
    .flatMap(({ body }) => body.split('\n'));

const sha256 = (lines: string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex');
const asSent = (lines: ShopLine[]): string[] => lines.map((line) => JSON.stringify(line));

interface Seen {
  clocks: number[];
  settled: number[];
  changes: (ShopChange & { clock_at: number })[];
  incidents: Incident[];
  progress: Progress[];
}

function watched(): { deps: ShopDeps; seen: Seen } {
  const seen: Seen = { clocks: [], settled: [], changes: [], incidents: [], progress: [] };
  const deps: ShopDeps = {
    send: createLogSender({ base_url: receiver.base_url, api_key: 'k', log_source: 'shop', retry_ms: 1 }),
    advanceClock: (at_ms) => Promise.resolve(void seen.clocks.push(at_ms)),
    settled: (at_ms) => Promise.resolve(void seen.settled.push(at_ms)),
    recordChange: (change) =>
      Promise.resolve(void seen.changes.push({ ...change, clock_at: seen.clocks.at(-1) ?? 0 })),
    onIncident: (incident) => void seen.incidents.push(incident),
    onProgress: (progress) => void seen.progress.push(progress),
  };
  return { deps, seen };
}

const rising = (values: number[]): boolean =>
  values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));
const NOW = Date.UTC(2026, 5, 1, 12, 0, 0, 400);

test(
  'a check sends the same lines for the same seed, with all six incidents and the deploy told before it hurts',
  { timeout: 120_000 },
  async () => {
    const { deps, seen } = watched();
    const options = {
      seed: 5,
      run_id: 'check',
      clock: createVirtualClock(NOW),
      signal: new AbortController().signal,
    };
    const result = await runShopCheck(deps, options);
    expect(result.live_from).toBe(CHECK_FROM_MS + FILL_MS);
    expect(result.incidents).toEqual(checkIncidents(5, result.live_from));
    expect(seen.incidents).toEqual(result.incidents);
    expect(sha256(stored())).toBe(sha256(asSent(linesOf(5, result.incidents, result.from, result.to))));
    expect(result).toMatchObject({ lines: stored().length, accepted: stored().length, rejected: 0 });
    expect(rising(seen.clocks)).toBe(true);
    expect(seen.clocks.at(-1)).toBe(result.to);
    expect(seen.settled).toEqual([result.live_from, result.to]);
    const [deploy] = seen.changes;
    expect(seen.changes).toHaveLength(1);
    expect(deploy?.occurred_at).toBe(result.incidents.find(({ kind }) => kind === 'mix_change')?.started_at);
    expect(deploy?.clock_at).toBeLessThanOrEqual(deploy?.occurred_at ?? 0);
    expect(seen.progress.map(({ percent }) => percent ?? 0).at(-2)).toBeCloseTo(100);
    expect(Math.max(...receiver.batches.map(({ body }) => body.split('\n').length))).toBeLessThan(6_500);
  },
);

test('a live shop fills what is missing, waits for judgement, catches up, and then sends every second once', async () => {
  const { deps, seen } = watched();
  const clock = createVirtualClock(NOW);
  const controller = new AbortController();
  const settled = async (at_ms: number): Promise<void> => {
    seen.settled.push(at_ms);
    clock.jump(20_000);
    await Promise.resolve();
  };
  let slept = false;
  const onProgress = (progress: Progress): void => {
    seen.progress.push(progress);
    if (progress.phase !== 'live') return;
    if (!slept && progress.at_ms > NOW + 60_000) {
      slept = true;
      clock.jump(600_000);
    }
    if (progress.at_ms > NOW + 900_000) controller.abort();
  };
  await runShop(
    { ...deps, settled, onProgress },
    { seed: 5, run_id: 'live', clock, signal: controller.signal, filled_until: NOW - 400 - 300_000 },
  );

  const now = NOW - 400;
  expect(seen.settled).toEqual([now]);
  const live_from = now + 20_000;
  expect(seen.progress.filter(({ phase }) => phase === 'live')[0]?.at_ms).toBe(live_from + 1_000);
  expect(seen.incidents[0]).toMatchObject({ started_at: live_from + 60_000, kind: 'error_surge' });
  expect(seen.incidents.length).toBeGreaterThanOrEqual(3);
  const end = seen.clocks.at(-1) ?? 0;
  expect(sha256(stored())).toBe(sha256(asSent(linesOf(5, seen.incidents, now - 300_000, end))));
  expect(rising(seen.clocks)).toBe(true);
});

test('a restart sends nothing again, and fills the gap since the last run', async () => {
  const { deps, seen } = watched();
  const clock = createVirtualClock(NOW);
  const controller = new AbortController();
  const filled_until = NOW - 3_600_123;
  const settled = (): Promise<void> => {
    controller.abort();
    return Promise.resolve();
  };
  await runShop(
    { ...deps, settled },
    { seed: 5, run_id: 'again', clock, signal: controller.signal, filled_until },
  );
  const earliest = JSON.parse(stored()[0] ?? '') as ShopLine;
  expect(earliest.timestamp).toBeGreaterThanOrEqual(filled_until);
  expect(earliest.timestamp).toBeLessThan(filled_until + 5_000);
  expect(seen.clocks.at(-1)).toBe(NOW - 400);
});

test.each([
  ['never ran', null],
  ['was off for a day', NOW - 86_400_000],
])('a shop that %s begins a compressed day ago', async (_, filled_until) => {
  const { deps, seen } = watched();
  const controller = new AbortController();
  const onProgress = (): void => controller.abort();
  await runShop(
    { ...deps, onProgress },
    { seed: 5, run_id: 'first', clock: createVirtualClock(NOW), signal: controller.signal, filled_until },
  );
  const earliest = JSON.parse(stored()[0] ?? '') as ShopLine;
  expect(earliest.timestamp - (NOW - 400 - FILL_MS)).toBeGreaterThanOrEqual(0);
  expect(earliest.timestamp - (NOW - 400 - FILL_MS)).toBeLessThan(5_000);
  expect(seen.settled).toEqual([]);
});

test('a batch that can not be delivered ends the run with its error, an abort without one', async () => {
  const { deps } = watched();
  const failing = { ...deps, send: () => Promise.reject(new Error('nobody takes this')) };
  const controller = new AbortController();
  const options = {
    seed: 5,
    run_id: 'x',
    clock: createVirtualClock(NOW),
    signal: controller.signal,
    filled_until: null,
  };
  await expect(runShop(failing, options)).rejects.toThrow('nobody takes this');
  controller.abort();
  await expect(runShop(deps, options)).resolves.toBeUndefined();
});
