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
 * A reader that is behind takes this many grid steps as one slice: fewer transactions, the same tiles. Its caller asks for
 * more where few lines are, up to ten times as many, and for less where there are very many.
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
 * Where the reading of a source starts that was never read (epoch ms): the newest `backfill_hours` come first, since they
 * make its services ready in minutes. Null: at its first line.
 */
export const readFrom = (backfill_hours: number | null, complete_until: number): number =>
  backfill_hours === null ? 0 : Math.max(0, complete_until - backfill_hours * 3_600_000);

/**
 * The next half-open slice of a source, or null when none is due. Both ends lie on the grid of `slice_seconds`.
 * @param first_ingested_at first document at or after the cursor, or null when there is none: an empty span is one slice
 * @param span_ms length that the caller asks for; it gets the nearest that is allowed. Default: {@link SLICE_STEPS}
 */
export function nextSlice(
  source: SliceSource,
  first_ingested_at: number | null,
  span_ms?: number,
): SliceInterval | null {
  const step = source.slice_seconds * 1000;
  const due_end = Math.floor(source.complete_until / step) * step;
  const start =
    source.cursor_at ?? (first_ingested_at === null ? due_end : Math.floor(first_ingested_at / step) * step);
  if (start >= due_end) return null;
  const first_filled = first_ingested_at === null ? due_end : Math.floor(first_ingested_at / step) * step;
  const steps =
    span_ms === undefined ? SLICE_STEPS : Math.min(MAX_SLICE_STEPS, Math.max(1, Math.floor(span_ms / step)));
  const end = Math.max(first_filled, start + steps * step);
  return { slice_start: start, slice_end: Math.min(due_end, end) };
}
