import { expect, test } from 'vitest';
import { healthOf } from './log-source-health.ts';
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
  created_at: NOW,
  ...values,
});

test.each([
  [{}, 'ok', 7],
  [{ cursor_at: null, last_read_at: null }, 'ok', null],
  [{ cursor_at: NOW - 38_000 }, 'behind', 38],
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
