import { createHash } from 'node:crypto';

export const MAX_ATTEMPTS = 15;
export const MAX_AGE_MS = 24 * 3600_000;
/** An attempt that recorded nothing (crash) is repeated after this long; twice the total time limit of a request and more. */
export const LEASE_MS = 45_000;
const FIRST_DELAY_MS = 2_000;
const MAX_DELAY_MS = 3600_000;

/**
 * Milliseconds until the next attempt: doubling from 2 s to 1 h, times 0.5–1 by a hash of alert and attempt, so alerts
 * that failed together do not come back together and a test can compute the delay.
 * @param attempts attempts made so far, 1 or more
 */
export function retryDelay(alert_id: string, attempts: number): number {
  const full = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempts - 1));
  const hash = createHash('sha256').update(`${alert_id}.${attempts}`).digest().readUInt32BE(0);
  return Math.round(full * (0.5 + hash / 2 ** 33));
}

/** What was tried so far of one alert; times in epoch ms of the wall clock. */
export interface Tried {
  id: string;
  attempts: number;
  created_at: number;
}

/**
 * When to try again, or why not any more. A receiver's Retry-After is a lower bound of the delay.
 * @param retry_after_seconds null when the receiver did not ask for a pause
 */
export function planRetry(
  tried: Tried,
  retry_after_seconds: number | null,
  now: number,
): { next_attempt_at: number } | { gave_up: string } {
  if (tried.attempts >= MAX_ATTEMPTS) return { gave_up: `gave up after ${tried.attempts} attempts` };
  const delay = Math.max(retryDelay(tried.id, tried.attempts), (retry_after_seconds ?? 0) * 1000);
  const next_attempt_at = now + delay;
  if (next_attempt_at - tried.created_at > MAX_AGE_MS) {
    return { gave_up: 'gave up: the next attempt would be more than 24 h after the alert' };
  }
  return { next_attempt_at };
}
