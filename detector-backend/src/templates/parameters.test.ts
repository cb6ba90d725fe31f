import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureOf, patternParts, valuesOf } from './parameter-value.ts';
import {
  createLearner,
  joinParameters,
  learnLine,
  MAX_VALUES,
  parameterView,
  type Parameters,
} from './parameters.ts';
import { ACCURACY, addValue, createSketch, joinSketches, MAX_BINS, quantile } from './quantile-sketch.ts';

const sketchOf = (values: number[]) => {
  const sketch = createSketch();
  for (const value of values) addValue(sketch, value);
  return sketch;
};
const size = fc.double({ min: 0.01, max: 90, noNaN: true });
const number = fc.oneof(
  size,
  size.map((value) => -value),
  fc.constant(0),
);
const numbers = fc.array(number, { minLength: 1, maxLength: 200 });

describe('quantile sketch', () => {
  it('is within its accuracy', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const exact = values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] as number;
        const found = quantile(sketchOf(values), q) as number;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) * ACCURACY * 1.01);
      }),
    );
  });
  it('is the same however values were split', () => {
    fc.assert(
      fc.property(numbers, fc.nat(200), (values, cut) => {
        const joined = joinSketches(sketchOf(values.slice(0, cut)), sketchOf(values.slice(cut)));
        expect(joined).toEqual(sketchOf(values));
      }),
    );
  });
  it('tells negative numbers apart', () => {
    const sketch = sketchOf(Array.from({ length: 51 }, (_, i) => -90 + i));
    expect(quantile(sketch, 0)).toBeCloseTo(-90, -1);
    expect(quantile(sketch, 0.5)! / -65).toBeCloseTo(1, 1);
    expect(quantile(sketch, 0.99)! / -40).toBeCloseTo(1, 1);
    expect([0, 0.5, 1].map((q) => quantile(sketchOf([-5, 0, 3]), q))).toEqual([
      expect.closeTo(-5, 0),
      0,
      expect.closeTo(3, 0),
    ]);
  });
  it('takes negative numbers of a sketch that only counted them for 0', () => {
    const old = { count: 3, min: -5, max: 3, not_positive: 2, bins: sketchOf([3]).bins };
    expect(quantile(joinSketches(old, sketchOf([7])), 0)).toBe(0);
  });
  it('is bounded, and keeps high quantiles of any numbers', () => {
    const values = Array.from({ length: 3000 }, (_, i) => 1.05 ** (i % 1000));
    const sketch = sketchOf(values);
    expect(sketch.bins.length).toBeLessThanOrEqual(MAX_BINS);
    expect(quantile(sketch, 0.99)! / 1.05 ** 989).toBeCloseTo(1, 1);
    const negative = sketchOf(values.map((value) => -value));
    expect(negative.negative_bins?.length).toBeLessThanOrEqual(MAX_BINS);
    expect(quantile(negative, 0.01)! / -(1.05 ** 989)).toBeCloseTo(1, 1);
    expect(quantile(createSketch(), 0.5)).toBeNull();
  });
});

describe('values of a line', () => {
  it('are what stands at the placeholders', () => {
    const parts = patternParts('order <NUM> of <*> paid in <NUM>');
    expect(parts).toEqual({ literals: ['order ', ' of ', ' paid in ', ''], kinds: ['NUM', '*', 'NUM'] });
    expect(valuesOf(parts, 'order  17 of\tann lee paid in 12ms')?.map(({ text }) => text)).toEqual([
      '17',
      'ann lee',
      '12ms',
    ]);
    expect(valuesOf(parts, 'cart 17 of x')).toBeNull();
    expect(patternParts('a <b> < <NUM').kinds).toEqual([]);
  });
  it('have their unit in them, behind them, or in their key', () => {
    const measures = (pattern: string, line: string) => valuesOf(patternParts(pattern), line)?.map(measureOf);
    expect(measures('took <NUM>', 'took 1.5s')).toEqual([{ value: 1500, unit: 'ms' }]);
    expect(measures('read <NUM> KB of <NUM>', 'read 2 KB of 3MB')).toEqual([
      { value: 2048, unit: 'bytes' },
      { value: 3 * 1024 ** 2, unit: 'bytes' },
    ]);
    expect(measures('read <NUM> <UNIT>', 'read 2 MB')?.[0]).toEqual({ value: 2 * 1024 ** 2, unit: 'bytes' });
    expect(measures('elapsed_ms=<NUM> load <NUM>%', 'elapsed_ms=7 load 30%')).toEqual([
      { value: 7, unit: 'ms' },
      { value: 30, unit: '%' },
    ]);
    expect(measures('x <*>', 'x 12:30')).toEqual([null]);
  });
  it('cost time by length only, whatever the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (pattern, line) => {
        const learner = createLearner(`${pattern}<NUM> <*>`);
        learnLine(learner, line);
        expect(JSON.stringify(learner.parameters)).toBeTypeOf('string');
      }),
    );
  });
});

describe('parameters', () => {
  const learned = (lines: string[], pattern = 'paid <NUM> by <*>'): Parameters => {
    const learner = createLearner(pattern);
    for (const line of lines) learnLine(learner, line);
    return JSON.parse(JSON.stringify(learner.parameters)) as Parameters;
  };
  it('are ranges of numbers, and values where they are few', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `paid ${i + 1}ms by ${i % 2 ? 'card' : 'bank'}`);
    const [amount, by] = learned(lines).positions.map(parameterView);
    expect(amount).toMatchObject({
      is_high_cardinality: true,
      values: [],
      numbers: { unit: 'ms', min: 1, max: 100 },
    });
    expect(amount?.numbers?.p95).toBeCloseTo(95, -1);
    expect(by).toMatchObject({
      values: ['bank', 'card'],
      lines: 100,
      numbers: null,
      is_high_cardinality: false,
    });
  });
  it('are the same however lines were cut, and begin anew with another pattern', () => {
    const lines = Array.from({ length: 2 * MAX_VALUES }, (_, i) => `paid ${i % 7}ms by user${i}`);
    const whole = learned(lines);
    expect(joinParameters(learned(lines.slice(0, 9)), learned(lines.slice(9)))).toEqual(whole);
    expect(joinParameters(null, whole)).toBe(whole);
    const other = learned(['paid 1 by x in y'], 'paid <NUM> by <*> in <*>');
    expect(joinParameters(whole, other)).toBe(other);
  });
});
