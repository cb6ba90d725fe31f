import { afterAll, describe, expect, it } from 'vitest';
import { FEATURE_NAMES, HASHED_COUNT } from '../windows/window-schema.ts';
import { createPlainDetector, type Detector } from './detector.ts';
import { rowWith } from './detector-checks.ts';
import { createInferenceThread } from './inference-thread.ts';
import { testModel } from './model-fixture.ts';
import { createOnnxDetector } from './onnx-detector.ts';
import { namedValues, shapleyValues, type Comparison } from './shapley.ts';

const thread = createInferenceThread();
afterAll(() => thread.close());
const plain = createPlainDetector(FEATURE_NAMES);

const comparison = (
  features: Parameters<typeof rowWith>[0],
  usual: Parameters<typeof rowWith>[0] = {},
): Comparison => ({
  ...rowWith(features),
  reference_features: rowWith(usual).features,
  reference_hashed_counts: new Array<number>(HASHED_COUNT).fill(0),
});
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const everything = Object.fromEntries(FEATURE_NAMES.map((name, index) => [name, 2 + index / 3]));

describe('shapleyValues', () => {
  it.each<[string, Detector]>([
    ['plain', plain],
    ['ONNX', createOnnxDetector(thread, testModel())],
  ])('add up to the score with the base, to 1e-6: %s detector, 13 players', async (_, detector) => {
    const given = {
      ...comparison(everything, { volume_low: 0.3, latency_shift: 0.6 }),
      hashed_counts: new Array<number>(HASHED_COUNT).fill(3.5),
    };
    const result = await shapleyValues(detector, given);
    const [judged] = await detector.detect([given]);
    expect(Math.abs(sum(result.values) + result.base - result.score)).toBeLessThan(1e-6);
    expect(result.score).toBeCloseTo(judged?.score ?? NaN, 2);
    expect(namedValues(result, given).map(({ feature }) => feature)).toEqual([
      ...FEATURE_NAMES,
      'template_counts',
    ]);
  });

  it('gives each feature its own part where the score is additive', async () => {
    const result = await shapleyValues(plain, comparison({ volume_high: 3, latency_shift: 5 }));
    const part = (nats: number) => (12.5 / Math.LN10) * nats;
    expect(result.values[FEATURE_NAMES.indexOf('volume_high')]).toBeCloseTo(part(2), 2);
    expect(result.values[FEATURE_NAMES.indexOf('latency_shift')]).toBeCloseTo(part(4), 2);
  });

  it('splits evenly between equals, even where the score is cut off at 100', async () => {
    const { values, score } = await shapleyValues(
      plain,
      comparison({ volume_high: 50, volume_low: 50, latency_shift: 50 }),
    );
    expect(score).toBe(100);
    for (const name of ['volume_high', 'volume_low', 'latency_shift'] as const)
      expect(values[FEATURE_NAMES.indexOf(name)]).toBeCloseTo(100 / 3, 6);
  });

  it('gives nothing to a feature that is as usual, and says so for a usual window', async () => {
    const usual = await shapleyValues(plain, comparison({ volume_high: 3 }, { volume_high: 3 }));
    expect(usual.values.every((value) => value === 0)).toBe(true);
    expect(usual.base).toBe(usual.score);
  });
});
