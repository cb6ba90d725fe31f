import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeUntil, SLICE_STEPS, nextSlice } from './slice.ts';

const at = (seconds: number) => seconds * 1000;
const source = (cursor: number | null, until: number) => ({
  slice_seconds: 5,
  cursor_at: cursor,
  complete_until: until,
});

describe('nextSlice', () => {
  test('waits until a whole step is complete', () => {
    expect(nextSlice(source(at(100), at(104.9)), at(101))).toBeNull();
    expect(nextSlice(source(at(100), at(105)), at(101))).toEqual({
      slice_start: at(100),
      slice_end: at(105),
    });
  });
  test('starts at the step of the first document', () => {
    expect(nextSlice(source(null, at(1000)), at(903))).toEqual({ slice_start: at(900), slice_end: at(960) });
    expect(nextSlice(source(null, at(1000)), null)).toBeNull();
  });
  test('takes up to a minute when it is behind, and an empty span whole', () => {
    expect(nextSlice(source(at(0), at(1000)), at(3))).toEqual({ slice_start: 0, slice_end: at(60) });
    expect(nextSlice(source(at(0), at(1000)), at(703))).toEqual({ slice_start: 0, slice_end: at(700) });
    expect(nextSlice(source(at(0), at(1000)), null)).toEqual({ slice_start: 0, slice_end: at(1000) });
  });
  test('is as long as its caller asks for where the reader is behind, from one step to ten times as long', () => {
    const behind = { slice_seconds: 5, cursor_at: 0, complete_until: 3_600_000 };
    const endOf = (span_ms: number) => nextSlice(behind, 1_000, span_ms)?.slice_end;
    expect([0, 59_000, 182_000, Infinity].map(endOf)).toEqual([5_000, 55_000, 180_000, 600_000]);
  });

  test('cuts any history into slices that touch, lie on the grid and lose no document', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2_000_000 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        (times, step) => {
          const end = Math.max(...times) + 120_000;
          let cursor: number | null = null;
          const read: number[] = [];
          for (;;) {
            const from: number = cursor ?? 0;
            const first = times.filter((time) => time >= from).sort((a, b) => a - b)[0] ?? null;
            const slice = nextSlice({ slice_seconds: step, cursor_at: cursor, complete_until: end }, first);
            if (!slice) break;
            expect(slice.slice_start).toBe(cursor ?? slice.slice_start);
            expect(slice.slice_start % (step * 1000)).toBe(0);
            expect(slice.slice_end % (step * 1000)).toBe(0);
            const inside = times.filter((time) => time >= slice.slice_start && time < slice.slice_end);
            if (inside.length > 0)
              expect(slice.slice_end - slice.slice_start).toBeLessThanOrEqual(SLICE_STEPS * step * 1000);
            read.push(...inside);
            cursor = slice.slice_end;
          }
          expect(read.sort((a, b) => a - b)).toEqual(times.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});

test('completeUntil is the log-time clock, or the wall clock less the lag', () => {
  expect(completeUntil({ clock_mode: 'log', clock_at: 7, read_lag_seconds: 2 }, 99_000)).toBe(7);
  expect(completeUntil({ clock_mode: 'log', clock_at: null, read_lag_seconds: 2 }, 99_000)).toBe(0);
  expect(completeUntil({ clock_mode: 'wall', clock_at: null, read_lag_seconds: 2 }, 99_000)).toBe(97_000);
});
