import { severityRank, type SliceTally } from '../logstore/log-store.ts';
import { IGNORED_TEMPLATE_ID } from '../templates/template-edits.ts';
import type { TemplateHit } from '../templates/template-schema.ts';
import { addHits, type TileMap } from './tile-map.ts';
import { TILE_MS, tileStart } from './tile.ts';

/**
 * Adds a slice of which only a sample was mined: the exact counts of `tallies` (buckets of one tile), shared out among the
 * sampled hits of the same service, tile and severity; of the same service and tile where the documents name no severity.
 * Every tile gets exactly as many lines as were counted. Lines of which none was sampled are lines of no template, spread
 * evenly over the tile; hits that belong to no count came after it, and are left for the re-count.
 */
export function addSampledHits(
  tiles: TileMap,
  hits: readonly TemplateHit[],
  tallies: readonly SliceTally[],
): void {
  const strata = new Map<string, Stratum>();
  // A tile with lines that name no severity is shared out as a whole.
  const whole = new Set<string>();
  for (const { service_id, bucket_start, severity } of tallies) {
    if (severity === null) whole.add(`${service_id} ${bucket_start}`);
  }
  const keyOf = (service_id: string, start: number, severity_rank: number) => {
    const tile = `${service_id} ${start}`;
    return whole.has(tile) ? tile : `${tile} ${severity_rank}`;
  };
  for (const { service_id, bucket_start, severity, count } of tallies) {
    const key = keyOf(service_id, bucket_start, severity === null ? 0 : severityRank(severity));
    const stratum = strata.get(key) ?? { service_id, tile_start: bucket_start, count: 0, hits: [] };
    strata.set(key, { ...stratum, count: stratum.count + count });
  }
  for (const hit of hits) {
    strata.get(keyOf(hit.service_id, tileStart(hit.timestamp), hit.severity_rank))?.hits.push(hit);
  }
  for (const stratum of strata.values()) addStratum(tiles, stratum);
}

interface Stratum {
  service_id: string;
  tile_start: number;
  /** Exact number of lines. */
  count: number;
  hits: TemplateHit[];
}

function addStratum(tiles: TileMap, { service_id, tile_start, count, hits }: Stratum): void {
  if (hits.length === 0) {
    const line = { service_id, template_id: IGNORED_TEMPLATE_ID, severity_rank: 0, duration_ms: null };
    for (let i = 0; i < count; i++) {
      addHits(tiles, [{ ...line, timestamp: tile_start + Math.floor((i * TILE_MS) / count) }]);
    }
    return;
  }
  hits.forEach((hit, index) => {
    const weight =
      Math.floor(((index + 1) * count) / hits.length) - Math.floor((index * count) / hits.length);
    addHits(tiles, new Array<TemplateHit>(weight).fill(hit));
  });
}
