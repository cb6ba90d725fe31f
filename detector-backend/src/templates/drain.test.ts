import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTemplateTree, type TemplateState, type TemplateTree } from './drain.ts';
import type { Template } from './template-leaf.ts';
import { createSkeletonCache } from './skeleton-cache.ts';
import { templateId } from './template-id.ts';
import { createTokenizer, scan, tokenize } from './tokenizer.ts';

const tokenizer = createTokenizer();
const key = { log_source_id: 'source', service_id: 'service' };

function treeOf(states: readonly TemplateState[] = [], max_templates = 5000): TemplateTree {
  const idOf = (pattern: string, ordinal: number) => templateId(key, pattern, ordinal, () => false);
  return createTemplateTree({ states, idOf, max_templates });
}
const saved = (tree: TemplateTree): TemplateState[] =>
  tree.templates.map(({ id, ordinal, version, pattern, merged_into, is_evicted, last_seen_at }) => {
    return { id, ordinal, version, pattern, merged_into, is_evicted, last_seen_at };
  });
/** The i-th line is of the time `times[i]`, else of none. */
const mineAll = (tree: TemplateTree, lines: string[], times: number[] = []): number[] =>
  lines.map((line, i) => {
    const { template } = tree.add(tokenize(tokenizer, line));
    template.last_seen_at = Math.max(template.last_seen_at, times[i] ?? -Infinity);
    return template.ordinal;
  });
/** The n-th word of letters only. */
const wordOf = (n: number): string => String.fromCharCode(97 + (n % 26)).repeat(3 + Math.floor(n / 26));
const patterns = (lines: string[], max?: number): string[] => {
  const tree = treeOf([], max);
  mineAll(tree, lines);
  return tree.templates.map((template: Template) => template.pattern);
};

