import type { SliceRange } from '../logstore/log-store.ts';
import type { ShardedSource } from './shard.ts';

/** A log source as the reader needs it. Times in epoch ms. */
export interface LogSource extends ShardedSource {
  tenant_id: string;
  name: string;
  source_type: string;
  is_enabled: boolean;
  slice_seconds: number;
  read_lag_seconds: number;
  clock_mode: 'wall' | 'log';
  clock_at: number | null;
  cursor_at: number | null;
  /** How far back a source is read that was never read before; null for all of it. */
  backfill_hours: number | null;
}

/** A slice that this worker may read until its lease ends. */
export interface ClaimedSlice {
  tenant_id: string;
  log_source_id: string;
  slice_start: number;
  slice_end: number;
  fencing_token: number;
  /** The slice was read before: its tiles are replaced, and windows already judged get a new revision. */
  is_reread: boolean;
  /** What the store is asked for: a shard reads lines of the source that it was split from. */
  range: SliceRange;
}

/** What the ledger keeps of a slice that was read. */
export interface ReadLines {
  lines: number;
  /** Fewer than `lines` when there were too many to read them all. */
  lines_mined: number;
}

export const LEASE_SECONDS = 10;
/** A source that could not be read for this long is blind. */
export const BLIND_AFTER_SECONDS = 15;
/**
 * Once a source can be read again, what its writers held back arrives for a while: a quarter of the time that it was away,
 * within these bounds. Windows until then are blind as well.
 */
export const CATCH_UP_SHARE = 0.25;
export const CATCH_UP_SECONDS = { least: 60, most: 900 } as const;
/** Re-counts after a slice was read, in seconds of the wall clock. */
export const RECOUNT_AFTER_SECONDS = [120, 900, 7200] as const;
/** A re-count that failed is tried again after as long as it is late already, within these bounds. */
export const RECOUNT_BACKOFF_SECONDS = { least: 30, most: 1800 } as const;
