import { createRandom, type Random } from '../src/simulation/random.ts';

/** One line before it is shipped. Times in epoch ms. */
export interface TrafficLine {
  id: string;
  service: string;
  timestamp: number;
  severity: 'info' | 'warn';
  message: string;
  /** When the shipper gets it: up to a few seconds after its time, for some up to a minute and a half. */
  ships_at: number;
}

export interface TrafficService {
  name: string;
  lines_per_second: number;
  /** How its lines reach the engine: through POST /logs, or written there by another program. */
  shipped_by: 'api' | 'writer';
  /** Whether it has enough history to be judged. */
  is_steady: boolean;
}

export const SERVICES: readonly TrafficService[] = [
  { name: 'cart', lines_per_second: 2, shipped_by: 'api', is_steady: true },
  { name: 'payment', lines_per_second: 3, shipped_by: 'api', is_steady: true },
  { name: 'edge', lines_per_second: 2, shipped_by: 'writer', is_steady: true },
  { name: 'firehose', lines_per_second: 60, shipped_by: 'api', is_steady: false },
  { name: 'gateway', lines_per_second: 40, shipped_by: 'writer', is_steady: false },
];

/** Longest time that a line is held back before it is shipped. */
export const LATEST_MS = 90_000;
const LATE_SHARE = 0.01;
const JITTER_MS = 3_000;

/** Makes lines for spans of time, one after the other: the same seed and spans give the same lines. */
export function createTraffic(seed: number) {
  const random = createRandom();
  random.reseed(seed);
  let made = 0;
  return {
    /** Lines with a time in [from, to), of some services; out of order, and some of them late, where `is_live`. */
    linesOf(services: readonly TrafficService[], from: number, to: number, is_live: boolean): TrafficLine[] {
      return services.flatMap((service) => {
        const expected = (service.lines_per_second * (to - from)) / 1000;
        const count = Math.floor(expected) + (random.next() < expected % 1 ? 1 : 0);
        return Array.from({ length: count }, () => lineOf(random, service, from, to, is_live, ++made));
      });
    },
  };
}

export type Traffic = ReturnType<typeof createTraffic>;

function lineOf(
  random: Random,
  { name, is_steady }: TrafficService,
  from: number,
  to: number,
  is_live: boolean,
  number: number,
): TrafficLine {
  const timestamp = from + Math.floor(random.next() * (to - from));
  // Lines of the judged services are never that late: their volume must look as it always does.
  const held_ms = !is_steady && random.next() < LATE_SHARE ? LATEST_MS : JITTER_MS;
  const delay_ms = is_live ? Math.floor(random.next() * held_ms) : 0;
  const is_slow = random.next() < 0.02;
  const message = is_slow
    ? `upstream answered late after ${500 + random.int(900)} ms, request ${number}`
    : `request ${number} done in ${5 + random.int(80)} ms`;
  return {
    id: `line-${number}`,
    service: name,
    timestamp,
    severity: is_slow ? 'warn' : 'info',
    message,
    ships_at: to + delay_ms,
  };
}
