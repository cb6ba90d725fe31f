import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTime } from './iso-time.ts';

const EXAMPLES = [
  '2026-11-28T13:31:11.000Z',
  '1969-12-31T23:59:59.999Z',
  '2026-02-31T00:00:00.000Z',
  '2026-13-01T00:00:00.000Z',
  '2026-11-28T24:00:00.000Z',
  '2026-11-28T23:60:00.000Z',
  '2026-11-28T13:31:11.0000',
  '2026-11-28T13:31:1x.000Z',
  '2026-11-28 13:31:11.000Z',
  '+002026-11-28T13:31:11.0',
  '2026.11.28T13:31:11.000Z',
  '2026-11 28T13:31:11.000Z',
  '2026- 1-28T13:31:11.000Z',
  '2026-01- 8T13:31:11.000Z',
  ' 026-01-08T13:31:11.000Z',
  '2026-00-08T13:31:11.000Z',
  '2026-01-00T13:31:11.000Z',
  '2026-11-28T13:31:11Z',
  '2026-11-28T13:31:11.123456789Z',
  '2026-11-28T13:31:11.000+01:00',
  '2026-11-28',
  '',
  'yesterday',
];

test.each(EXAMPLES)('%j is the time that Date.parse says', (text) => {
  expect(parseTime(text)).toBe(Date.parse(text));
});

test('and so is every other text of that length', () => {
  const digit = fc.constantFrom(...'0123456789');
  const other = fc.constantFrom(...'0123456789TZ:-. +x');
  const places = [...'dddd-dd-ddTdd:dd:dd.dddZ'].map((sign) =>
    fc.oneof(
      { weight: 30, arbitrary: sign === 'd' ? digit : fc.constant(sign) },
      { weight: 1, arbitrary: other },
    ),
  );
  const texts = fc.tuple(...places).map((signs) => signs.join(''));
  const days = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(253402300799999) });
  fc.assert(
    fc.property(
      fc.oneof(
        texts,
        days.map((day) => day.toISOString()),
      ),
      (text) => Object.is(parseTime(text), Date.parse(text)),
    ),
    { numRuns: 20_000 },
  );
});
