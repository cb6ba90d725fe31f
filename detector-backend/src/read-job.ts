import { AppError } from './platform/errors.ts';
import type { Database } from './platform/postgres.ts';
import type { LogStore } from './logstore/log-store.ts';
import type { ClaimedSlice } from './reading/reading-schema.ts';
import { claimStep, readFailureStep, readStep, reclaimStep } from './reading/read-step.ts';
import { recountStep } from './reading/recount-step.ts';
import { completeSlice } from './reading/slice-repository.ts';
import type { TemplateMiner } from './templates/template-miner.ts';
import { addHits, tilesBefore, type TileMap } from './windows/tile-map.ts';
import { changedTiles, markLateWindows } from './windows/late-window-repository.ts';
import { replaceTiles } from './windows/tile-repository.ts';

export interface ReadJobDeps {
  database: Database;
  log_store: LogStore;
  miner: TemplateMiner;
  wallNow: () => number;
  lease_seconds?: number | undefined;
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
/** Where few lines are, a slice of a reader that is behind grows towards this many: each costs some 25 round trips. */
const SLICE_LINES = 20_000;

/**
 * Reads the due slices of one log source: claim → lines → template hits → tiles, then one transaction that checks the
 * fencing token and writes ledger, templates and tiles together. What fails is thrown away whole and read again.
 */
export function readJob(deps: ReadJobDeps) {
  const claim = claimStep(deps);
  const process = processSlice(deps);
  return async (input: { tenant_id: string; log_source_id: string }): Promise<ReadOutcome> => {
    const outcome: ReadOutcome = { slices: 0, lines: 0, more: null };
    const started = performance.now();
    let span_ms = 0;
    for (;;) {
      const slice = await orFailure(deps, input, () =>
        claim({ ...input, wall_now: deps.wallNow(), span_ms }),
      );
      if (!slice) return outcome;
      const lines = await process(slice);
      outcome.lines += lines;
      outcome.slices += 1;
      span_ms = ((slice.slice_end - slice.slice_start) * SLICE_LINES) / Math.max(1, lines);
      if (performance.now() - started > BUDGET_MS) return { ...outcome, more: slice.slice_end };
    }
  };
}

/** Counts a slice again and reads it again when it grew. */
export function recountJob(deps: ReadJobDeps) {
  const recount = recountStep(deps);
  const reclaim = reclaimStep(deps);
  const process = processSlice(deps);
  return async (input: {
    tenant_id: string;
    log_source_id: string;
    slice_start: number;
  }): Promise<ReadOutcome> => {
    const { grew } = await recount(input);
    const slice = grew ? await reclaim(input) : null;
    if (!slice) return { slices: 0, lines: 0, more: null };
    return { slices: 1, lines: await process(slice), more: null };
  };
}

function processSlice(deps: ReadJobDeps) {
  const read = readStep(deps);
  return (slice: ClaimedSlice): Promise<number> =>
    orFailure(deps, slice, async () => {
      const started = performance.now();
      const tiles: TileMap = new Map();
      let lines = 0;
      try {
        for await (const page of read(slice)) {
          lines += page.length;
          addHits(tiles, await deps.miner.mine({ ...slice, lines: page }));
        }
        await writeSlice(deps, slice, tiles, lines);
      } catch (error) {
        deps.miner.discard(slice.log_source_id);
        throw error;
      }
      deps.miner.committed(slice.log_source_id);
      deps.onSlice?.((performance.now() - started) / 1000);
      return lines;
    });
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
    if (!(error instanceof AppError && error.code === 'lost_lease')) {
      await readFailureStep(deps)(source, error instanceof Error ? error.message : String(error));
    }
    throw error;
  }
}

const writeSlice = (deps: ReadJobDeps, slice: ClaimedSlice, tiles: TileMap, lines: number): Promise<void> =>
  deps.database.withTenant(slice.tenant_id, async (client) => {
    await completeSlice(client, slice, lines);
    await deps.miner.save(client, slice.tenant_id, slice.log_source_id);
    const late = slice.is_reread
      ? await changedTiles(client, slice, tiles)
      : tilesBefore(tiles, slice.slice_start);
    await replaceTiles(client, slice, tiles);
    await markLateWindows(client, slice, late);
  });
