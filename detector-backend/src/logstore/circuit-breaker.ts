import { AppError } from '../platform/errors.ts';

/** How long a cluster that did not answer is left alone: doubled with every trial that fails. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The circuit breaker of a cluster: one that does not answer is not asked again by every caller until each has waited in vain.
 *
 * closed ── no answer, nor to the probe ──► open ── pause is over, one caller ──► half-open ── answer to the probe ──► closed
 *                                            ▲                                        │
 *                                            └──────────── no answer to it ───────────┘
 *
 * All tenants share it, so the probe, a request that costs the cluster nothing, decides: a request of one of them may be slow
 * for what it asks, and then neither opens the breaker nor keeps it open. Whoever comes while it is open, or half-open by
 * another's doing, is refused at once with the reason of the failure.
 */
export interface CircuitBreaker {
  /**
   * Lets a request through; the one that half-opens, once the probe was answered.
   * @throws AppError `log_store_unavailable` while the cluster is left alone; what the probe failed with, as its caller gets it
   */
  enter(): Promise<void>;
  /** The cluster answered, whatever it was. */
  answered(): void;
  /** A request got no answer, for the reason that callers get from now on if the probe gets none either. */
  unanswered(reason: Error): Promise<void>;
}

/**
 * @param probe sends the probe; null when the cluster answered, whatever it was, else the reason why not. Never rejects
 * @param now a clock that never goes back, in ms
 */
export function createCircuitBreaker(
  probe: () => Promise<Error | null>,
  now: () => number = () => performance.now(),
): CircuitBreaker {
  let outage: { reason: Error; pause_ms: number; until: number } | null = null;
  let probing: Promise<Error | null> | null = null;
  /** Requests that run out of time together send one probe together. */
  const sharedProbe = () => (probing ??= probe().finally(() => (probing = null)));
  const open = (reason: Error, pause_ms: number) => (outage = { reason, pause_ms, until: now() + pause_ms });
  const answered = () => void (outage = null);
  return {
    async enter() {
      if (outage === null) return;
      const left_ms = outage.until - now();
      if (probing !== null || left_ms > 0) throw refusal(outage.reason, left_ms);
      const { pause_ms } = outage;
      const failure = await sharedProbe();
      if (failure === null) return answered();
      open(failure, Math.min(LONGEST_PAUSE_MS, 2 * pause_ms));
      throw failure;
    },
    answered,
    async unanswered(reason) {
      // What was sent before it opened fails for what is known already.
      if (outage !== null) return;
      const failure = await sharedProbe();
      if (failure === null) answered();
      else if (outage === null) open(reason, FIRST_PAUSE_MS);
    },
  };
}

/** Of its own for each caller: who throws an error may add to it. */
const refusal = ({ message }: Error, left_ms: number): AppError =>
  new AppError('log_store_unavailable', message, {
    retryAfterSeconds: Math.max(1, Math.ceil(left_ms / 1000)),
  });
