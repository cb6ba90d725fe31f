import { expect, test } from 'vitest';
import { createBaseline } from '../windows/baseline.ts';
import { summarise } from './summary.ts';

const sentence = (pattern: string) =>
  summarise({
    anomaly_type: 'rare_template',
    service: 'payment',
    baseline: createBaseline(),
    vector: {
      service_id: '',
      window_start: 0,
      window_end: 60_000,
      is_blind: false,
      lines: 9,
      errors: 0,
      features: [],
      hashed_counts: [],
      expected_lines: 8,
      evidence: [],
    },
    templates: [
      {
        template_id: 1,
        pattern,
        severity: 'error',
        count: 2,
        expected: 0,
        contribution: 1,
        feature: 'rarity_max',
        first_at: 5,
      },
    ],
  });

test.each([
  ['<TS> - payment.gateway - ERROR - gateway <*> answered', 'payment.gateway - ERROR - gateway <*> answered'],
  ['<TS> <NUM> ERROR nova.api [<*>] failed', 'nova.api [<*>] failed'],
  ['[<TS> INF] Parcel <NUM> is lost', 'Parcel <NUM> is lost'],
  ['informed <NUM> people', 'informed <NUM> people'],
  ['<NUM>', '<NUM>'],
])('a summary quotes %j without its head', (pattern, quoted) => {
  expect(sentence(pattern)).toBe(`payment wrote a rare message, “${quoted}” (2 in a minute, 0 expected).`);
});
