import { expect, test } from 'vitest';
import { createOrderedFeed, type FeedBatch } from './ordered-feed.ts';

/** A product whose answers come when the test says so. */
function slowProduct() {
  const log: string[] = [];
  const answers = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const feed = createOrderedFeed(
    (documents, key) => {
      log.push(`sent ${key}`);
      return new Promise((resolve, reject) => {
        const result = { accepted: documents.length, duplicates: 0, rejected: 0 };
        answers.set(key, { resolve: () => resolve(result), reject });
      });
    },
    (at_ms) => {
      log.push(`clock ${at_ms}`);
      return Promise.resolve();
    },
    'run',
  );
  return { log, feed, answer: (key: string) => answers.get(key) };
}

const batch = (earliest_at: number, clock_at: number): FeedBatch => ({
  documents: [{ message: 'x' }],
  earliest_at,
  clock_at,
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the clock moves in order although the second batch is stored first; a third waits for room', async () => {
  const { log, feed, answer } = slowProduct();
  await feed.push(batch(0, 10));
  await feed.push(batch(10, 20));
  const third = feed.push(batch(20, 30));
  await turn();
  expect(log).toEqual(['sent run-0', 'sent run-1']);
  answer('run-1')?.resolve();
  await turn();
  expect(log).toEqual(['sent run-0', 'sent run-1']);
  answer('run-0')?.resolve();
  await third;
  await turn();
  answer('run-2')?.resolve();
  await feed.drain();
  expect(log.filter((entry) => entry.startsWith('clock'))).toEqual(['clock 10', 'clock 20', 'clock 30']);
  expect(feed.counts()).toEqual({ accepted: 3, duplicates: 0, rejected: 0 });
});

test('a batch with a late line waits until nothing is under way, and never turns the clock back', async () => {
  const { log, feed, answer } = slowProduct();
  await feed.push(batch(0, 10));
  const late = feed.push(batch(3, 4));
  await turn();
  expect(log).toEqual(['sent run-0']);
  answer('run-0')?.resolve();
  await late;
  answer('run-1')?.resolve();
  await feed.drain();
  expect(log).toEqual(['sent run-0', 'clock 10', 'sent run-1']);
});

test('an empty batch moves the clock and uses no key', async () => {
  const { log, feed } = slowProduct();
  await feed.push({ documents: [], earliest_at: Number.POSITIVE_INFINITY, clock_at: 50 });
  await feed.drain();
  expect(log).toEqual(['clock 50']);
});

test('a batch that can not be stored stops the clock and is told to whoever comes next', async () => {
  const { log, feed, answer } = slowProduct();
  await feed.push(batch(0, 10));
  await feed.push(batch(10, 20));
  answer('run-0')?.reject(new Error('store is gone'));
  answer('run-1')?.resolve();
  await turn();
  await expect(feed.push(batch(20, 30))).rejects.toThrow('store is gone');
  await expect(feed.drain()).rejects.toThrow('store is gone');
  expect(log.some((entry) => entry.startsWith('clock'))).toBe(false);
});
