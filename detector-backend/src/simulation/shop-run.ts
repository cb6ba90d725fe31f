import { createOrderedFeed, type AdvanceClock, type OrderedFeed } from './ordered-feed.ts';
import type { Send } from './log-sender.ts';
import type { Progress } from './progress-bar.ts';
import { linesOf, SHOP_DAY_MS, type ShopLine } from './shop-generator.ts';
import {
  CHECK_LIVE_MS,
  checkIncidents,
  liveIncidents,
  scheduleOf,
  type Incident,
  type IncidentSchedule,
} from './shop-incidents.ts';
import { unlessAborted, untilAborted, type WallClock } from './wall-clock.ts';

/** A change of a service, as the product records it. */
export interface ShopChange {
  service: string;
  kind: 'deploy';
  title: string;
  occurred_at: number;
}

/** The product, as the shop sees it. */
export interface ShopDeps {
  send: Send;
  advanceClock: AdvanceClock;
  /** Resolves when everything before `at_ms` is judged. */
  settled: (at_ms: number) => Promise<void>;
  recordChange: (change: ShopChange) => Promise<void>;
  onProgress: (progress: Progress) => void;
  /** Ground truth, as log time reaches the start of an incident. */
  onIncident: (incident: Incident) => void;
}

export interface ShopOptions {
  /** 32-bit integer. */
  seed: number;
  /** Start of the idempotency keys: another one for every run of the process, the same for the same check. */
  run_id: string;
  clock: WallClock;
  signal: AbortSignal;
}

export interface ShopCheckResult {
  from: number;
  live_from: number;
  to: number;
  incidents: Incident[];
  /** Lines generated and sent. */
  lines: number;
  accepted: number;
  duplicates: number;
  rejected: number;
}

/** A day and a margin, so that at least 240 windows of a minute are stored for every service. */
export const FILL_MS = SHOP_DAY_MS + 600_000;
/** A gap up to this long since the last run is filled, so that a restart does not look like silence. */
const LONGEST_GAP_MS = 12 * 3_600_000;
/** Anchor of a check: the same lines on every day. */
export const CHECK_FROM_MS = Date.UTC(2026, 0, 5);
const BATCH_LINES = 5_000;
const STRIDE_MS = 10_000;
const SECOND_MS = 1_000;

interface Journey {
  deps: ShopDeps;
  options: ShopOptions;
  feed: OrderedFeed;
  schedule: IncidentSchedule;
  lines: number;
}

const journey = (deps: ShopDeps, options: ShopOptions, schedule: IncidentSchedule): Journey => ({
  deps,
  options,
  feed: createOrderedFeed(deps.send, deps.advanceClock, options.run_id),
  schedule,
  lines: 0,
});

const wholeSecond = (at_ms: number): number => Math.floor(at_ms / SECOND_MS) * SECOND_MS;

/** Announces the incidents that start in [from, to) before their lines are sent: a deploy is known before it hurts. */
async function announce({ deps, schedule }: Journey, from: number, to: number): Promise<void> {
  for (const incident of schedule(from, to)) {
    if (incident.started_at < from || incident.started_at >= to) continue;
    deps.onIncident(incident);
    if (incident.kind !== 'mix_change') continue;
    const title = `${incident.service} ${new Date(incident.started_at).toISOString().slice(0, 16)} rolled out (simulated)`;
    await deps.recordChange({
      service: incident.service,
      kind: 'deploy',
      title,
      occurred_at: incident.started_at,
    });
  }
}

/** Sends the lines of [from, to) in batches, the clock behind them. Returns where it got to: `to`, or less when aborted. */
async function sendSpan(
  trip: Journey,
  from: number,
  to: number,
  onBatch: (at: number) => void,
): Promise<number> {
  const { options, feed } = trip;
  let at = from;
  while (at < to && !options.signal.aborted) {
    const start = at;
    const batch: ShopLine[] = [];
    while (at < to && batch.length < BATCH_LINES) {
      const end = Math.min(to, at + STRIDE_MS);
      for (const line of linesOf(options.seed, trip.schedule(at, end), at, end)) batch.push(line);
      at = end;
    }
    await announce(trip, start, at);
    await feed.push({ documents: batch, earliest_at: start, clock_at: at });
    trip.lines += batch.length;
    onBatch(at);
  }
  await feed.drain();
  return at;
}

