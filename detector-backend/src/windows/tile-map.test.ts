import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TemplateHit } from '../templates/template-schema.ts';
import { addHits, windowCounts, type TileMap } from './tile-map.ts';
import { addCounts, tilesBefore } from './tile-map.ts';
import { TILE_MS, WINDOW_MS } from './tile.ts';

const hits = fc.array(
  fc.record<TemplateHit>({
    service_id: fc.constantFrom('a', 'b'),
    timestamp: fc.integer({ min: 0, max: WINDOW_MS - 1 }),
    template_id: fc.integer({ min: 1, max: 4 }),
    severity_rank: fc.integer({ min: 0, max: 6 }),
    duration_ms: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
  }),
  { maxLength: 60 },
);

const tilesOf = (...parts: TemplateHit[][]): TileMap[] =>
  parts.map((part) => {
    const tiles: TileMap = new Map();
    addHits(tiles, part);
    return tiles;
  });

const sorted = (counts: ReturnType<typeof windowCounts>) => ({
  ...counts,
  templates: [...counts.templates].sort(([a], [b]) => a - b),
});

test('a window is the same, to the bit, however its lines were cut into slices', () => {
  fc.assert(
    fc.property(hits, fc.integer({ min: 0, max: 60 }), (all, cut) => {
      const [whole, first, second] = tilesOf(all, all.slice(0, cut), all.slice(cut)) as [
        TileMap,
        TileMap,
        TileMap,
      ];
      for (const [service_id, tiles] of second) {
        for (const [start, counts] of tiles) {
          const into = first.get(service_id)?.get(start);
          if (into) addCounts(into, start, counts, start);
          else first.set(service_id, (first.get(service_id) ?? new Map()).set(start, counts));
        }
      }
      for (const service_id of ['a', 'b']) {
        expect(sorted(windowCounts(first.get(service_id), 0, WINDOW_MS))).toEqual(
          sorted(windowCounts(whole.get(service_id), 0, WINDOW_MS)),
        );
      }
    }),
  );
});

test('every hit is counted once, in its second and its template', () => {
  fc.assert(
    fc.property(hits, (all) => {
      const [tiles] = tilesOf(all) as [TileMap];
      const own = all.filter((hit) => hit.service_id === 'a');
      const window = windowCounts(tiles.get('a'), 0, WINDOW_MS);
      expect(window.lines).toBe(own.length);
      expect(window.second_counts.reduce((sum, count) => sum + count, 0)).toBe(own.length);
      expect([...window.templates.values()].reduce((sum, template) => sum + template.count, 0)).toBe(
        own.length,
      );
      expect(window.second_counts).toHaveLength(WINDOW_MS / 1000);
    }),
  );
});

test('a tile is half-open', () => {
  const [tiles] = tilesOf([
    { service_id: 'a', timestamp: TILE_MS - 1, template_id: 1, severity_rank: 0, duration_ms: null },
    { service_id: 'a', timestamp: TILE_MS, template_id: 1, severity_rank: 0, duration_ms: null },
  ]) as [TileMap];
  expect([...(tiles.get('a')?.keys() ?? [])]).toEqual([0, TILE_MS]);
  expect(windowCounts(tiles.get('a'), 0, TILE_MS).lines).toBe(1);
});

test('tilesBefore leaves out the tile that a slice starts in', () => {
  const [tiles] = tilesOf([
    { service_id: 'a', timestamp: 5_000, template_id: 1, severity_rank: 0, duration_ms: null },
    { service_id: 'a', timestamp: 15_000, template_id: 1, severity_rank: 0, duration_ms: null },
  ]) as [TileMap];
  expect([...(tilesBefore(tiles, 15_000).get('a')?.keys() ?? [])]).toEqual([0]);
  expect(tilesBefore(tiles, 9_999).size).toBe(0);
});

test('lines of ignored templates are lines of no template', () => {
  const hit = { service_id: 'a', timestamp: 5, severity_rank: 5, duration_ms: 7 };
  const tiles: TileMap = new Map();
  addHits(tiles, [
    { ...hit, template_id: 0 },
    { ...hit, template_id: 3 },
  ]);
  const counts = windowCounts(tiles.get('a'), 0, WINDOW_MS);
  expect(counts.lines).toBe(2);
  expect(counts.second_counts[0]).toBe(2);
  expect([...counts.templates.keys()]).toEqual([3]);
});
