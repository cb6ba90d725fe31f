import type { WallClock } from './wall-clock.ts';

/** For tests: a wall clock that jumps over sleeps instead of waiting. */
export interface VirtualClock extends WallClock {
  jump(ms: number): void;
}

export function createVirtualClock(start: number): VirtualClock {
  let at = start;
  return {
    now: () => at,
    jump: (ms) => {
      at += ms;
    },
    sleep: (ms, signal) => {
      if (!signal.aborted) at += ms;
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}
