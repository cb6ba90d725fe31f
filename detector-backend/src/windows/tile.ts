/** Length of a tile in ms: the grid on which windows slide. */
export const TILE_MS = 10_000;
/** Length of the default window in ms. */
export const WINDOW_MS = 60_000;

/** What one template did in a tile or a window. `first_at` is epoch ms. */
export interface TemplateCount {
  count: number;
  first_at: number;
  severity_rank: number;
  value_count: number;
  value_logsum: number;
}

/** Counts of a half-open interval of event time of one service: a tile, or the six tiles of a window added up. */
export interface Counts {
  lines: number;
  /** Lines per second of the interval, oldest first (10 of a tile, 60 of a window). */
  second_counts: number[];
  templates: Map<number, TemplateCount>;
}

export const tileStart = (timestamp: number): number => Math.floor(timestamp / TILE_MS) * TILE_MS;
