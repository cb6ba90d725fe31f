import type { LogTimeDriver } from '../src/log-time-driver.ts';
import { createOrderedFeed, type OrderedFeed } from '../src/simulation/ordered-feed.ts';
import { createRandom, type Random } from '../src/simulation/random.ts';

const BATCH_LINES = 5_000;
const SERVICES = ['gateway', 'accounts', 'search', 'basket', 'payments', 'stock', 'mailer', 'ledger'];
const WORDS = 'session token order basket replica shard cursor upstream cache worker invoice parcel'.split(
  ' ',
);
const VERBS = 'opened closed flushed accepted rotated resolved forwarded refreshed'.split(' ');

/** Log lines per second of log time. */
export const DENSITY = 2_000;

/** Line `index` of a log of eight services with some 40 templates each, about 150 bytes long as NDJSON. */
function denseLine(index: number, from: number, random: Random): object {
  const kind = random.int(40);
  const [word, verb] = [WORDS[kind % WORDS.length], VERBS[kind % VERBS.length]];
  const number = random.int(1_000_000);
  const message = `${word} ${number} ${verb} by 10.1.${number % 256}.${kind} in ${1 + (number % 300)} ms, step${kind} of flow`;
  return {
    timestamp: from + Math.floor((index * 1000) / DENSITY),
    service: SERVICES[index % SERVICES.length],
    severity: number % 1000 === 0 ? 'error' : number % 100 === 1 ? 'warn' : 'info',
    message,
  };
}

/** Sends the lines [first, last) in batches; the clock of the source follows when `moves_clock` is set. */
export async function sendDenseLog(
  driver: LogTimeDriver,
  span: { from: number; first: number; last: number; moves_clock: boolean },
  onBatch: (lines: number) => void,
): Promise<void> {
  const advance = span.moves_clock ? driver.advanceClock : () => Promise.resolve();
  const feed: OrderedFeed = createOrderedFeed(driver.send, advance, `dense-${span.first}`);
  const random = createRandom();
  for (let at = span.first; at < span.last; at += BATCH_LINES) {
    random.reseed(at);
    const count = Math.min(BATCH_LINES, span.last - at);
    const documents = Array.from({ length: count }, (_, index) => denseLine(at + index, span.from, random));
    await feed.push({
      documents,
      earliest_at: logTimeOf(at, span.from),
      clock_at: logTimeOf(at + count, span.from),
    });
    onBatch(at + count - span.first);
  }
  await feed.drain();
}

/** Log time of a line, epoch ms. */
export const logTimeOf = (index: number, from: number): number => from + Math.floor((index * 1000) / DENSITY);