/** Reports the percentage of [from, to) with the rate and time left as the wall clock measures them. */
function reporter(trip: Journey, phase: string, from: number, to: number): (at: number) => void {
  const { clock } = trip.options;
  const began = clock.now();
  const lines_before = trip.lines;
  return (at) => {
    const seconds = Math.max(0.001, (clock.now() - began) / 1000);
    const share = (at - from) / (to - from);
    trip.deps.onProgress({
      phase,
      percent: share * 100,
      lines: trip.lines,
      lines_per_second: (trip.lines - lines_before) / seconds,
      eta_seconds: (seconds / share) * (1 - share),
      at_ms: at,
    });
  };
}

async function settle({ deps, options, lines }: Journey, at: number): Promise<void> {
  deps.onProgress({
    phase: 'learning',
    percent: null,
    lines,
    lines_per_second: 0,
    eta_seconds: null,
    at_ms: at,
  });
  await untilAborted(deps.settled(at), options.signal);
}

/**
 * Fills a compressed day up to now, waits until it is judged, then lives in real time until the signal aborts.
 * `filled_until` is the clock of the source from an earlier run (null: never ran): nothing before it is sent again.
 * Rejects when a batch can not be delivered; resolves when the signal aborts.
 */
export async function runShop(
  deps: ShopDeps,
  options: ShopOptions & { filled_until: number | null },
): Promise<void> {
  const trip = journey(deps, options, scheduleOf([]));
  await fill(trip, options.filled_until)
    .then((live_from) => live(trip, live_from))
    .catch(unlessAborted(options.signal));
}

/** Back-fill, judgement, and what happened meanwhile. Returns the log time from which the shop is live. */
async function fill(trip: Journey, filled_until: number | null): Promise<number> {
  const { clock } = trip.options;
  const now = wholeSecond(clock.now());
  const resumes = filled_until !== null && now - filled_until <= LONGEST_GAP_MS;
  const from = resumes ? Math.min(now, Math.ceil(filled_until / SECOND_MS) * SECOND_MS) : now - FILL_MS;
  const at = await sendSpan(trip, from, now, reporter(trip, 'back-fill', from, now));
  if (trip.options.signal.aborted) return at;
  await settle(trip, at);
  const caught_up = wholeSecond(clock.now());
  return sendSpan(trip, at, caught_up, reporter(trip, 'catch-up', at, caught_up));
}

/** Sends each second once it is over. After a sleep of the machine the next round sends all that was missed. */
async function live(trip: Journey, live_from: number): Promise<void> {
  const { clock, signal } = trip.options;
  // Only now: the first incident is a minute ahead however long the back-fill took.
  trip.schedule = liveIncidents(live_from);
  let at = live_from;
  while (!signal.aborted) {
    const due = wholeSecond(clock.now());
    if (due > at) {
      const before = { lines: trip.lines, at };
      at = await sendSpan(trip, at, due, () => undefined);
      const lines_per_second = ((trip.lines - before.lines) / (at - before.at || 1)) * SECOND_MS;
      trip.deps.onProgress({
        phase: 'live',
        percent: null,
        lines: trip.lines,
        lines_per_second,
        eta_seconds: null,
        at_ms: at,
      });
    }
    await clock.sleep(SECOND_MS - (clock.now() % SECOND_MS), signal);
  }
}

/**
 * The whole shop at full speed on a fixed anchor: the back-fill, then 76 minutes of log time with one incident of each kind.
 * The same seed sends the same lines in the same batches.
 */
export async function runShopCheck(deps: ShopDeps, options: ShopOptions): Promise<ShopCheckResult> {
  const from = CHECK_FROM_MS;
  const live_from = from + FILL_MS;
  const to = live_from + CHECK_LIVE_MS;
  const incidents = checkIncidents(options.seed, live_from);
  const trip = journey(deps, options, scheduleOf(incidents));
  const report = reporter(trip, 'check', from, to);
  await sendSpan(trip, from, live_from, report);
  // Judging waits for a model: without this pause the incidents could be stored before the first training.
  await settle(trip, live_from);
  await sendSpan(trip, live_from, to, report);
  await settle(trip, to);
  return { from, live_from, to, incidents, lines: trip.lines, ...trip.feed.counts() };
}