describe('grouping', () => {
  it('says what happened', () => {
    const tree = treeOf();
    const add = (line: string) => tree.add(tokenize(tokenizer, line)).change;
    expect(add('open file a.txt for reading')).toBe('created');
    expect(add('open file a.txt for reading')).toBe('none');
    expect(add('open file b-1.txt for reading')).toBe('changed');
    expect(add('open file c.txt for reading')).toBe('none');
    expect(tree.templates).toMatchObject([{ ordinal: 0, version: 2, pattern: 'open file <*> for reading' }]);
  });

  it('keeps events apart that differ in a word', () => {
    expect(patterns(['VM paused (event)', 'VM resumed (event)', 'VM stopped (event)'])).toHaveLength(3);
  });

  it('merges templates once eight differ in the same word', () => {
    const users = [...'abcdefghijklmnop'].map((letter) => `user ${letter.repeat(5)} logged in`);
    const tree = treeOf();
    expect(mineAll(tree, users)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(new Set(tree.templates.map(({ pattern }) => pattern))).toEqual(new Set(['user <*> logged in']));
    expect(mineAll(tree, users)).toEqual(users.map(() => 0));
    expect(mineAll(tree, ['user alice logged out'])).toEqual([8]);
  });

  it('gives the lines of a template that was edited to no other that covers them, too', () => {
    const tree = treeOf();
    const add = (line: string) => tree.add(tokenize(tokenizer, line)).template;
    for (const letter of 'acdefghi') add(`user ${letter.repeat(4)} came`);
    const bob = add('user bob x-1');
    bob.is_edited = true;
    for (const line of ['user bob "q"', 'user jjjj came', 'user bob came']) add(line);
    expect([bob.pattern, tree.templates[0]?.pattern]).toEqual(['user bob <*>', 'user <*> came']);
    expect(add('user bob came')).toBe(bob);
  });

  it('lets no two templates that were edited come to one pattern', () => {
    const tree = treeOf();
    const add = (line: string) => tree.add(tokenize(tokenizer, line)).template;
    const first = add('set mode=true now');
    Object.assign(first, { is_edited: true, is_pinned: true });
    const other = add('set mode=a-b now');
    other.is_edited = true;
    expect(add('set mode=c-d now')).toBe(other);
    first.is_pinned = false;
    expect(add('set mode=e-f now')).toBe(other);
    expect(add('set mode=true now')).toBe(first);
  });

  it('keeps what all values of a variable stand between', () => {
    expect(patterns(['got no answer from any [a-1] source', 'got no answer from any [b] source'])).toEqual([
      'got no answer from any [<*>] source',
    ]);
    expect(patterns(['call close(x.y) at once', 'call close(z/2) at once'])).toEqual([
      'call close(<*>) at once',
    ]);
  });

  it('takes a unit that changes for a part of the number', () => {
    expect(patterns(['freed 5 MB of memory', 'freed 812 KB of memory'])).toEqual([
      'freed <NUM> <*> of memory',
    ]);
  });

  it('does not let a long head make short messages alike', () => {
    const head = '2018-06-26 03:21:04.036 4899 INFO nova.compute.claims [-]';
    expect(patterns([`${head} Claim successful`, `${head} Attempting claim`])).toHaveLength(2);
  });

  it('opens no more than 128 leaves for first words that are values', () => {
    const names = Array.from({ length: 600 }, (_, i) =>
      [...String(i + 1000)].map((digit) => 'abcdefghij'[Number(digit)]).join(''),
    );
    const lines = names.map((name) => `${name} has left the room`);
    const tree = treeOf();
    const assigned = mineAll(tree, lines);
    expect(tree.templates.length).toBeLessThan(160);
    expect(tree.templates.map((template) => template.pattern)).toContain('<*> has left the room');
    const half = treeOf();
    mineAll(half, lines.slice(0, 300));
    expect(mineAll(treeOf(saved(half)), lines.slice(300))).toEqual(assigned.slice(300));
  });

  it('takes a first name for a value once eight lines differ in it only, but no plain word', () => {
    const settings = (name: string) =>
      Array.from({ length: 20 }, (_, i) => `DEBUG app.main ${name}${wordOf(i)} = None at start`);
    for (const name of ['pool_', 'db.']) {
      const found = patterns(settings(name));
      expect(found).toHaveLength(9);
      expect(found[8]).toBe('DEBUG app.main <*> = None at start');
    }
    expect(patterns(settings(''))).toHaveLength(20);
    // What comes after such a name may differ as in any template, a plain word is another event.
    const more = [
      ...settings('db.'),
      'DEBUG app.main db.more = 17 at start',
      'DEBUG app.main db.more = None at end',
    ];
    expect(patterns(more).slice(8)).toEqual([
      'DEBUG app.main <*> = <*> at start',
      'DEBUG app.main db.more = None at end',
    ]);
  });
});

describe('a full tree', () => {
  const add = (tree: TemplateTree, line: string, at: number) => {
    const assignment = tree.add(tokenize(tokenizer, line));
    assignment.template.last_seen_at = at;
    return assignment;
  };
  const active = (tree: TemplateTree) =>
    tree.templates.filter(({ is_evicted }) => !is_evicted).map(({ pattern }) => pattern);

  it('evicts what was seen last longest ago, and brings it back with its next line', () => {
    const tree = treeOf([], 2);
    const first = add(tree, 'file a.txt opened', 1).template;
    add(tree, 'file b-1.txt opened', 1);
    add(tree, 'cart closed', 3);
    const third = add(tree, 'gamma two three four', 2);
    expect(third.evicted).toEqual([first]);
    expect(active(tree)).toEqual(['cart closed', 'gamma two three four']);
    const back = add(tree, 'file c.txt opened', 4);
    expect(back).toMatchObject({ change: 'revived', template: { id: first.id, version: 2, ordinal: 3 } });
    expect(active(tree)).toEqual(['cart closed', 'file <*> opened']);
  });

  it('evicts what people decided about last, and forgets it never', () => {
    const tree = treeOf([], 2);
    const edited = add(tree, 'payment refused', 0).template;
    edited.is_edited = true;
    for (let i = 1; i < 9; i++) add(tree, `${wordOf(i)} happened now`, i);
    expect(edited.is_evicted).toBe(false);
    const other = add(tree, 'order lost', 9).template;
    other.is_edited = true;
    for (let i = 9; i < 19; i++) add(tree, `${wordOf(i)} happened now`, i + 1);
    expect(tree.templates).toContain(edited);
    expect(add(tree, 'payment refused', 30).template).toBe(edited);
  });

  it('keeps as many evicted ones as others, with what was merged into them, and no more', () => {
    const tree = treeOf([], 10);
    const known = new Set<Template>();
    const forgotten = new Set<Template>();
    for (let i = 0; i < 500; i++) {
      const word = wordOf(i % 26);
      const assignment = add(tree, `${wordOf(Math.floor(i / 20))} ${word} logged in`, i);
      known.add(assignment.template);
      for (const template of assignment.forgotten) forgotten.add(template);
      expect(tree.templates.filter((template) => forgotten.has(template))).toEqual([]);
    }
    expect(forgotten.size).toBeGreaterThan(0);
    expect(tree.templates).toHaveLength(known.size - forgotten.size);
    expect(tree.templates.filter(({ merged_into }) => merged_into === null).length).toBeLessThanOrEqual(20);
    const ids = new Set(tree.templates.map(({ id }) => id));
    for (const { merged_into } of tree.templates)
      if (merged_into !== null) expect(ids).toContain(merged_into);
  });

  it('goes on with a template without the first word, although the branch has room again', () => {
    const filler = (i: number) => `${wordOf(i % 100)} at last${' and again'.repeat(Math.floor(i / 100))}`;
    const tree = treeOf([], 200);
    for (let i = 0; i < 128; i++) add(tree, `${wordOf(i)} did something here`, 0);
    const general = add(tree, 'bob logged in now', 0).template;
    expect(general.pattern).toBe('<*> logged in now');
    for (let i = 0; i < 200; i++) {
      add(tree, filler(i), i);
      add(tree, 'carol logged in now', i);
    }
    expect(tree.templates.filter(({ is_evicted }) => is_evicted).length).toBeGreaterThan(100);
    const again = treeOf(saved(tree), 200);
    for (const one of [tree, again]) {
      // A leaf of the word itself, for another event.
      expect(add(one, 'eve logged out now', 200).change).toBe('created');
      for (const name of ['eve', 'user_1', 'bob'])
        expect(add(one, `${name} logged in now`, 200)).toMatchObject({
          change: 'none',
          template: { id: general.id },
        });
    }
    for (let i = 200; i < 500; i++) add(tree, filler(i), i + 1);
    expect(general.is_evicted).toBe(true);
    expect(add(tree, 'dave logged in now', 501)).toMatchObject({ change: 'revived', template: general });
  });

  it('brings back what the line makes more general', () => {
    const tree = treeOf([], 2);
    const first = add(tree, 'user alice1x_ logged in ok', 1).template;
    add(tree, 'cart closed', 2);
    add(tree, 'gamma two three four', 3);
    expect(first.is_evicted).toBe(true);
    const again = treeOf(saved(tree), 2);
    for (const one of [tree, again]) {
      expect(one.find(tokenize(tokenizer, 'user bob_2y logged in ok'))?.id).toBe(first.id);
      expect(add(one, 'user bob_2y logged in ok', 4)).toMatchObject({
        change: 'revived',
        template: { id: first.id, version: 2, pattern: 'user <*> logged in ok', is_evicted: false },
      });
      expect(add(one, 'user bob_2y logged in ok', 4).change).toBe('none');
      expect(active(one)).toHaveLength(2);
    }
    expect(saved(again)).toEqual(saved(tree));
    expect(add(tree, 'user carol logged out ok', 5).change).toBe('created');
  });

  it('leaves an evicted template as it is that people pinned', () => {
    const tree = treeOf([], 2);
    const pinned = add(tree, 'user alice1x_ logged in ok', 1).template;
    for (const line of ['cart closed', 'gamma two three four']) add(tree, line, 2);
    Object.assign(pinned, { is_edited: true, is_pinned: true });
    expect(add(tree, 'user bob_2y logged in ok', 4).change).toBe('created');
    expect(pinned).toMatchObject({ is_evicted: true, pattern: 'user alice1x_ logged in ok' });
  });

  it('has room for as many templates again as were merged', () => {
    const tree = treeOf([], 10);
    for (const letter of 'abcdefghij') add(tree, `user ${letter.repeat(5)} logged in`, 0);
    for (let i = 0; i < 9; i++) expect(add(tree, `${wordOf(i)} ends`, i).evicted).toEqual([]);
    expect(add(tree, 'job starts', 9).evicted).toHaveLength(1);
  });
});

const words = [
  'user',
  'alice',
  'bob',
  'carol',
  'dave',
  'logged',
  'in',
  'from',
  'INFO',
  'a.b.c',
  '=',
  'k=v',
  'x1',
  'y-2',
  '7',
  '<*>',
  '"q"',
  'ON',
];
const anyLine = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((parts) => parts.join(' ')),
  },
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom(...words), { maxLength: 5 }).map((parts) => parts.join('=')),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-m]{1,2} is [a-z]{1,2} now$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^(INFO )?[a-e]{1,2}[_.][a-e]{1,2} = (None|[1-9]|[a-e]) now$/) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
);
const anyLines = fc.array(anyLine, { maxLength: 400, size: 'max' });

