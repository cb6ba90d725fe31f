import { AppError } from '../platform/errors.ts';

/** How long a cluster that did not answer is left alone: doubled with every try that fails. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/** A request that was let through; `is_trial` when it is the one that half-opens. */
export interface Entry {
  is_trial: boolean;
}

/**
 * The circuit breaker of a cluster: one that does not answer is not asked again by every caller until each has waited in vain.
 *
 * closed ── no answer ──► open ── pause is over, one caller ──► half-open ── answer ──► closed
 *                          ▲                                        │
 *                          └────────────── no answer ───────────────┘
 *
 * Whoever comes while it is open, or half-open by another's doing, is refused at once with the reason of the failure.
 */
export interface CircuitBreaker {
  /** @throws AppError `log_store_unavailable` while the cluster is left alone */
  enter(): Entry;
  /** Every request that was let through ends with this. */
  leave(entry: Entry): void;
  /** The cluster answered, whatever it was. */
  answered(): void;
  /** It did not, for the reason that the callers get. */
  failed(entry: Entry, reason: Error): void;
}

/** @param now a clock that never goes back, in ms */
export function createCircuitBreaker(now: () => number = () => performance.now()): CircuitBreaker {
  let outage: { reason: Error; pause_ms: number; until: number } | null = null;
  let is_half_open = false;
  return {
    enter() {
      if (outage === null) return { is_trial: false };
      const left_ms = outage.until - now();
      if (is_half_open || left_ms > 0) throw refusal(outage.reason, left_ms);
      is_half_open = true;
      return { is_trial: true };
    },
    leave({ is_trial }) {
      if (is_trial) is_half_open = false;
    },
    answered() {
      outage = null;
    },
    failed({ is_trial }, reason) {
      // What was sent before it opened fails for what is known already.
      if (outage !== null && !is_trial) return;
      const pause_ms = outage === null ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 2 * outage.pause_ms);
      outage = { reason, pause_ms, until: now() + pause_ms };
    },
  };
}

/** Of its own for each caller: who throws an error may add to it. */
const refusal = ({ message }: Error, left_ms: number): AppError =>
  new AppError('log_store_unavailable', message, {
    retryAfterSeconds: Math.max(1, Math.ceil(left_ms / 1000)),
  });
