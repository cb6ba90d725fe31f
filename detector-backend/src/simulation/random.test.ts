import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom, hashOf } from './random.ts';

test('a seed repeats its stream and another seed gives another one', () => {
  const random = createRandom();
  const take = (seed: number): number[] => {
    random.reseed(seed);
    return Array.from({ length: 8 }, () => random.bits());
  };
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      expect(take(a)).toEqual(take(a));
      if ((a | 0) !== (b | 0)) expect(take(a)).not.toEqual(take(b));
    }),
  );
});

test('the hash takes both halves of numbers beyond 32 bits', () => {
  expect(hashOf(1, 2 ** 33)).not.toBe(hashOf(1, 2 ** 34));
  expect(hashOf(1, 2)).not.toBe(hashOf(2, 1));
  expect(hashOf(7, 1767571200, 3)).toBe(hashOf(7, 1767571200, 3));
});

test('normal and Poisson numbers have the moments of their laws', () => {
  const random = createRandom();
  random.reseed(5);
  const meanOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const normals = Array.from({ length: 50_000 }, () => random.normal());
  expect(meanOf(normals)).toBeCloseTo(0, 1);
  expect(meanOf(normals.map((value) => value * value))).toBeCloseTo(1, 1);
  for (const mean of [0, 0.3, 4, 40]) {
    const counts = Array.from({ length: 20_000 }, () => random.poisson(mean));
    const found = meanOf(counts);
    expect(Math.abs(found - mean)).toBeLessThan(0.02 * mean + 0.02);
    expect(Math.abs(meanOf(counts.map((count) => (count - found) ** 2)) - mean)).toBeLessThan(
      0.06 * mean + 0.02,
    );
  }
});