describe('any sequence of lines', () => {
  it('ends the same when the tree is rebuilt from its templates in between', () => {
    fc.assert(
      fc.property(
        anyLines,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(3, 8, 30, 5000),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 50 }),
        (lines, share, max, delays) => {
          const times = lines.map((_, i) => i - (delays[i % delays.length] as number));
          const cut = Math.floor(lines.length * share);
          const whole = treeOf([], max);
          const assigned = mineAll(whole, lines, times);
          const first = treeOf([], max);
          mineAll(first, lines.slice(0, cut), times);
          const second = treeOf(saved(first), max);
          expect(mineAll(second, lines.slice(cut), times.slice(cut))).toEqual(assigned.slice(cut));
          expect(saved(second)).toEqual(saved(whole));
        },
      ),
      { numRuns: 300, examples: [[['x-1 INFO', 'x-2=INFO', 'x-3 INFO'], 0.7, 5000, [0]]] },
    );
  });

  it('ends the same when what eight templates were merged to became more general before', () => {
    const names = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'gg', 'hh', 'ii'];
    const add = (tree: TemplateTree, line: string) => tree.add(line.split(/(?= )/)).template.ordinal;
    const whole = treeOf();
    for (const name of names) add(whole, `task ${name} x-1 y-1 here`);
    expect(add(whole, 'task jj x-2 y-1 here')).toBe(0);
    const again = treeOf(saved(whole));
    for (const tree of [whole, again]) expect(add(tree, 'task kk x-1 y-2 here')).toBe(0);
  });

  it('leaves what people decided about as it is: not merged, with its lines, also when the tree is rebuilt', () => {
    fc.assert(
      fc.property(
        anyLines,
        anyLines,
        fc.array(fc.nat({ max: 2 }), { minLength: 1 }),
        (known, more, marks) => {
          const whole = treeOf();
          mineAll(whole, known);
          const again = treeOf(saved(whole));
          for (const tree of [whole, again]) {
            for (const template of tree.templates) {
              const mark = marks[template.ordinal % marks.length] as number;
              Object.assign(template, { is_edited: mark > 0, is_pinned: mark > 1 });
            }
          }
          const edited = whole.templates.filter((one) => one.is_edited && one.merged_into === null);
          const before = mineAll(whole, known);
          expect(mineAll(again, [...known, ...more])).toEqual([...before, ...mineAll(whole, more)]);
          expect(saved(again)).toEqual(saved(whole));
          expect(edited.filter(({ merged_into }) => merged_into !== null)).toEqual([]);
          const ofEdited = (ordinals: number[]) =>
            ordinals.map((one) => whole.templates[one]?.is_edited && one);
          const after = mineAll(whole, known);
          expect(after.map((one, i) => whole.templates[before[i] as number]?.is_edited && one)).toEqual(
            ofEdited(before),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('ends the same with the cache of exact lines before the tree', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const tree = treeOf([], 40);
        const cache = createSkeletonCache<{ template: Template }>(64);
        const times = lines.map((_, i) => i);
        const assigned = lines.map((line, i) => {
          scan(tokenizer, line);
          const { low, high } = tokenizer.skeleton;
          let entry = cache.get(low, high);
          if (entry === null) cache.set(low, high, (entry = tree.add(tokenize(tokenizer, line))));
          entry.template.last_seen_at = i;
          return entry.template.ordinal;
        });
        expect(assigned).toEqual(mineAll(treeOf([], 40), lines, times));
      }),
      { numRuns: 200 },
    );
  });

  it('finds what add would choose, and covers every line it has seen once more at once', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const tree = treeOf([], 20);
        for (const [i, line] of lines.entries()) {
          const tokens = tokenize(tokenizer, line);
          const found = tree.find(tokens);
          const { template, change } = tree.add(tokens);
          template.last_seen_at = i;
          expect(found).toBe(change === 'created' ? null : template);
          expect(tree.add(tokens).change).toBe('none');
        }
      }),
      { numRuns: 100, examples: [[['<*> = ON <*>', 'a_a = 1 now']]] },
    );
  });
});

describe('template ids', () => {
  it('are the same everywhere, 53 bits, and step aside on a collision', () => {
    const id = templateId(key, 'user <*> logged in', 0, () => false);
    expect(id).toBe(templateId({ ...key }, 'user <*> logged in', 9, () => false));
    expect(Number.isSafeInteger(id)).toBe(true);
    expect(templateId(key, 'user <*> logged in', 1, (candidate) => candidate === id)).not.toBe(id);
    expect(templateId({ ...key, service_id: 'other' }, 'user <*> logged in', 0, () => false)).not.toBe(id);
  });
});
