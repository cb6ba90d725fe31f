import { formatCount, formatDuration, formatSpan } from './time-format.ts';

it.each([
  [0, '0 s'],
  [59_000, '59 s'],
  [90_000, '2 min'],
  [3_600_000, '1 h'],
  [4_320_000, '1 h 12 min'],
  [90_000_000, '1 d 1 h'],
])('duration of %d ms is %s', (duration_ms, text) => {
  expect(formatDuration(duration_ms).replaceAll('\u00a0', ' ')).toBe(text);
});

it.each([
  [0, '0'],
  [0.04, '0'],
  [1.25, '1.3'],
  [31.4, '31'],
  [1240, '1,240'],
  [12_400, '12.4k'],
  [3_000_000, '3M'],
])('count %d is %s', (value, text) => {
  expect(formatCount(value)).toBe(text);
});

it('a window between full minutes shows its seconds', () => {
  const minute = Date.parse('2026-03-04T12:00:00Z');
  expect(formatSpan(minute, minute + 60_000, 'utc')).toBe('12:00–12:01');
  expect(formatSpan(minute + 10_000, minute + 70_000, 'utc')).toBe('12:00:10–12:01:10');
});
