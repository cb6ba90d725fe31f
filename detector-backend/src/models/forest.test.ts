import { describe, expect, it } from 'vitest';
import { averagePath, FOREST_OPTIONS, forestScore, trainForest } from './forest.ts';
import { testForest, usualRows } from './model-fixture.ts';

describe('isolation forest', () => {
  it('scores what is far out above what is usual', () => {
    const usual = usualRows(50).map((row) => forestScore(testForest, row));
    const far = usualRows(50).map((row) =>
      forestScore(
        testForest,
        row.map((value) => value * 20 + 10),
      ),
    );
    expect(Math.min(...far)).toBeGreaterThan(Math.max(...usual));
    expect(usual.every((score) => score > 0 && score < 0.6)).toBe(true);
  });

  it('is the same for the same rows and seed', () => {
    expect(trainForest(usualRows(300))).toEqual(trainForest(usualRows(300)));
    expect(trainForest(usualRows(300), { ...FOREST_OPTIONS, seed: 1 })).not.toEqual(
      trainForest(usualRows(300)),
    );
  });

  it('holds float32 thresholds only, because the runtime compares in float32', () => {
    for (const tree of testForest.trees)
      tree.feature.forEach(
        (feature, node) => feature >= 0 && expect(tree.value[node]).toBe(Math.fround(tree.value[node]!)),
      );
  });

  it('can be trained on rows that do not differ, but not on one row', () => {
    const same = Array.from({ length: 10 }, () => new Float32Array(3));
    expect(forestScore(trainForest(same), [0, 0, 0])).toBeCloseTo(0.5, 5);
    expect(() => trainForest(same.slice(0, 1))).toThrow(RangeError);
  });

  it('knows the mean path of a search tree (Liu et al., equation 1)', () => {
    expect([0, 1, 2].map(averagePath)).toEqual([0, 0, 1]);
    expect(averagePath(256)).toBeCloseTo(10.244, 2);
  });
});
