import { expect, test } from 'vitest';
import { createTokenBucket } from './token-bucket.ts';

test('a bucket starts full, may be overdrawn once, and fills with time up to its size', () => {
  const bucket = createTokenBucket(10, 100, 0);
  expect(bucket.secondsToWait(0)).toBe(0);
  bucket.spend(120, 0);
  expect(bucket.secondsToWait(0)).toBe(3);
  expect(bucket.secondsToWait(1900)).toBe(1);
  expect(bucket.secondsToWait(3000)).toBe(0);
  bucket.spend(100, 1_000_000);
  expect(bucket.secondsToWait(1_000_000)).toBe(1);
});

test('a clock that goes back gives nothing and takes nothing', () => {
  const bucket = createTokenBucket(10, 100, 10_000);
  bucket.spend(50, 0);
  expect(bucket.secondsToWait(0)).toBe(0);
});
