import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTimestamp } from './timestamp.ts';

const NOON = Date.UTC(2026, 5, 1, 12, 30, 15);

test.each([
  ['2026-06-01T12:30:15Z', NOON],
  ['2026-06-01 12:30:15', NOON],
  ['2026-06-01T12:30:15.123Z', NOON + 123],
  ['2026-06-01 12:30:15,123456789', NOON + 123],
  ['2026-06-01T12:30:15.5', NOON + 500],
  ['2026-06-01T14:30:15+02:00', NOON],
  ['2026-06-01T14:30:15+0200', NOON],
  ['2026-06-01T07:30:15-05', NOON],
  ['2026-06-01T12:30Z', NOON - 15_000],
  ['2026-06-01', NOON - 45_015_000],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
  [`${NOON}`, NOON],
  [NOON, NOON],
  [NOON / 1000, NOON],
  [NOON / 1000 + 0.036, NOON + 36],
  [NOON * 1000, NOON],
  [NOON * 1e6, NOON],
  [0, 0],
])('%s is a time', (given, expected) => expect(parseTimestamp(given)).toBe(expected));

test.each([
  '',
  'yesterday',
  '2026-13-01',
  '2026-02-31',
  '2025-02-29',
  '2026-06-01T24:00:00Z',
  '2026-06-01T12:60:00Z',
  '2026-06-01T12:30:15+2',
  '12:30:15',
  '1'.repeat(1_000_000),
  '-5',
  '9999-01-01',
  NaN,
  -1,
  Infinity,
  1e300,
])('%s is none', (given) => expect(parseTimestamp(given)).toBeNull());

test('whatever Date writes is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2199, 11, 31) }), (ms) => {
      expect(parseTimestamp(new Date(ms).toISOString())).toBe(ms);
    }),
  );
});
