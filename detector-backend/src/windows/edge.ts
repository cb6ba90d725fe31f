import { TILE_MS, WINDOW_MS } from './tile.ts';

/** A service without a line for this long makes no windows until its next line. */
export const DORMANT_AFTER_MS = 30 * 60_000;

/** How far one service is judged and may be judged. Times in epoch ms. */
export interface ServiceClock {
  service_id: string;
  /** Lowest cursor over the service's readable sources: every line with an earlier ingest time is counted. */
  clock_at: number;
  allowed_lateness_ms: number;
  judged_until: number;
}

/** The last tile edge that is final for a service: late lines had `allowed_lateness_ms` to arrive. */
export const finalEdge = (clock: ServiceClock): number =>
  Math.floor((clock.clock_at - clock.allowed_lateness_ms) / TILE_MS) * TILE_MS;

export const isMinuteEdge = (edge: number): boolean => edge % WINDOW_MS === 0;
export const nextMinuteEdge = (edge: number): number => Math.floor(edge / WINDOW_MS) * WINDOW_MS + WINDOW_MS;

/** Tile edges after `from` up to the next full minute, at most `until`. They share one baseline: it learns at full minutes only. */
export function edgesOfMinute(from: number, until: number): number[] {
  const end = Math.min(nextMinuteEdge(from), until);
  const edges: number[] = [];
  for (let edge = from + TILE_MS; edge <= end; edge += TILE_MS) edges.push(edge);
  return edges;
}
