import type { Explanation } from '../../api/types.ts';
import { createShop } from '../../mocks/shop.ts';
import { NOW } from '../../test/api-server.ts';
import { waterfallOf } from './waterfall.ts';

const explanation = (base: number, values: Record<string, number>): Explanation => ({
  anomaly_type: 'error_surge',
  summary: '',
  base,
  score: base + Object.values(values).reduce((sum, value) => sum + value, 0),
  shap_values: Object.entries(values).map(([feature, shap_value]) => ({
    feature,
    shap_value,
    actual: 1,
    expected: 0,
  })),
  lines: { actual: 0, expected: 0 },
  templates: [],
  sample_lines: [],
  lines_before: [],
  unread_sources: [],
  started_at: '2026-03-04T12:00:00Z',
});

describe('waterfallOf', () => {
  it.each(createShop(NOW).anomalies.map((anomaly) => [anomaly.anomaly_type, anomaly.explanation] as const))(
    'adds up for %s: each step begins where the last one ended, and the last ends at the score',
    (_kind, given) => {
      const { base, score, steps } = waterfallOf(given);
      let at = base;
      for (const step of steps) {
        expect(step.start).toBeCloseTo(at, 9);
        at += step.shap_value;
        expect(step.end).toBeCloseTo(at, 9);
      }
      expect(at).toBeCloseTo(score, 6);
    },
  );

  it('puts the strongest first and joins small contributions without losing them', () => {
    const { steps } = waterfallOf(
      explanation(5, {
        rarity_max: 3,
        error_surprisal: 60,
        volume_low: -8,
        burstiness: 0.3,
        warn_surprisal: -0.1,
      }),
    );
    expect(steps.map(({ name }) => name)).toEqual([
      'Errors',
      'Fewer lines than usual',
      'Rarest message',
      '2 small contributions',
    ]);
    expect(steps.at(-1)?.shap_value).toBeCloseTo(0.2, 9);
  });

  it('widens the axis for sums outside 0 to 100', () => {
    expect(waterfallOf(explanation(5, { a: 110, b: -20 })).axis).toEqual([0, 115]);
    expect(waterfallOf(explanation(5, { a: -12, b: 9 })).axis).toEqual([-7, 100]);
    expect(waterfallOf(explanation(5, {})).steps).toEqual([]);
  });
});
