import type { HealthStatus, LogSourceRow } from './log-source-schema.ts';

/** A source is behind when its cursor is this much older than its slices and lag explain. */
const BEHIND_AFTER_SECONDS = 30;

/**
 * How well a source is read, worst first: disabled, blind (not read for so long that its services are not judged),
 * error (the last reading failed), behind, ok. `lag_seconds` is how far the cursor is behind the source's own clock:
 * the wall clock, or that of the replay; null before the first slice.
 */
export function healthOf(
  source: LogSourceRow,
  now: number,
): { status: HealthStatus; lag_seconds: number | null } {
  const clock = source.clock_mode === 'wall' ? now : (source.clock_at ?? source.cursor_at ?? now);
  const lag_seconds = source.cursor_at === null ? null : Math.max(0, (clock - source.cursor_at) / 1000);
  return { status: statusOf(source, lag_seconds ?? 0), lag_seconds };
}

function statusOf(source: LogSourceRow, lag_seconds: number): HealthStatus {
  if (!source.is_enabled) return 'disabled';
  if (source.blind_since !== null) return 'blind';
  if (source.last_error_at !== null && source.last_error_at > (source.last_read_at ?? 0)) return 'error';
  const expected = source.slice_seconds + source.read_lag_seconds + BEHIND_AFTER_SECONDS;
  return lag_seconds > expected ? 'behind' : 'ok';
}

/** The reading of what a source held before it was added. Times in epoch ms. */
export interface BackfillProgress {
  from: number;
  until: number;
  /** 0..1 */
  progress: number;
  /** At the speed so far; null while that is unknown. */
  seconds_left: number | null;
}

/** A speed from less than this says nothing. */
const LEAST_ELAPSED_MS = 2_000;

/**
 * How far the reading of old documents has come, or null when it is over or there is none: it ends at the moment at which
 * reading began, less what every source lags behind.
 * @param now wall clock, epoch ms
 */
export function backfillOf(source: LogSourceRow, now: number): BackfillProgress | null {
  const { read_from: from, first_read_at, cursor_at, clock_mode } = source;
  if (clock_mode === 'log' || from === null || first_read_at === null || cursor_at === null) return null;
  const until = first_read_at - (source.read_lag_seconds + source.slice_seconds) * 1000;
  if (cursor_at >= until || from >= until) return null;
  const done = Math.max(0, cursor_at - from);
  const elapsed = now - first_read_at;
  const is_known = source.is_enabled && elapsed >= LEAST_ELAPSED_MS && done > 0;
  const seconds_left = is_known ? Math.ceil((((until - cursor_at) / done) * elapsed) / 1000) : null;
  return { from, until, progress: done / (until - from), seconds_left };
}

/** Share of the lines read that were mined as well, 0..1. */
export const coverageOf = ({ lines_read, lines_unmined }: LogSourceRow): number =>
  lines_read === 0 ? 1 : Math.min(1, Math.max(0, 1 - lines_unmined / lines_read));
