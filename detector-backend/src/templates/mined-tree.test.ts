import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TEMPLATES } from './drain.ts';
import { applyEdits, applyEditsTo, assign, createMinedTree, type MinedTree } from './mined-tree.ts';
import { NO_EDITS, type TemplateEdits } from './template-edits.ts';
import type { TreeRow } from './template-repository.ts';
import { createTokenizer, scan } from './tokenizer.ts';

const tokenizer = createTokenizer();
const key = { log_source_id: 'source', service_id: 'service' };
const mine = (tree: MinedTree, message: string): number => {
  scan(tokenizer, message);
  return assign(tree, tokenizer, { timestamp: 0, message }, 0).template.ordinal;
};

/** The n-th word of letters only, each another one. */
const wordOf = (n: number): string =>
  [...n.toString(26).padStart(5, '0')].map((digit) => String.fromCharCode(97 + parseInt(digit, 26))).join('');

describe('lines that are all different', () => {
  it('stay within the limits of tree and cache, whatever place differs, and do not drive out what is seen often', () => {
    const tree = createMinedTree(key, []);
    for (let i = 0; i < 1_000_000; i++) {
      const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'].slice(0, 2 + (i % 4));
      words[Math.floor(i / 4) % words.length] = wordOf(i);
      mine(tree, words.join(' '));
    }
    const templates = tree.tree.templates;
    expect(templates.length).toBe(tree.tallies.size);
    expect(tree.ids.size).toBe(tree.tallies.size);
    const found = templates.filter(({ merged_into }) => merged_into === null);
    expect(found.length).toBeLessThanOrEqual(2 * MAX_TEMPLATES);
    expect(templates.length).toBeLessThanOrEqual(10 * MAX_TEMPLATES);
  });

  it('take one template each when only their values differ', () => {
    const tree = createMinedTree(key, []);
    for (let i = 0; i < 100_000; i++) mine(tree, `job-${i} of user_${i} took ${i} ms at 10.0.${i % 256}.1`);
    expect(tree.tallies.size).toBe(1);
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
    for (const { template } of tree.tallies.values())
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
    expect([...tree.tallies.values()].map(({ template }) => template.version)).toEqual(lines.map(() => 2));
  });
});

describe('lines that are split off', () => {
  const file = (n: number) => `file ${n}-x.txt opened by p${n % 3}`;
  const numbers = fc.array(fc.nat({ max: 9 }), { maxLength: 60 });
  const rowsOf = ({ tallies }: MinedTree): TreeRow[] =>
    [...tallies.values()].map(({ template, canonical_id, total: count }) => {
      const { id, ordinal, version, pattern, split_of, merged_into, is_evicted, last_seen_at } = template;
      return {
        id,
        ordinal,
        version,
        pattern,
        split_of,
        merged_into,
        is_evicted,
        last_seen_at,
        canonical_id,
        count,
        service_id: 'service',
      };
    });
  const mineAll = (tree: MinedTree, lines: string[]): number[] =>
    lines.map((message) => {
      scan(tokenizer, message);
      const tally = assign(tree, tokenizer, { timestamp: 0, message }, 0);
      if (tally.canonical_id === 0) tally.canonical_id = tally.template.id;
      applyEditsTo(tally, tree.edits);
      return tally.counted_as;
    });

  it('are a template of their own, the same when the tree is rebuilt in between, until it is undone', () => {
    fc.assert(
      fc.property(numbers, fc.nat({ max: 60 }), (before, cut) => {
        const lines = [0, 5, ...before].map(file);
        const first = createMinedTree(key, []);
        const parent = mineAll(first, lines)[0] as number;
        const split = { id: 77, token_index: 1, token: '5-x.txt' };
        const edits: TemplateEdits = { ...NO_EDITS, version: 1, splits: new Map([[parent, [split]]]) };
        const whole = createMinedTree(key, rowsOf(first));
        applyEdits(whole, edits);
        const assigned = mineAll(whole, lines);
        expect(assigned).toEqual([0, 5, ...before].map((n) => (n === 5 ? 77 : parent)));
        const half = createMinedTree(key, rowsOf(first));
        applyEdits(half, edits);
        mineAll(half, lines.slice(0, cut));
        const again = createMinedTree(key, rowsOf(half));
        applyEdits(again, edits);
        expect(mineAll(again, lines.slice(cut))).toEqual(assigned.slice(cut));
        if (cut > 1) expect(rowsOf(again)).toEqual(rowsOf(whole));
        applyEdits(again, NO_EDITS);
        expect(mineAll(again, lines)).toEqual(lines.map(() => parent));
      }),
    );
  });

  it('are saved with the template that they made more general', () => {
    const first = createMinedTree(key, []);
    const [parent = 0] = mineAll(first, ['file 0-x.txt opened by a1x_', 'file 5-x.txt opened by a1x_']);
    const tree = createMinedTree(key, rowsOf(first));
    const split = { id: 77, token_index: 1, token: '5-x.txt' };
    applyEdits(tree, { ...NO_EDITS, version: 1, splits: new Map([[parent, [split]]]) });
    expect(mineAll(tree, ['file 5-x.txt opened by b_2y'])).toEqual([77]);
    expect([...tree.dirty].map(({ template }) => template.pattern).sort()).toEqual([
      'file 5-x.txt opened by <*>',
      'file <NUM>-x.txt opened by <*>',
    ]);
  });
});
