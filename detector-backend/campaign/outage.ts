import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningEngine } from '../test/engine-process.ts';
import type { Random } from '../src/simulation/random.ts';

/** What happens to the engine in one run. */
export interface Outage {
  kind: 'kill' | 'kill twice' | 'hang';
  /** Seconds that it is down before it is started again, or that it hangs; a start takes some seconds more. */
  seconds: number;
}

export function drawOutage(random: Random): Outage {
  const kind = (['kill', 'kill', 'kill twice', 'hang'] as const)[random.int(4)]!;
  // Every fifth is long enough to empty whole windows: without what is remembered of outages, silences would open.
  const seconds = random.int(5) === 0 ? 60 + random.int(70) : 2 + random.int(30);
  return { kind, seconds };
}

/** Plays an outage; resolves when the engine answers again. */
export async function playOutage(engine: RunningEngine, { kind, seconds }: Outage): Promise<void> {
  if (kind === 'hang') {
    await engine.pause();
    await sleep(seconds * 1000);
    engine.resume();
    return;
  }
  await engine.kill();
  await sleep(seconds * 1000);
  await engine.restart();
  if (kind === 'kill twice') {
    await engine.kill();
    await engine.restart();
  }
}
