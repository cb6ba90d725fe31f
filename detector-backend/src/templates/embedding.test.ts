import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosine, DIMENSIONS, embed, NO_FREQUENCIES, wordFrequencies } from './embedding.ts';

const PATTERNS = [
  'order <NUM> paid in <NUM>', 'cart <ID> opened by <*>', 'payment refused: no funds', 'connection to <IP> lost',
  'user <*> logged in', 'user <*> logged out', 'disk <PATH> is full', 'request to <URL> timed out after <NUM>',
]; // prettier-ignore
const frequencies = wordFrequencies(PATTERNS);
const nearest = (pattern: string) =>
  PATTERNS.toSorted((a, b) => similar(pattern, b) - similar(pattern, a))[0];
const similar = (a: string, b: string) => cosine(embed(a, frequencies), embed(b, frequencies));

describe('embedding', () => {
  it('says which template a new one resembles', () => {
    expect(nearest('connections to <HOST> were lost')).toBe('connection to <IP> lost');
    expect(nearest('payments refused')).toBe('payment refused: no funds');
    expect(nearest('ordering <NUM> was paid')).toBe('order <NUM> paid in <NUM>');
    expect(similar('user <*> logged in', 'user <*> logged out')).toBeGreaterThan(0.5);
    expect(similar('disk <PATH> is full', 'cart <ID> opened by <*>')).toBeLessThan(0.4);
  });

  it('weights rare words more', () => {
    const common = wordFrequencies(Array.from({ length: 50 }, (_, i) => `request number${i} done`));
    const near = (a: string, b: string) => cosine(embed(a, common), embed(b, common));
    expect(near('request alpha done', 'request omega done')).toBeLessThan(
      cosine(embed('request alpha done', NO_FREQUENCIES), embed('request omega done', NO_FREQUENCIES)),
    );
  });

  it('has unit length, whatever the pattern, and is the same each time', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...PATTERNS)), (pattern) => {
        const vector = embed(pattern, frequencies);
        expect(vector).toHaveLength(DIMENSIONS);
        const length = Math.sqrt(cosine(vector, vector));
        expect(length === 0 || Math.abs(length - 1) < 1e-6).toBe(true);
        expect(embed(pattern, frequencies)).toEqual(vector);
      }),
    );
  });
});
