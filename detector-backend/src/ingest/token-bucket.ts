/** A bucket that fills with time. It may be overdrawn once: a batch is weighed only after it was read. */
export interface TokenBucket {
  /** Seconds until the next batch may come; 0 when it may come now. */
  secondsToWait(now: number): number;
  spend(tokens: number, now: number): void;
}

/** @param rate tokens a second; @param burst most tokens it holds, and holds at first */
export function createTokenBucket(rate: number, burst: number, now: number): TokenBucket {
  let tokens = burst;
  let filled_at = now;
  const fill = (moment: number) => {
    tokens = Math.min(burst, tokens + (Math.max(0, moment - filled_at) / 1000) * rate);
    filled_at = moment;
  };
  return {
    secondsToWait(moment) {
      fill(moment);
      return tokens > 0 ? 0 : Math.max(1, Math.ceil((1 - tokens) / rate));
    },
    spend(spent, moment) {
      fill(moment);
      tokens -= spent;
    },
  };
}
