import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEVERITIES, severityRank, type Severity, type SliceTally } from '../logstore/log-store.ts';
import type { TemplateHit } from '../templates/template-schema.ts';
import { addSampledHits } from './sampled-tiles.ts';
import { addHits, type TileMap } from './tile-map.ts';
import { TILE_MS, tileStart } from './tile.ts';

const line = fc.record({
  service_id: fc.constantFrom('a', 'b'),
  timestamp: fc.integer({ min: 0, max: 3 * TILE_MS - 1 }),
  severity: fc.constantFrom<Severity>('info', 'error'),
  template_id: fc.integer({ min: 1, max: 4 }),
});
type Line = typeof line extends fc.Arbitrary<infer T> ? T : never;

const hitOf = ({ severity, ...rest }: Line): TemplateHit => ({
  ...rest,
  severity_rank: severityRank(severity),
  duration_ms: null,
});

function tally(lines: Line[], severityOf: (line: Line) => Severity | null): SliceTally[] {
  const counts = new Map<string, SliceTally>();
  for (const one of lines) {
    const severity = severityOf(one);
    const bucket_start = tileStart(one.timestamp);
    const key = `${one.service_id} ${bucket_start} ${severity}`;
    const known = counts.get(key) ?? { service_id: one.service_id, bucket_start, severity, count: 0 };
    counts.set(key, { ...known, count: known.count + 1 });
  }
  return [...counts.values()];
}

const linesBySeverity = (tiles: TileMap) =>
  [...tiles].flatMap(([service_id, of_service]) =>
    [...of_service].map(([start, { lines, second_counts }]) => ({
      tile: `${service_id} ${start}`,
      lines,
      in_seconds: second_counts.reduce((sum, count) => sum + count, 0),
    })),
  );

test('every tile gets exactly the lines that were counted, whatever was sampled', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (lines, sample_of) => {
      const tiles: TileMap = new Map();
      const sample = lines.filter((_, index) => index % sample_of === 0).map(hitOf);
      addSampledHits(
        tiles,
        sample,
        tally(lines, ({ severity }) => severity),
      );
      const exact: TileMap = new Map();
      addHits(exact, lines.map(hitOf));
      const byTile = (a: { tile: string }, b: { tile: string }) => a.tile.localeCompare(b.tile);
      expect(linesBySeverity(tiles).sort(byTile)).toEqual(linesBySeverity(exact).sort(byTile));
    }),
  );
});

test('a sample of everything gives the same tiles as no sampling', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 100 }), (lines) => {
      const tiles: TileMap = new Map();
      addSampledHits(
        tiles,
        lines.map(hitOf),
        tally(lines, ({ severity }) => severity),
      );
      const exact: TileMap = new Map();
      addHits(exact, lines.map(hitOf));
      for (const [service_id, of_service] of exact) {
        for (const [start, { lines: count, templates }] of of_service) {
          const tile = tiles.get(service_id)!.get(start)!;
          expect(tile.lines).toBe(count);
          const sorted = (map: typeof templates) => [...map].sort(([a], [b]) => a - b);
          expect(sorted(tile.templates)).toEqual(sorted(templates));
        }
      }
    }),
  );
});

test('errors keep their exact number though one of a hundred lines was sampled', () => {
  const lines: Line[] = Array.from({ length: 10_000 }, (_, i) => ({
    service_id: 'a',
    timestamp: i,
    severity: i % 50 === 0 ? 'error' : 'info',
    template_id: i % 50 === 0 ? 2 : 1,
  }));
  const sample = lines.filter((_, i) => i % 97 === 0).map(hitOf);
  const tiles: TileMap = new Map();
  addSampledHits(
    tiles,
    sample,
    tally(lines, ({ severity }) => severity),
  );
  const { templates } = tiles.get('a')!.get(0)!;
  expect(templates.get(2)).toMatchObject({ count: 200, severity_rank: SEVERITIES.indexOf('error') });
  expect(templates.get(1)).toMatchObject({ count: 9800 });
});

test('where documents name no severity, a tile is shared out as a whole', () => {
  const lines: Line[] = Array.from({ length: 300 }, (_, i) => ({
    service_id: 'a',
    timestamp: i,
    severity: i % 3 === 0 ? 'error' : 'info',
    template_id: (i % 3) + 1,
  }));
  const tiles: TileMap = new Map();
  addSampledHits(
    tiles,
    lines.slice(0, 30).map(hitOf),
    tally(lines, () => null),
  );
  const { lines: total, templates } = tiles.get('a')!.get(0)!;
  expect(total).toBe(300);
  expect([1, 2, 3].map((id) => templates.get(id)?.count)).toEqual([100, 100, 100]);
});
