import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 20;

/** Asks again and again until the answer is true. Rejects after `limit_ms`, naming what it waited for. */
export async function pollUntil(ask: () => Promise<boolean>, limit_ms: number, what: string): Promise<void> {
  const end = Date.now() + limit_ms;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`Not within ${limit_ms / 1000} s: ${what}`);
    await sleep(PAUSE_MS);
  }
}
