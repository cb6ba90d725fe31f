/** What of a log source decides its next slice. Times in epoch ms. */
export interface SliceSource {
  slice_seconds: number;
  /** End of the last contiguous completed slice; null before the first. */
  cursor_at: number | null;
  /** Everything with an ingest time before it is visible in the store. */
  complete_until: number;
}

export interface SliceInterval {
  slice_start: number;
  slice_end: number;
}

/**
 * A reader that is behind takes this many grid steps as one slice: fewer transactions, the same tiles. Where few lines are,
 * its caller asks for more, up to ten times as many.
 */
export const SLICE_STEPS = 12;
const MAX_SLICE_STEPS = 10 * SLICE_STEPS;

/**
 * Until when a source may be read: its log-time clock, or the wall clock less its lag.
 * Commit order is not time order, so a document becomes visible a little after its ingest time; the lag covers that.
 */
export function completeUntil(
  source: { clock_mode: 'wall' | 'log'; clock_at: number | null; read_lag_seconds: number },
  wall_now: number,
): number {
  return source.clock_mode === 'log' ? (source.clock_at ?? 0) : wall_now - source.read_lag_seconds * 1000;
}

/**
 * The next half-open slice of a source, or null when none is due. Both ends lie on the grid of `slice_seconds`.
 * @param first_ingested_at first document at or after the cursor, or null when there is none: an empty span is one slice
 * @param span_ms length that the caller asks for; it gets the nearest that is allowed
 */
export function nextSlice(
  source: SliceSource,
  first_ingested_at: number | null,
  span_ms = 0,
): SliceInterval | null {
  const step = source.slice_seconds * 1000;
  const due_end = Math.floor(source.complete_until / step) * step;
  const start =
    source.cursor_at ?? (first_ingested_at === null ? due_end : Math.floor(first_ingested_at / step) * step);
  if (start >= due_end) return null;
  const first_filled = first_ingested_at === null ? due_end : Math.floor(first_ingested_at / step) * step;
  const steps = Math.min(MAX_SLICE_STEPS, Math.max(SLICE_STEPS, Math.floor(span_ms / step)));
  const end = Math.max(first_filled, start + steps * step);
  return { slice_start: start, slice_end: Math.min(due_end, end) };
}
