/** A log source as the reader needs it. Times in epoch ms. */
export interface LogSource {
  id: string;
  tenant_id: string;
  name: string;
  source_type: string;
  is_enabled: boolean;
  slice_seconds: number;
  read_lag_seconds: number;
  clock_mode: 'wall' | 'log';
  clock_at: number | null;
  cursor_at: number | null;
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
}

export const LEASE_SECONDS = 10;
/** A source that could not be read for this long is blind. */
export const BLIND_AFTER_SECONDS = 60;
/** Re-counts after a slice was read, in seconds of the wall clock. */
export const RECOUNT_AFTER_SECONDS = [120, 900, 7200] as const;
