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
