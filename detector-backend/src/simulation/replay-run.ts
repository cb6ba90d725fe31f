import type { Send } from './log-sender.ts';
import { createOrderedFeed, type AdvanceClock, type OrderedFeed } from './ordered-feed.ts';
import type { Progress } from './progress-bar.ts';
import type { BadLine } from './recorded-file.ts';
import { openRecordedLog, type RecordedLog } from './recorded-log.ts';
import type { RecordedFormat, RecordedLine } from './recorded-line.ts';
import { unlessAborted, untilAborted, type WallClock } from './wall-clock.ts';

/** The product, as a replay sees it. */
export interface ReplayDeps {
  send: Send;
  advanceClock: AdvanceClock;
  /** Resolves when everything before `at_ms` is judged. */
  settled: (at_ms: number) => Promise<void>;
  onProgress: (progress: Progress) => void;
  onBadLine: (bad: BadLine) => void;
}

export interface ReplayOptions {
  files: readonly string[];
  /** Null: told by each file's name or first line. */
  format: RecordedFormat | null;
  /** Seconds of log time a second (> 0), or as fast as the product takes them. */
  speed: number | 'max';
  /** Start of the idempotency keys: another one for every run. */
  run_id: string;
  clock: WallClock;
  signal: AbortSignal;
}

export interface ReplayResult {
  /** Lines read from the files, bad ones included, empty ones not. */
  lines_read: number;
  lines_bad: number;
  /** Times of the earliest and the latest line, epoch ms; null when there was no good line. */
  first_at: number | null;
  last_at: number | null;
  accepted: number;
  duplicates: number;
  rejected: number;
}

/**
 * Log time added after the last line: enough for its tile to become final (a tile, and the allowed lateness). Not more, because
 * the end of a recording is not silence.
 */
export const REPLAY_TAIL_MS = 20_000;
const BATCH_LINES = 5_000;
/** Characters of a batch: with escapes and UTF-8 well below the body limit of POST /logs. */
const BATCH_CHARACTERS = 2_000_000;
/** Longest wait of a paced replay before the clock moves on. */
const TICK_MS = 250;

interface Replay {
  deps: ReplayDeps;
  options: ReplayOptions;
  log: RecordedLog;
  feed: OrderedFeed;
  batch: object[];
  batch_characters: number;
  batch_earliest_at: number;
  lines_good: number;
  lines_bad: number;
  /** The first line read: where a paced replay starts counting. */
  paced_from: number | null;
  first_at: number;
  last_at: number;
  began: number;
}

/**
 * Sends recorded files in log time. Rejects with AppError `invalid_request` for files that can not be read at all, and
 * when a batch can not be delivered; bad lines are counted. When the signal aborts it resolves with what was stored so far.
 */
export async function runReplay(deps: ReplayDeps, options: ReplayOptions): Promise<ReplayResult> {
  const replay: Replay = {
    deps,
    options,
    log: await openRecordedLog(options.files, options.format),
    feed: createOrderedFeed(deps.send, deps.advanceClock, options.run_id),
    batch: [],
    batch_characters: 0,
    batch_earliest_at: Number.POSITIVE_INFINITY,
    lines_good: 0,
    lines_bad: 0,
    paced_from: null,
    first_at: Number.POSITIVE_INFINITY,
    last_at: Number.NEGATIVE_INFINITY,
    began: options.clock.now(),
  };
  await sendAll(replay)
    .then(() => finish(replay))
    .catch(unlessAborted(options.signal));
  return {
    lines_read: replay.lines_good + replay.lines_bad,
    lines_bad: replay.lines_bad,
    first_at: replay.lines_good > 0 ? replay.first_at : null,
    last_at: replay.lines_good > 0 ? replay.last_at : null,
    ...replay.feed.counts(),
  };
}

async function sendAll(replay: Replay): Promise<void> {
  const { deps, log, options } = replay;
  const onBad = (bad: BadLine): void => {
    replay.lines_bad += 1;
    deps.onBadLine(bad);
  };
  for await (const lines of log.records(onBad)) {
    for (const line of lines) {
      await waitFor(replay, line.timestamp);
      if (options.signal.aborted) return;
      add(replay, line);
      if (replay.batch.length < BATCH_LINES && replay.batch_characters < BATCH_CHARACTERS) continue;
      // Lines of the same time may follow: the clock says what is stored *before* it.
      await flush(replay, replay.last_at);
    }
  }
  await flush(replay, replay.last_at);
}

function add(replay: Replay, { timestamp, size, document }: RecordedLine): void {
  replay.batch.push(document);
  replay.batch_characters += size;
  replay.batch_earliest_at = Math.min(replay.batch_earliest_at, timestamp);
  replay.lines_good += 1;
  replay.first_at = Math.min(replay.first_at, timestamp);
  replay.last_at = Math.max(replay.last_at, timestamp);
}

/** Sends what is gathered; the clock may then stand at `clock_at`. */
async function flush(replay: Replay, clock_at: number): Promise<void> {
  const { batch: documents, batch_earliest_at: earliest_at } = replay;
  replay.batch = [];
  replay.batch_characters = 0;
  replay.batch_earliest_at = Number.POSITIVE_INFINITY;
  if (replay.lines_good > 0) await replay.feed.push({ documents, earliest_at, clock_at });
  report(replay, clock_at);
}

/** Waits until a paced replay reaches `timestamp`; the clock goes on meanwhile, so silence in the recording is seen. */
async function waitFor(replay: Replay, timestamp: number): Promise<void> {
  const { clock, signal, speed } = replay.options;
  if (speed === 'max') return;
  if (replay.paced_from === null) {
    replay.paced_from = timestamp;
    replay.began = clock.now();
  }
  const start = replay.paced_from;
  const reached = (): number => start + (clock.now() - replay.began) * speed;
  while (reached() < timestamp && !signal.aborted) {
    await flush(replay, Math.min(Math.floor(reached()), timestamp));
    const left_ms = (timestamp - reached()) / speed;
    await clock.sleep(Math.max(1, Math.min(TICK_MS, left_ms)), signal);
  }
}

async function finish(replay: Replay): Promise<void> {
  await replay.feed.drain();
  if (replay.lines_good === 0 || replay.options.signal.aborted) return;
  const end = replay.last_at + REPLAY_TAIL_MS;
  await replay.feed.push({ documents: [], earliest_at: Number.POSITIVE_INFINITY, clock_at: end });
  await replay.feed.drain();
  report(replay, end);
  await untilAborted(replay.deps.settled(end), replay.options.signal);
}

function report({ deps, options, log, lines_good, began }: Replay, at_ms: number): void {
  if (lines_good === 0) return;
  const seconds = Math.max(0.001, (options.clock.now() - began) / 1000);
  const share = log.total_bytes === 0 ? 1 : Math.min(1, log.bytesRead() / log.total_bytes);
  deps.onProgress({
    phase: 'replay',
    percent: share * 100,
    lines: lines_good,
    lines_per_second: lines_good / seconds,
    eta_seconds: share === 0 ? null : (seconds / share) * (1 - share),
    at_ms,
  });
}
