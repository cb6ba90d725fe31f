import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_AGE_MS, MAX_ATTEMPTS, planRetry, retryDelay } from './retry-delay.ts';

const id = '3f0c5a52-0000-8000-8000-000000000001';

it('doubles from 2 s up to an hour, less at most half of it', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 1, max: 60 }), (alert_id, attempts) => {
      const full = Math.min(3600_000, 2_000 * 2 ** (attempts - 1));
      const delay = retryDelay(alert_id, attempts);
      expect(delay).toBeGreaterThanOrEqual(full / 2);
      expect(delay).toBeLessThanOrEqual(full);
      expect(retryDelay(alert_id, attempts)).toBe(delay);
    }),
  );
});

it('spreads alerts that failed together', () => {
  const delays = new Set(Array.from({ length: 50 }, (_, n) => retryDelay(`alert-${n}`, 8)));
  expect(delays.size).toBeGreaterThan(45);
});

it('waits at least as long as the receiver asked', () => {
  const plan = planRetry({ id, attempts: 1, created_at: 0 }, 120, 5_000);
  expect(plan).toEqual({ next_attempt_at: 125_000 });
});

it('gives up after the last attempt, and when the next one would come after a day', () => {
  expect(planRetry({ id, attempts: MAX_ATTEMPTS, created_at: 0 }, null, 0)).toHaveProperty('gave_up');
  expect(planRetry({ id, attempts: 1, created_at: 0 }, null, MAX_AGE_MS)).toHaveProperty('gave_up');
  expect(planRetry({ id, attempts: 1, created_at: 0 }, 2 * 24 * 3600, 0)).toHaveProperty('gave_up');
});
