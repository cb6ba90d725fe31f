import { describe, expect, it } from 'vitest';
import { FEATURE_COUNT, FEATURE_NAMES, HASHED_COUNT } from '../windows/window-schema.ts';
import type { Detector } from './detector.ts';
import { uncalibratedRow, type DetectorRow } from './ensemble.ts';

/** A row of zeros with some features set. */
export const rowWith = (
  features: Partial<Record<(typeof FEATURE_NAMES)[number], number>> = {},
): DetectorRow => ({
  features: FEATURE_NAMES.map((name) => features[name] ?? 0),
  hashed_counts: new Array<number>(HASHED_COUNT).fill(0),
  calibration: uncalibratedRow(),
});

/** What every detector must do; `open` is called once, before the checks run. */
export function checkDetector(name: string, open: () => Promise<Detector>): void {
  describe(`detector: ${name}`, () => {
    const scoresOf = async (rows: DetectorRow[]) =>
      (await (await open()).detect(rows)).map(({ score }) => score);

    it('names the features that it expects', async () => {
      expect((await open()).feature_names).toEqual([...FEATURE_NAMES]);
    });

    it('answers no rows with no results, and more rows than a batch in their order', async () => {
      const detector = await open();
      expect(await detector.detect([])).toEqual([]);
      const rows = Array.from({ length: 700 }, (_, index) => rowWith({ error_surprisal: (index % 70) / 4 }));
      const results = await detector.detect(rows);
      const single = await detector.detect([rows[69] ?? rowWith()]);
      expect(results).toHaveLength(700);
      for (const at of [69, 69 + 70, 69 + 630])
        expect(results[at]?.score).toBeCloseTo(single[0]?.score ?? NaN, 2);
    });

    it('scores a quiet window near 0 and a loud one at 100', async () => {
      const [quiet = NaN, loud] = await scoresOf([
        rowWith(),
        rowWith({ error_surprisal: 60, volume_high: 60, rarity_sum: 60 }),
      ]);
      expect(quiet).toBeLessThan(10);
      expect(loud).toBe(100);
    });

    it.each(FEATURE_NAMES.map((feature) => [feature]))(
      'never scores lower when the additive part of %s grows',
      async (feature) => {
        const [low = NaN, high = NaN] = await scoresOf([
          rowWith({ [feature]: 2 }),
          rowWith({ [feature]: 40 }),
        ]);
        expect(high).toBeGreaterThan(low);
      },
    );

    it('gives finite numbers in their ranges for any input, and leaves it untouched', async () => {
      const rows = [NaN, Infinity, -Infinity, -5, 1e300, 3e-320].map((value) => ({
        features: new Array<number>(FEATURE_COUNT).fill(value),
        hashed_counts: new Array<number>(HASHED_COUNT).fill(value),
        calibration: uncalibratedRow(),
      }));
      const before = structuredClone(rows);
      for (const { score, head_p, margins } of await (await open()).detect(rows)) {
        expect(score >= 0 && score <= 100).toBe(true);
        expect(head_p.every((p) => p >= 0 && p <= 1)).toBe(true);
        expect([...head_p, ...margins].every(Number.isFinite)).toBe(true);
      }
      expect(rows).toEqual(before);
    });

    it('promises no less than the cap of the calibration', async () => {
      const capped = { ...rowWith({ error_surprisal: 60 }), calibration: uncalibratedRow(Math.log(100)) };
      expect((await scoresOf([capped]))[0]).toBeCloseTo(25, 2);
    });
  });
}
