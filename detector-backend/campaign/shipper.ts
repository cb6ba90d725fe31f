import { setTimeout as sleep } from 'node:timers/promises';
import type { TrafficLine } from './traffic.ts';

/** Gives the lines of a batch that were not stored and have to be sent again; throws when that is true of all of them. */
export type SendBatch = (lines: TrafficLine[]) => Promise<TrafficLine[]>;

export interface Shipper {
  /** Lines wait in memory, in order, as they do in the queue of Logstash or on the disk of Filebeat. */
  add(lines: TrafficLine[]): void;
  waiting(): number;
  /** What the last batch failed with that was not stored whole; empty when it was. */
  problem(): string;
  /** Sends until nothing waits, then ends. */
  finish(): Promise<void>;
}

const MAX_BATCH = 500;
const TICK_MS = 200;

/** A sender that never gives up: what fails is sent again, the same batch first, with the same ids. */
export function createShipper(send: SendBatch): Shipper {
  const queue: TrafficLine[] = [];
  let is_finishing = false;
  let in_flight = 0;
  let problem = '';

  async function ship(): Promise<void> {
    const now = Date.now();
    const due = queue.filter(({ ships_at }) => ships_at <= now || is_finishing).slice(0, MAX_BATCH);
    if (due.length === 0) {
      await sleep(TICK_MS);
      return;
    }
    const taken = new Set(due);
    queue.splice(0, queue.length, ...queue.filter((line) => !taken.has(line)));
    in_flight = due.length;
    let rest = due;
    for (let pause = 250; rest.length > 0; pause = Math.min(4_000, pause * 2)) {
      const answer = await send(rest).catch((error: unknown) => {
        problem = String(error);
        return rest;
      });
      if (answer.length === 0) problem = '';
      else {
        problem ||= `${answer.length} of ${rest.length} lines were not stored`;
        await sleep(pause);
      }
      rest = answer;
    }
    in_flight = 0;
  }

  const done = (async () => {
    while (!is_finishing || queue.length > 0) await ship();
  })();
  return {
    add: (lines) => void queue.push(...lines),
    waiting: () => queue.length + in_flight,
    problem: () => problem,
    finish: async () => {
      is_finishing = true;
      await done;
    },
  };
}
