import { describe, expect, it } from 'vitest';
import { MAX_TEMPLATES } from './drain.ts';
import { assign, createMinedTree, type MinedTree } from './mined-tree.ts';
import { createTokenizer, scan } from './tokenizer.ts';

const tokenizer = createTokenizer();
const key = { log_source_id: 'source', service_id: 'service' };
const mine = (tree: MinedTree, message: string): number => {
  scan(tokenizer, message);
  return assign(tree, tokenizer, { timestamp: 0, message }, 0).template.ordinal;
};

/** The n-th word of letters only. */
const wordOf = (n: number): string =>
  [...n.toString(36).padStart(5, 'q')]
    .map((letter) => 'ghijklmnopqrstuvwxyzabcdefghijklmnop'[parseInt(letter, 36)])
    .join('');

describe('lines that are all different', () => {
  it('stay within the limits of tree and cache, whatever place differs', () => {
    const tree = createMinedTree(key, []);
    for (let i = 0; i < 200_000; i++) {
      const word = wordOf(i);
      const words = ['alpha', 'beta', 'gamma', 'delta'];
      words[i % 5] = word;
      mine(tree, words.slice(0, 2 + (i % 4)).join(' '));
    }
    expect(tree.tallies.length).toBeLessThanOrEqual(MAX_TEMPLATES + 1);
    expect(tree.tree.templates.length).toBe(tree.tallies.length);
  });

  it('take one template each when only their values differ', () => {
    const tree = createMinedTree(key, []);
    for (let i = 0; i < 100_000; i++) mine(tree, `job-${i} of user_${i} took ${i} ms at 10.0.${i % 256}.1`);
    expect(tree.tallies).toHaveLength(1);
    expect(tree.cache.evictions).toBe(0);
  });

  it('of any bytes are lines, too', () => {
    const tree = createMinedTree(key, []);
    let state = 1;
    for (let i = 0; i < 2_000; i++) {
      let line = '';
      for (let k = 0; k < 200; k++)
        line += String.fromCharCode((state = Math.imul(state, 1103515245) + 12345) >>> 16);
      mine(tree, line);
    }
    mine(tree, '['.repeat(10_000_000));
    mine(tree, Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256)).toString('latin1'));
    for (const { template } of tree.tallies)
      expect(Buffer.from(template.pattern, 'utf8').toString('utf8')).toBe(template.pattern);
  });
});

describe('merged templates', () => {
  it('are saved with the line that merged them', () => {
    const tree = createMinedTree(key, []);
    const lines = [...'abcdefgh'].map((letter) => `user ${letter.repeat(4)} logged in`);
    for (const line of lines) mine(tree, line);
    for (const tally of tree.dirty) tally.count = 0;
    tree.dirty.clear();
    expect(mine(tree, 'user iiii logged in')).toBe(0);
    expect([...tree.dirty].map(({ template }) => template.ordinal).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(tree.tallies.map(({ template }) => template.version)).toEqual(lines.map(() => 2));
  });
});
