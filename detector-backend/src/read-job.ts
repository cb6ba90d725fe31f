import { AppError } from './platform/errors.ts';
import type { Database } from './platform/postgres.ts';
import type { LogReader } from './logstore/log-store.ts';
import type { ClaimedSlice, ReadLines } from './reading/reading-schema.ts';
import { claimStep, readFailureStep, readStep, reclaimStep } from './reading/read-step.ts';
import { postponeStep, recountStep } from './reading/recount-step.ts';
import { completeSlice } from './reading/slice-repository.ts';
import type { TemplateMiner } from './templates/template-miner.ts';
import type { TemplateHit } from './templates/template-schema.ts';
import { addHits, tilesBefore, type TileMap } from './windows/tile-map.ts';
import { addSampledHits } from './windows/sampled-tiles.ts';
import { TILE_MS } from './windows/tile.ts';
import { changedTiles, markLateWindows } from './windows/late-window-repository.ts';
import { replaceTiles } from './windows/tile-repository.ts';

export interface ReadJobDeps {
  database: Database;
  log_store: LogReader;
  miner: TemplateMiner;
  wallNow: () => number;
  lease_seconds?: number | undefined;
  /** Lines of a slice from which on it is sampled, and how many are mined then. */
  max_lines?: number;
  sample_lines?: number;
  /** Told of every slice that was written: seconds from its claim to its commit. */
  onSlice?: (seconds: number) => void;
}

/** What one run of the read job did. */
export interface ReadOutcome {
  slices: number;
  lines: number;
  /** Log time reached when the budget ran out before the work did; null when nothing is left. */
  more: number | null;
}

/** A job gives its place to others after this long, and what it read is judged meanwhile. */
const BUDGET_MS = 1_000;
/** A slice of one grid step that has more lines is sampled: all lines are counted by the store, {@link SAMPLE_LINES} mined. */
const MAX_LINES = 250_000;
const SAMPLE_LINES = 100_000;

/**
 * Reads the due slices of one log source: claim → lines → template hits → tiles, then one transaction that checks the
 * fencing token and writes ledger, templates and tiles together. What fails is thrown away whole and read again.
 */
export function readJob(deps: ReadJobDeps) {
  const claim = claimStep(deps);
  const process = processSlice(deps);
  // Lines per ms of each source's last slice.
  const densities = new Map<string, number>();
  const { max_lines = MAX_LINES } = deps;
  return async (input: { tenant_id: string; log_source_id: string }): Promise<ReadOutcome> => {
    const outcome: ReadOutcome = { slices: 0, lines: 0, more: null };
    const started = performance.now();
    for (;;) {
      const lines_per_ms = densities.get(input.log_source_id);
      const slice = await orFailure(deps, input, () =>
        claim({ ...input, wall_now: deps.wallNow(), lines_per_ms, max_lines }),
      );
      if (!slice) return outcome;
      const lines = await orFailure(deps, slice, () => process(slice));
      outcome.lines += lines;
      outcome.slices += 1;
      densities.set(input.log_source_id, Math.max(1, lines) / (slice.slice_end - slice.slice_start));
      if (performance.now() - started > BUDGET_MS) return { ...outcome, more: slice.slice_end };
    }
  };
}

/**
 * Counts a slice again and reads it again when it grew. What fails is tried again after a back-off. It says nothing about
 * the source, whose own reading tells whether it can be read: else an old slice would make its newest windows blind.
 */
export function recountJob(deps: ReadJobDeps) {
  const recount = recountStep(deps);
  const reclaim = reclaimStep(deps);
  const process = processSlice(deps);
  const postpone = postponeStep(deps);
  return async (input: {
    tenant_id: string;
    log_source_id: string;
    slice_start: number;
  }): Promise<ReadOutcome> => {
    let slice: ClaimedSlice | null = null;
    try {
      const { grown_to } = await recount(input);
      slice = grown_to === null ? null : await reclaim(input);
      if (grown_to === null || slice === null) return { slices: 0, lines: 0, more: null };
      const lines = await process(slice);
      // A store that counts more than it gives would be asked again each second.
      if (lines < grown_to) await postpone(input, null);
      return { slices: 1, lines, more: null };
    } catch (error) {
      if (!isLostLease(error)) await postpone(input, slice);
      throw error;
    }
  };
}

function processSlice(deps: ReadJobDeps) {
  return async (slice: ClaimedSlice): Promise<number> => {
    const started = performance.now();
    const tiles: TileMap = new Map();
    let read: ReadLines;
    try {
      const count = await tooManyLines(deps, slice);
      read =
        count === null
          ? await mineAll(deps, slice, tiles)
          : await mineSample(deps, slice, tiles, Math.ceil(count / (deps.sample_lines ?? SAMPLE_LINES)));
      await writeSlice(deps, slice, tiles, read);
    } catch (error) {
      deps.miner.discard(slice.log_source_id);
      throw error;
    }
    deps.miner.committed(slice.log_source_id);
    deps.onSlice?.((performance.now() - started) / 1000);
    return read.lines;
  };
}

/** How many lines the slice has, if they are too many to read; null otherwise. */
async function tooManyLines(
  { log_store, max_lines = MAX_LINES }: ReadJobDeps,
  { range }: ClaimedSlice,
): Promise<number | null> {
  const count = await log_store.countSlice(range);
  return count > max_lines ? count : null;
}

async function mineAll(deps: ReadJobDeps, slice: ClaimedSlice, tiles: TileMap): Promise<ReadLines> {
  let lines = 0;
  for await (const page of readStep(deps)(slice)) {
    lines += page.length;
    addHits(tiles, await deps.miner.mine({ ...slice, lines: page }));
  }
  return { lines, lines_mined: lines };
}

/** Overload: the store counts all lines, about one of `sample_of` is mined and stands for the others like it. */
async function mineSample(
  deps: ReadJobDeps,
  slice: ClaimedSlice,
  tiles: TileMap,
  sample_of: number,
): Promise<ReadLines> {
  // Counted first: what comes in between is for the re-count, not to be taken for a part of this count.
  const tallies = await deps.log_store.tallySlice(slice.range, TILE_MS);
  const hits: TemplateHit[] = [];
  for await (const page of readStep(deps)(slice, sample_of)) {
    hits.push(...(await deps.miner.mine({ ...slice, lines: page })));
  }
  addSampledHits(tiles, hits, tallies);
  return { lines: tallies.reduce((sum, { count }) => sum + count, 0), lines_mined: hits.length };
}

/** Whatever goes wrong between the claim and the commit is kept at the source: its health and its blindness come from it. */
async function orFailure<T>(
  deps: ReadJobDeps,
  source: { tenant_id: string; log_source_id: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // To lose a race is no failure of the source.
    if (!isLostLease(error)) {
      await readFailureStep(deps)(source, error instanceof Error ? error.message : String(error));
    }
    throw error;
  }
}

const isLostLease = (error: unknown): boolean => error instanceof AppError && error.code === 'lost_lease';

const writeSlice = (deps: ReadJobDeps, slice: ClaimedSlice, tiles: TileMap, read: ReadLines): Promise<void> =>
  deps.database.withTenant(slice.tenant_id, async (client) => {
    await completeSlice(client, slice, read);
    await deps.miner.save(client, slice.tenant_id, slice.log_source_id);
    const late = slice.is_reread
      ? await changedTiles(client, slice, tiles)
      : tilesBefore(tiles, slice.slice_start);
    await replaceTiles(client, slice, tiles);
    await markLateWindows(client, slice, late);
  });
