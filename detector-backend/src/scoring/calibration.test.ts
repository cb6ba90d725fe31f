import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, negativeLog } from '../models/ensemble.ts';
import { createCalibration, learnCalibration, type Calibration } from './calibration.ts';

/** Uniform numbers in (0, 1) from a fixed seed. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
}
const exponential = (scale: number) => (next: () => number) => -scale * Math.log(next());
const erlang = (next: () => number) => -1.5 * Math.log(next() * next());

function calibrate(minutes: number, draw: (next: () => number) => number, contamination = 0): Calibration {
  const calibration = createCalibration();
  const next = uniform(7);
  for (let minute = 0; minute < minutes; minute++) {
    const margin = next() < contamination ? 40 + 20 * next() : draw(next);
    learnCalibration(
      calibration,
      [{ margins: [margin / 2, 0, 0, margin / 3] }, { margins: [margin, 0, 0, margin] }],
      1,
    );
  }
  return calibration;
}
const p = (calibration: Calibration, margin: number, head = 3) =>
  Math.exp(-negativeLog(margin, calibration.row, head));

describe('learnCalibration', () => {
  it.each([
    ['exponential', exponential(3), 0, 1 / 3],
    ['erlang', erlang, 0, 1 / 3],
    // Incidents that nobody marked make it more careful, never less.
    ['exponential, 2 % contaminated,', exponential(3), 0.02, 1 / 10],
    ['exponential, 4 % contaminated,', exponential(3), 0.04, 0],
  ])('keeps its promise: %s minutes exceed p as often as it says', (_, draw, contamination, least) => {
    const calibration = calibrate(2500, draw, contamination);
    const next = uniform(99);
    const fresh = Array.from({ length: 400_000 }, () => p(calibration, draw(next)));
    for (const promised of [0.1, 1e-2, 1e-3]) {
      const observed = fresh.filter((probability) => probability <= promised).length / fresh.length;
      expect(observed / promised).toBeGreaterThanOrEqual(least);
      expect(observed / promised).toBeLessThan(3);
    }
  });

  it('never promises a tail below 1 / (n + 1) before 200 minutes', () => {
    expect(p(createCalibration(), 1e6)).toBe(1);
    expect(p(calibrate(50, exponential(1)), 1e6)).toBeCloseTo(1 / 51, 3);
    expect(p(calibrate(199, exponential(1)), 1e6)).toBeCloseTo(1 / 200, 3);
    expect(p(calibrate(210, exponential(1)), 60)).toBeLessThan(1e-8);
  });

  it('takes the maximum of a minute, and learns nothing with weight 0', () => {
    const calibration = calibrate(300, exponential(2));
    const before = JSON.stringify(calibration);
    learnCalibration(calibration, [{ margins: [50, 50, 50, 50] }], 0);
    learnCalibration(calibration, [], 1);
    expect(JSON.stringify(calibration)).toBe(before);
    expect(p(calibration, 6, 0)).toBeCloseTo(p(calibration, 6, 3), 5);
  });

  it('stays small and is the same after a JSON round trip', () => {
    let stored = createCalibration();
    const straight = createCalibration();
    const next = uniform(3);
    for (let minute = 0; minute < 500; minute++) {
      const margins = [next() * 9, next() * 70, next(), next() * 90];
      learnCalibration(straight, [{ margins }], 1);
      stored = JSON.parse(JSON.stringify(stored)) as Calibration;
      learnCalibration(stored, [{ margins }], 1);
    }
    expect(stored).toEqual(straight);
    expect(JSON.stringify(stored).length).toBeLessThan(10_000);
  });

  it('gives finite, monotone scores in 0..100 whatever it learned', () => {
    const margin = fc.double({ min: 0, max: 1e6, noNaN: true });
    const feature = fc.double({ min: 0, max: 60, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(margin, margin, margin, margin), { maxLength: 40 }),
        fc.array(feature, { minLength: 12, maxLength: 12 }),
        fc.nat(11),
        (minutes, features, raised) => {
          const calibration = createCalibration();
          for (const margins of minutes) learnCalibration(calibration, [{ margins }], 1);
          const scoreOf = (values: number[]) =>
            judge({ features: values, hashed_counts: [], calibration: calibration.row }, null).score;
          const score = scoreOf(features);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(100);
          expect(scoreOf(features.with(raised, 60))).toBeGreaterThanOrEqual(score);
        },
      ),
      { numRuns: 100 },
    );
  });
});
