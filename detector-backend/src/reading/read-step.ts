import type { Database } from '../platform/postgres.ts';
import type { LogLine, LogReader } from '../logstore/log-store.ts';
import { completeUntil, nextSlice, readFrom, type SliceInterval } from './slice.ts';
import { recordReadFailure } from './outage-repository.ts';
import { readRange } from './shard.ts';
import { claimSlice, loadLogSource, reclaimSlice, releaseSlice, renewLease } from './slice-repository.ts';
import { LEASE_SECONDS, type ClaimedSlice, type LogSource } from './reading-schema.ts';

export interface ReadDeps {
  database: Database;
  log_store: LogReader;
  /** How long a claimed slice belongs to a worker that says nothing; default {@link LEASE_SECONDS}. */
  lease_seconds?: number | undefined;
}

/**
 * Claims the next due slice of a source; null when nothing is due or another worker is at it.
 * `lines_per_ms`: how dense the last slice was, if that is known. A slice gets about `SLICE_LINES` lines where the reader is
 * behind, and not more than `max_lines` where the grid allows it.
 */
export const claimStep =
  (deps: ReadDeps) =>
  async (input: {
    tenant_id: string;
    log_source_id: string;
    wall_now: number;
    lines_per_ms?: number | undefined;
    max_lines: number;
  }): Promise<ClaimedSlice | null> => {
    const { database, log_store, lease_seconds = LEASE_SECONDS } = deps;
    const source = await database.withTenant(input.tenant_id, (client) =>
      loadLogSource(client, input.log_source_id),
    );
    if (!source?.is_enabled) return null;
    const complete_until = completeUntil(source, input.wall_now);
    // The cheap answer first: most calls find nothing due.
    if (source.cursor_at !== null && complete_until < source.cursor_at + source.slice_seconds * 1000)
      return null;
    const from = source.cursor_at ?? readFrom(source.backfill_hours, complete_until);
    const { log_source_id } = readRange(source, from);
    const first = await log_store.firstIngestedAt(source.tenant_id, log_source_id, from);
    if (first === null && source.cursor_at === null) return null;
    const span_ms = input.lines_per_ms === undefined ? undefined : SLICE_LINES / input.lines_per_ms;
    const slice = nextSlice({ ...source, complete_until }, first, span_ms);
    if (!slice) return null;
    const fitting = await fitSlice(log_store, source, slice, input);
    return database.withTenant(source.tenant_id, (client) =>
      claimSlice(client, source.id, fitting, lease_seconds),
    );
  };

/**
 * A slice of a reader that is behind grows towards this many lines: each costs some 25 round trips, and the time until its first
 * page is there (`npm run bench -- es-read`: 131,000 lines a second in slices of 20,000, 218,000 in slices of 100,000, 236,000 in
 * slices of 200,000). Other sources wait for one slice, one to three seconds.
 */
export const SLICE_LINES = 100_000;

/** Shortens a slice of unknown or great density until it has at most `max_lines`, or is one step of the grid. */
async function fitSlice(
  log_store: LogReader,
  source: LogSource,
  slice: SliceInterval,
  { lines_per_ms, max_lines }: { lines_per_ms?: number | undefined; max_lines: number },
): Promise<SliceInterval> {
  const step = source.slice_seconds * 1000;
  let { slice_end } = slice;
  const { slice_start } = slice;
  const lengthOf = () => slice_end - slice_start;
  if (lines_per_ms !== undefined && lines_per_ms * lengthOf() < max_lines / 4) return slice;
  while (lengthOf() > step) {
    const { tenant_id } = source;
    const range = { tenant_id, slice_start, slice_end, ...readRange(source, slice_start) };
    const count = await log_store.countSlice(range);
    if (count <= max_lines) break;
    const steps = Math.floor((lengthOf() * max_lines) / count / step);
    slice_end = slice_start + Math.max(1, Math.min(steps, (lengthOf() / step / 2) | 0)) * step;
  }
  return { slice_start, slice_end };
}

/** Claims a slice that was read before, to read it again. */
export const reclaimStep =
  ({ database, lease_seconds = LEASE_SECONDS }: ReadDeps) =>
  (input: { tenant_id: string; log_source_id: string; slice_start: number }): Promise<ClaimedSlice | null> =>
    database.withTenant(input.tenant_id, (client) =>
      reclaimSlice(client, input.log_source_id, input.slice_start, lease_seconds),
    );

/**
 * The lines of a claimed slice, or a sample of them, page by page. The lease is kept alive meanwhile, by the clock: a cluster
 * may take longer for one page than a lease lasts. A reader that lost it all the same is told so with its next page.
 */
export const readStep = ({ database, log_store, lease_seconds = LEASE_SECONDS }: ReadDeps) =>
  async function* (slice: ClaimedSlice, sample_of = 1): AsyncGenerator<LogLine[]> {
    let renewal = Promise.resolve();
    let failure: Error | null = null;
    const timer = setInterval(
      () => {
        renewal = database
          .withTenant(slice.tenant_id, (client) => renewLease(client, slice, lease_seconds))
          .catch((error: unknown) => {
            failure ??= error instanceof Error ? error : new Error(String(error));
          });
      },
      (lease_seconds * 1000) / 3,
    );
    try {
      for await (const page of log_store.readSlice(slice.range, { sample_of })) {
        if (failure !== null) throw failure as Error;
        yield page;
      }
    } finally {
      clearInterval(timer);
      // After the slice is completed a renewal would find no claim.
      await renewal;
    }
  };

/**
 * Keeps the reason why a source could not be read, for its health and its blindness, and gives a claimed slice back: the next
 * attempt need not wait for the end of its lease.
 */
export const readFailureStep =
  ({ database }: ReadDeps) =>
  (failed: { tenant_id: string; log_source_id: string } | ClaimedSlice, message: string): Promise<void> =>
    database.withTenant(failed.tenant_id, async (client) => {
      if ('fencing_token' in failed) await releaseSlice(client, failed);
      await recordReadFailure(client, failed.log_source_id, message);
    });
