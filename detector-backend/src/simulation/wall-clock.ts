import { setTimeout as delay } from 'node:timers/promises';

/** The wall clock, as an argument: epoch ms, and a sleep that ends early (without an error) when the signal aborts. */
export interface WallClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: WallClock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    await delay(ms, undefined, { signal }).catch(unlessAborted(signal));
  },
};

/** Settles with `promise`, or resolves as soon as the signal aborts. */
export async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const listening = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true, signal: listening.signal });
  });
  await Promise.race([promise, aborted]).finally(() => listening.abort());
}

/** For `catch`: once the signal has aborted, errors are what stopping looks like; before that they are thrown on. */
export const unlessAborted =
  (signal: AbortSignal) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error;
  };
