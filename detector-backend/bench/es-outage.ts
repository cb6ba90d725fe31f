import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EmbeddedStack } from '../src/embedded.ts';
import { createIndexInstaller } from '../src/logstore/index-templates.ts';
import { ownRow, type BenchOptions, type BenchRow } from './bench-schema.ts';
import type { ShippedSpan } from './engine-bulk.ts';
import { countBefore } from './engine-documents.ts';
import type { EngineNode } from './engine-node.ts';
import { round } from './engine-rows.ts';
import type { ShipperState } from './engine-shipper.ts';
import { addSearchSource, countedLines, isJudged, sourceProgress } from './es-progress.ts';

const SHIPPER = fileURLToPath(new URL('engine-shipper.ts', import.meta.url));
const PER_SECOND = 2_000;
const WARM_UP_MS = 30_000;
const POLL_MS = 500;
/** How much later than its slices and its lag explain a source may be and still be normal. */
const SLACK_SECONDS = 10;
const TILE_MS = 10_000;
/** Windows that old are judged on a source that is read on time. */
const JUDGED_AGE_MS = 60_000;
/** Seconds until all is normal: the goal for an outage of ten minutes, which a shorter one must reach all the more. */
const GOAL = { most: 120 };
/** The second re-count comes after 15 minutes. */
const LIMIT_MS = 20 * 60_000;

interface Scene {
  stack: EmbeddedStack;
  node: EngineNode;
  span: ShippedSpan;
  log_source_id: string;
  say: BenchOptions['say'];
}

/**
 * A shipper writes at a steady rate; the engine is killed, stays away, and comes back with the shipper's queue and the reader behind.
 * Normal is: the cursor is no further behind than slice, lag and ten seconds, and every line older than that is counted, where
 * lines are counted by their own time. In the end every line that was written must be counted once.
 */
export async function measureOutage(
  stack: EmbeddedStack,
  node: EngineNode,
  outage_seconds: number,
  say: BenchOptions['say'],
): Promise<BenchRow[]> {
  const { tenant_id, tenant_slug: slug } = stack;
  await createIndexInstaller(node.engine).ensureTemplates(slug);
  const started_at = Math.ceil(Date.now() / TILE_MS) * TILE_MS;
  const rate = { from: started_at, per_second: PER_SECOND, is_log_time: false };
  // What a shipper writes names no source of ours.
  const span = { ...rate, tenant_id, slug, log_source_id: '' };
  const shipper = startShipper(node, span);
  try {
    const log_source_id = await addSearchSource(stack, node.name, 'shipped');
    const scene = { stack, node, span, log_source_id, say };
    await sleep(started_at + WARM_UP_MS - Date.now());
    await until(scene, 'before the outage', () => isNormal(scene));
    const late_before = (await sourceProgress(stack, log_source_id)).lines_late;
    const away = await outage(scene, outage_seconds);
    const back = await untilBack(scene);
    return rowsOf(scene, {
      outage_seconds,
      ...away,
      ...back,
      ...(await finish(scene, shipper)),
      late_before,
    });
  } finally {
    shipper.stop();
  }
}

interface Away {
  /** From the engine's end until it answered. */
  away_seconds: number;
  was_blind: boolean;
}

/** Kills the engine and starts it again. */
async function outage({ stack, node, log_source_id, say }: Scene, seconds: number): Promise<Away> {
  const killed_at = performance.now();
  await node.process.kill();
  while (performance.now() < killed_at + seconds * 1000) {
    say(`${node.title}: away for ${Math.round((performance.now() - killed_at) / 1000)} of ${seconds} s`);
    await sleep(Math.min(1000, Math.max(1, killed_at + seconds * 1000 - performance.now())));
  }
  const { blind_since } = await sourceProgress(stack, log_source_id);
  await node.process.restart();
  return { away_seconds: (performance.now() - killed_at) / 1000, was_blind: blind_since !== null };
}

interface Recovery {
  lag_seconds: number;
  normal_seconds: number;
  judged_seconds: number;
}

