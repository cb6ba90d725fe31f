import { IGNORED_TEMPLATE_ID } from '../templates/template-edits.ts';
import type { TemplateHit } from '../templates/template-schema.ts';
import { TILE_MS, tileStart, type Counts } from './tile.ts';

/** Tiles of one slice: service id → tile start (epoch ms) → counts. */
export type TileMap = Map<string, Map<number, Counts>>;

export const emptyCounts = (seconds: number): Counts => ({
  lines: 0,
  second_counts: new Array<number>(seconds).fill(0),
  templates: new Map(),
});

/** Adds hits to the tiles of their service and event time. */
export function addHits(tiles: TileMap, hits: readonly TemplateHit[]): void {
  for (const hit of hits) {
    const start = tileStart(hit.timestamp);
    let of_service = tiles.get(hit.service_id);
    if (!of_service) tiles.set(hit.service_id, (of_service = new Map()));
    let tile = of_service.get(start);
    if (!tile) of_service.set(start, (tile = emptyCounts(TILE_MS / 1000)));
    addHit(tile, hit, start);
  }
}

function addHit(tile: Counts, hit: TemplateHit, start: number): void {
  tile.lines += 1;
  const second = Math.floor((hit.timestamp - start) / 1000);
  tile.second_counts[second] = (tile.second_counts[second] ?? 0) + 1;
  // A line, but of no template: it can not be rare, new or an error.
  if (hit.template_id === IGNORED_TEMPLATE_ID) return;
  let template = tile.templates.get(hit.template_id);
  if (!template) {
    template = { count: 0, first_at: hit.timestamp, severity_rank: 0, value_count: 0, value_logsum: 0 };
    tile.templates.set(hit.template_id, template);
  }
  template.count += 1;
  template.first_at = Math.min(template.first_at, hit.timestamp);
  template.severity_rank = Math.max(template.severity_rank, hit.severity_rank);
  if (hit.duration_ms !== null && hit.duration_ms > 0) {
    template.value_count += 1;
    // Multiples of 2^-10 add up without rounding, so the sum does not depend on how lines were cut into slices.
    template.value_logsum += Math.round(Math.log(hit.duration_ms) * 1024) / 1024;
  }
}

/** Adds the counts of one tile to a window whose first second is `window_start`. */
export function addCounts(window: Counts, window_start: number, tile: Counts, tile_start: number): void {
  window.lines += tile.lines;
  const offset = (tile_start - window_start) / 1000;
  tile.second_counts.forEach((count, second) => {
    window.second_counts[offset + second] = (window.second_counts[offset + second] ?? 0) + count;
  });
  for (const [id, from] of tile.templates) {
    const into = window.templates.get(id);
    if (!into) {
      window.templates.set(id, { ...from });
      continue;
    }
    into.count += from.count;
    into.first_at = Math.min(into.first_at, from.first_at);
    into.severity_rank = Math.max(into.severity_rank, from.severity_rank);
    into.value_count += from.value_count;
    into.value_logsum += from.value_logsum;
  }
}

/** The window [window_start, window_end) made of the tiles of one service. */
export function windowCounts(
  tiles: ReadonlyMap<number, Counts> | undefined,
  window_start: number,
  window_end: number,
): Counts {
  const window = emptyCounts((window_end - window_start) / 1000);
  if (!tiles) return window;
  for (let start = window_start; start < window_end; start += TILE_MS) {
    const tile = tiles.get(start);
    if (tile) addCounts(window, window_start, tile, start);
  }
  return window;
}

/** Tiles that ended by `time`. The tile that `time` lies in is not among them: slices may start in the middle of one. */
export function tilesBefore(tiles: TileMap, time: number): TileMap {
  const before: TileMap = new Map();
  for (const [service_id, of_service] of tiles) {
    const late = [...of_service].filter(([start]) => start + TILE_MS <= time);
    if (late.length > 0) before.set(service_id, new Map(late));
  }
  return before;
}
