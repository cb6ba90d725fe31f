import type { Send, SendResult } from './log-sender.ts';

/** Tells the product that everything of the source before `at_ms` (epoch ms) is stored. */
export type AdvanceClock = (at_ms: number) => Promise<void>;

export interface FeedBatch {
  documents: readonly object[];
  /** Time of the earliest document, epoch ms; Infinity where there is none. */
  earliest_at: number;
  /** Where the clock may go once this batch and all before it are stored. The clock never moves back. */
  clock_at: number;
}

/** Sends batches, a few at a time, and moves the clock of the source behind them in order. */
export interface OrderedFeed {
  /** Takes a batch; it resolves when there is room for the next, not when this one is stored. */
  push(batch: FeedBatch): Promise<void>;
  /** Resolves when everything pushed is stored and the clock has moved. */
  drain(): Promise<void>;
  /** What became of the documents stored so far. */
  counts(): SendResult;
}

const IN_FLIGHT = 2;
const NOTHING: SendResult = { accepted: 0, duplicates: 0, rejected: 0 };
const OUTCOMES = ['accepted', 'duplicates', 'rejected'] as const;

/**
 * `run_id` starts the idempotency keys: it must differ between runs that send other lines, and stay the same for a
 * repetition of the same run. The first error stops the feed: it is thrown by every later push and drain.
 */
export function createOrderedFeed(send: Send, advanceClock: AdvanceClock, run_id: string): OrderedFeed {
  const counts: SendResult = { ...NOTHING };
  const pending: Promise<void>[] = [];
  let number = 0;
  let clock = Number.NEGATIVE_INFINITY;
  /** Where the clock will stand when all that was pushed is stored. */
  let promised = Number.NEGATIVE_INFINITY;
  let tail: Promise<void> = Promise.resolve();

  const store = async (sent: Promise<SendResult>, before: Promise<void>, clock_at: number): Promise<void> => {
    // The batch before must be stored first, else the clock would pass lines that are still on their way.
    const [result] = await Promise.all([sent, before]);
    for (const key of OUTCOMES) counts[key] += result[key];
    if (clock_at <= clock) return;
    clock = clock_at;
    await advanceClock(clock_at);
  };

  return {
    async push({ documents, earliest_at, clock_at }) {
      while (pending.length >= IN_FLIGHT) await pending.shift();
      // A late line is stored at the clock as its request finds it. If the clock moved while it is on its way, it
      // would land in an interval that is read already: so nothing else may be under way.
      if (earliest_at < promised) await tail;
      promised = Math.max(promised, clock_at);
      const sent =
        documents.length === 0 ? Promise.resolve(NOTHING) : send(documents, `${run_id}-${number++}`);
      tail = store(sent, tail, clock_at);
      // Whoever awaits the tail next sees the error; until then it must not end the process.
      tail.catch(() => undefined);
      pending.push(tail);
    },
    async drain() {
      await tail;
      pending.length = 0;
    },
    counts: () => ({ ...counts }),
  };
}
