import { expect, test } from 'vitest';
import { backfillOf, coverageOf, healthOf } from './log-source-health.ts';
import type { LogSourceRow } from './log-source-schema.ts';

const NOW = 1_780_000_000_000;
const source = (values: Partial<LogSourceRow>): LogSourceRow => ({
  id: 'id',
  name: 'push',
  source_type: 'push',
  connection_config: {},
  is_enabled: true,
  slice_seconds: 5,
  read_lag_seconds: 2,
  allowed_lateness_seconds: 10,
  clock_mode: 'wall',
  clock_at: null,
  cursor_at: NOW - 7000,
  last_read_at: NOW - 1000,
  last_error: null,
  last_error_at: null,
  blind_since: null,
  lines_read: 0,
  lines_late: 0,
  lines_unmined: 0,
  slices_reread: 0,
  recounts_missed: 0,
  backfill_hours: null,
  read_from: null,
  first_read_at: null,
  shard_of: null,
  created_at: NOW,
  ...values,
});

test.each([
  [{}, 'ok', 7],
  [{ cursor_at: null, last_read_at: null }, 'ok', null],
  [{ cursor_at: NOW - 38_000 }, 'behind', 38],
  [{ cursor_at: NOW - 38_000, read_lag_seconds: 30 }, 'ok', 38],
  [{ cursor_at: NOW + 1000 }, 'ok', 0],
  [{ last_error_at: NOW }, 'error', 7],
  [{ last_error_at: NOW - 5000 }, 'ok', 7],
  [{ last_error_at: NOW, blind_since: NOW }, 'blind', 7],
  [{ is_enabled: false, blind_since: NOW }, 'disabled', 7],
  [{ clock_mode: 'log', clock_at: 5000, cursor_at: 2000 }, 'ok', 3],
  [{ clock_mode: 'log', clock_at: 100_000, cursor_at: 2000 }, 'behind', 98],
] as const)('%o is %s', (values, status, lag_seconds) => {
  expect(healthOf(source(values), NOW)).toEqual({ status, lag_seconds });
});

const HOUR = 3_600_000;
/** Began a minute ago at 24 hours back, and has come to 18 hours back. */
const filling = {
  read_lag_seconds: 30,
  read_from: NOW - 24 * HOUR,
  first_read_at: NOW - 60_000,
  cursor_at: NOW - 18 * HOUR,
};

test('a backfill tells from where, until when, how much of it is done and how long the rest will take', () => {
  const backfill = backfillOf(source(filling), NOW);
  expect(backfill).toMatchObject({ from: NOW - 24 * HOUR, until: NOW - 95_000 });
  expect(backfill?.progress).toBeCloseTo(0.25, 2);
  // Six hours a minute: a little less than 18 are left.
  expect(backfill?.seconds_left).toBeGreaterThan(175);
  expect(backfill?.seconds_left).toBeLessThanOrEqual(180);
});

test.each([
  ['before the first slice', { read_from: null, first_read_at: null, cursor_at: null }],
  ['once the cursor has come to where reading began', { cursor_at: NOW - 90_000 }],
  ['of a source that had nothing old', { read_from: NOW - 70_000, cursor_at: NOW - 65_000 }],
  ['of a source with a clock of its own', { clock_mode: 'log' as const }],
])('there is no backfill %s', (_case, values) => {
  expect(backfillOf(source({ ...filling, ...values }), NOW)).toBeNull();
});

test.each([
  ['in its first seconds', { first_read_at: NOW - 500 }],
  ['while it is disabled', { is_enabled: false }],
])('a backfill gives no time to go %s', (_case, values) => {
  expect(backfillOf(source({ ...filling, ...values }), NOW)?.seconds_left).toBeNull();
});

test.each([
  [0, 0, 1],
  [100, 0, 1],
  [400, 100, 0.75],
])('of %i lines, %i not mined, the coverage is %d', (lines_read, lines_unmined, coverage) => {
  expect(coverageOf(source({ lines_read, lines_unmined }))).toBe(coverage);
});
