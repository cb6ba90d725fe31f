import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBaseline, learnMinute, type Baseline } from './baseline.ts';
import { featureVector } from './feature-vector.ts';
import type { TemplateCount } from './tile.ts';
import { FEATURE_NAMES, type FeatureName, type WindowInput } from './window-schema.ts';
import { learnedBaseline, usualMinute, windowOf } from './window-fixture.ts';

const WARM = 300;
const warm = learnedBaseline(WARM);
const value = (name: FeatureName, input: WindowInput, baseline: Baseline = warm): number =>
  featureVector(input, baseline).features[FEATURE_NAMES.indexOf(name)] ?? NaN;
const usual = { 1: { count: 100 }, 2: { count: 40 }, 3: { count: 10 } };
const error = (count: number): Partial<TemplateCount> => ({ count, severity_rank: 5 });

const anyWindow = fc
  .dictionary(
    fc.integer({ min: 1, max: 2 ** 52 }).map(String),
    fc.record({
      count: fc.integer({ min: 1, max: 1e6 }),
      severity_rank: fc.integer({ min: 0, max: 6 }),
      value_count: fc.integer({ min: 0, max: 1000 }),
      value_logsum: fc.double({ min: -1e4, max: 1e6, noNaN: true }),
    }),
    { maxKeys: 30 },
  )
  .chain((templates) =>
    fc
      .tuple(fc.integer({ min: 0, max: 1e5 }), fc.boolean())
      .map(([minute, blind]) => windowOf(minute, templates, blind)),
  );

describe('featureVector', () => {
  it('says nothing about a usual minute', () => {
    const { features, expected_lines } = featureVector(usualMinute(WARM), warm);
    expect(Math.max(...features)).toBeLessThan(2);
    expect(expected_lines).toBeGreaterThan(140);
    expect(expected_lines).toBeLessThan(160);
  });

  it.each<[FeatureName, WindowInput]>([
    ['volume_high', windowOf(WARM, { 1: { count: 300 }, 2: { count: 120 }, 3: { count: 30 } })],
    ['volume_low', windowOf(WARM, { 1: { count: 10 } })],
    ['expected_absent', windowOf(WARM, {})],
    ['error_surprisal', windowOf(WARM, { ...usual, 9: error(20) })],
    ['warn_surprisal', windowOf(WARM, { ...usual, 9: { count: 20, severity_rank: 4 } })],
    ['new_templates', windowOf(WARM, { ...usual, 9: {} })],
    ['rarity_max', windowOf(WARM, { ...usual, 9: {} })],
    ['mix_divergence', windowOf(WARM, { 1: { count: 30 }, 2: { count: 110 }, 3: { count: 10 } })],
    [
      'latency_shift',
      windowOf(WARM, { ...usual, 2: { count: 40, value_count: 40, value_logsum: 40 * Math.log(150) } }),
    ],
  ])('notices %s', (name, input) => {
    expect(value(name, input)).toBeGreaterThan(3);
  });

  it('names the templates behind a feature, with the exact time of their first line', () => {
    const input = windowOf(WARM, { ...usual, 9: { ...error(4), first_at: 1_234_567 } });
    expect(featureVector(input, warm).evidence[0]).toMatchObject({
      template_id: 9,
      count: 4,
      expected: 0,
      first_at: 1_234_567,
    });
  });

  it('is quiet while it knows little', () => {
    const young = learnedBaseline(3);
    expect(value('error_surprisal', windowOf(3, { ...usual, 9: error(1) }), young)).toBeLessThan(3);
    expect(featureVector(usualMinute(0), createBaseline()).features).toEqual(new Array(12).fill(0));
  });

  it('says nothing about volume while a source can not be read', () => {
    const { features } = featureVector(windowOf(WARM, {}, true), warm);
    expect(features).toEqual(new Array(12).fill(0));
  });

  it('grows with the number of error lines', () => {
    const surprises = [1, 2, 5, 20, 100, 1000].map((count) =>
      value('error_surprisal', windowOf(WARM, { ...usual, 9: error(count) })),
    );
    expect(surprises).toEqual([...surprises].sort((a, b) => a - b));
  });

  it('is finite and not negative for any input, and the same after a JSON round trip of the baseline', () => {
    fc.assert(
      fc.property(
        fc.array(anyWindow, { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (windows, weight) => {
          const baseline = createBaseline();
          for (const input of windows) {
            const copy = JSON.parse(JSON.stringify(baseline)) as Baseline;
            const vector = featureVector(input, baseline);
            expect(featureVector(input, copy)).toEqual(vector);
            for (const number of [...vector.features, ...vector.hashed_counts, vector.expected_lines]) {
              expect(Number.isFinite(number) && number >= 0).toBe(true);
            }
            expect(vector.evidence.length).toBeLessThanOrEqual(20);
            learnMinute(baseline, input, vector, weight);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