/** Seconds from the engine's first answer. */
async function untilBack(scene: Scene): Promise<Recovery> {
  const { stack, log_source_id } = scene;
  const answered = performance.now();
  const seconds = () => (performance.now() - answered) / 1000;
  await until(scene, 'after the outage', async () => (await normalSince(scene)) !== null);
  const lag_seconds = seconds();
  await until(scene, 'after the outage', () => isNormal(scene));
  const normal_seconds = seconds();
  const judged_until = Date.now() - JUDGED_AGE_MS;
  await until(scene, 'judging again', () => isJudged(stack, log_source_id, judged_until));
  return { lag_seconds, normal_seconds, judged_seconds: seconds() };
}

/** Where the cursor must be at least for the lag to be normal (epoch ms), or null when it is not there. */
async function normalSince({ stack, log_source_id }: Scene): Promise<number | null> {
  const { cursor_at, slice_seconds, read_lag_seconds } = await sourceProgress(stack, log_source_id);
  const oldest = Date.now() - (slice_seconds + read_lag_seconds + SLACK_SECONDS) * 1000;
  return cursor_at !== null && cursor_at >= oldest ? oldest : null;
}

async function isNormal(scene: Scene): Promise<boolean> {
  const oldest = await normalSince(scene);
  if (oldest === null) return false;
  const edge = Math.floor(oldest / TILE_MS) * TILE_MS;
  return (await countedLines(scene.stack, scene.log_source_id, edge)) >= countBefore(edge, scene.span);
}

async function until(
  { stack, node, span, log_source_id, say }: Scene,
  what: string,
  isReached: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isReached())) {
    const lines = await countedLines(stack, log_source_id);
    const made = countBefore(Date.now(), span);
    if (performance.now() > deadline) throw new Error(`${what}: ${lines} lines are counted of ${made}`);
    say(`${node.title}, ${what}: counted ${lines} of ${made} lines`);
    await sleep(POLL_MS);
  }
}

/** Ends the writing; seconds until every line was counted. Throws when more are counted than were written. */
async function finish(
  scene: Scene,
  shipper: Shipper,
): Promise<{ shipped: ShipperState; all_seconds: number }> {
  const started = performance.now();
  const shipped = await shipper.finish();
  if (shipped.stored !== shipped.made)
    throw new Error(`${shipped.stored} of ${shipped.made} lines were stored`);
  const counted = () => countedLines(scene.stack, scene.log_source_id);
  await until(scene, 'at the end', async () => (await counted()) >= shipped.made);
  const lines = await counted();
  if (lines !== shipped.made) throw new Error(`${shipped.made} lines were written, ${lines} are counted`);
  return { shipped, all_seconds: (performance.now() - started) / 1000 };
}

interface Measured extends Away, Recovery {
  outage_seconds: number;
  all_seconds: number;
  shipped: ShipperState;
  late_before: number;
}

async function rowsOf({ stack, node, log_source_id }: Scene, measured: Measured): Promise<BenchRow[]> {
  const { outage_seconds, away_seconds, lag_seconds, normal_seconds, judged_seconds } = measured;
  const { all_seconds, shipped } = measured;
  const { lines_late } = await sourceProgress(stack, log_source_id);
  const input = `${node.title}, ${PER_SECOND} documents a second, away for ${outage_seconds} s`;
  return [
    ownRow(input, 'seconds_until_lag_normal_and_all_counted', round(normal_seconds, 1), GOAL),
    ownRow(input, 'seconds_until_lag_normal', round(lag_seconds, 1)),
    ownRow(input, 'seconds_until_judged_again', round(judged_seconds, 1)),
    ownRow(input, 'seconds_until_engine_answered', round(away_seconds, 1)),
    ownRow(input, 'lines_written_and_counted', shipped.stored),
    ownRow(input, 'lines_of_recounts', lines_late - measured.late_before),
    ownRow(input, 'seconds_until_all_counted_at_the_end', round(all_seconds, 1)),
    ownRow(input, 'requests_sent_again', shipped.retries),
    ownRow(input, 'was_blind_at_its_end', measured.was_blind ? 1 : 0),
  ];
}

interface Shipper {
  /** Resolves when all lines that were made are stored. */
  finish(): Promise<ShipperState>;
  stop(): void;
}

function startShipper({ name, process: { url } }: EngineNode, span: ShippedSpan): Shipper {
  const child = fork(SHIPPER, [name, url, JSON.stringify(span)], { execArgv: ['--import', 'tsx'] });
  return {
    async finish() {
      child.send('finish');
      const [state] = (await once(child, 'message')) as [ShipperState];
      return state;
    },
    stop: () => void (child.connected && child.disconnect()),
  };
}
