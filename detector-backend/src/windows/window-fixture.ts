import { createBaseline, learnMinute, type Baseline } from './baseline.ts';
import { featureVector } from './feature-vector.ts';
import type { TemplateCount } from './tile.ts';
import type { WindowInput } from './window-schema.ts';

export const NOON = Date.UTC(2026, 0, 5, 12);
const MINUTE = 60_000;

/** For tests: a window of `minute` (from noon on) with these lines by template. */
export function windowOf(
  minute: number,
  templates: Record<number, Partial<TemplateCount>>,
  is_blind = false,
): WindowInput {
  const window_start = NOON + minute * MINUTE;
  const counts = new Map(
    Object.entries(templates).map(([id, given]) => [
      Number(id),
      {
        count: 1,
        first_at: window_start + 1000,
        severity_rank: 3,
        value_count: 0,
        value_logsum: 0,
        ...given,
      },
    ]),
  );
  const lines = [...counts.values()].reduce((sum, { count }) => sum + count, 0);
  const second_counts = Array.from({ length: 60 }, (_, second) => Math.floor((lines + second) / 60));
  return {
    service_id: 'checkout',
    window_start,
    window_end: window_start + MINUTE,
    counts: { lines, second_counts, templates: counts },
    is_blind,
  };
}

/** A steady minute: three templates, one with durations, slightly varying. */
export const usualMinute = (minute: number): WindowInput => {
  const swing = [0, 3, -2, 5, -4, 1][minute % 6] ?? 0;
  const mean = Math.log(50) + swing / 100;
  return windowOf(minute, {
    1: { count: 100 + swing },
    2: { count: 40 - swing, value_count: 40, value_logsum: 40 * mean },
    3: { count: 10 },
  });
};

/** A baseline after `minutes` steady minutes. */
export function learnedBaseline(minutes: number): Baseline {
  const baseline = createBaseline();
  for (let minute = 0; minute < minutes; minute++) {
    const input = usualMinute(minute);
    learnMinute(baseline, input, featureVector(input, baseline), 1);
  }
  return baseline;
}
