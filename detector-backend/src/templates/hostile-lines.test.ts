import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { rawTokens } from './line-values.ts';
import { splitPattern } from './pattern.ts';
import { MAX_CHARACTERS, MAX_TOKENS, createTokenizer, maskedLine, scan, tokenize } from './tokenizer.ts';

const tokenizer = createTokenizer();

/**
 * How often a character of the line is looked at until its masked form and its values are there: what the line costs,
 * the same on any machine. A method of strings that is not counted here would fail.
 */
function costOf(line: string): number {
  let cost = 0;
  const counting = {
    length: line.length,
    charCodeAt(i: number) {
      cost++;
      return line.charCodeAt(i);
    },
    slice(start: number, end: number) {
      cost += Math.max(0, end - start);
      return line.slice(start, end);
    },
    indexOf(part: string, from: number) {
      const found = line.indexOf(part, from);
      cost += (found < 0 ? line.length : found) - from;
      return found;
    },
    lastIndexOf(part: string, from: number) {
      const found = line.lastIndexOf(part, from);
      cost += from - found;
      return found;
    },
    startsWith(part: string, at: number) {
      cost += part.length;
      return line.startsWith(part, at);
    },
  };
  scan(tokenizer, counting as unknown as string);
  const pattern = maskedLine(tokenizer);
  rawTokens(tokenizer);
  // A placeholder of one character is the longest in relation to it.
  expect(pattern.length).toBeLessThanOrEqual(MAX_CHARACTERS * '<EMAIL>'.length);
  expect(splitPattern(pattern).length).toBeLessThanOrEqual(MAX_TOKENS + 1);
  return cost;
}

const toLength = (part: string, length: number) =>
  part.repeat(Math.ceil(length / part.length)).slice(0, length);

/** What makes parsers look ahead, nest or go back. */
const NASTY = [
  ...[
    '[',
    '"',
    "'",
    '[-',
    '(',
    '"a',
    "['",
    '=',
    '1:',
    '::',
    '/',
    'a-',
    '-1',
    '\ud800',
    'a_',
    'a1.',
    'a.b_',
    '1_',
  ],
  ...[
    'a@',
    '{"a":',
    '<1',
    '<',
    '#1',
    ':',
    ':1',
    '0x',
    'a:/',
    ' 1 B (1',
    'user=',
    'for user ',
    ' HTTP/',
    '`a` ',
    '\0',
  ],
  ...[
    '1.2.3.4/',
    'Jan 1 ',
    '\t(',
    '~a~',
    'ab\u00e9',
    '"1 ',
    'k="a ',
    '1:1,',
    'a/b:1 ',
    '1_1 ',
    'a@b. ',
    'a:/1 ',
    '<1 ',
  ],
  ...[
    'Mon, 02 Jan 2006 15:04:05 ',
    'fe80::1%',
    '::1/',
    '1::2::',
    '\n    f(',
    '\n\tat a(',
    '[    1',
    '12 Jan ',
    'a:::1 ',
  ],
  ...[
    '[a17288ea8-cbf4-4f0e-94fe-853fd2735f29 ',
    '17288ea8-cbf4-4f0e-94fe-853fd2735f29',
    '1 B (1 B',
    '1, ',
    "u'",
    'a?b=/',
  ],
];
const piece = fc.oneof(
  fc.array(fc.constantFrom(...NASTY), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({
    unit: fc.constantFrom(...'ab9f -:./=[]()"\'<>,_@\\%x0\ud800\u0000\t\n'),
    minLength: 1,
    maxLength: 40,
  }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
);
/** A long run before the piece that is repeated, after a name or not. */
const head = fc
  .tuple(fc.constantFrom('', 'a1.', 'x '), fc.constantFrom('', '_', '-', 'a', '1', 'a.'), fc.nat(4000))
  .map(([before, unit, count]) => (before + unit.repeat(count)).slice(0, 4000));
/** Looks at one character, at most: `a1.:1:1:1…` takes 41 whatever its length; a quadratic scan takes hundreds. */
const MOST_LOOKS = 80;
/** Characters that the end of what is read may be looked past. */
const LOOK_AHEAD = 1000;

describe('a hostile line', () => {
  test.each(NASTY)('costs what any other of its length does: %j', (part) => {
    expect(costOf(toLength(part, MAX_CHARACTERS))).toBeLessThan(MOST_LOOKS * MAX_CHARACTERS);
  });

  it.each(['a1.', 'a.1.2.3.4', '1.2.3.4f.', '1.2.3.4/#1'])(
    'costs no more where it ends within a part: %j',
    (part) => {
      for (let cut = 0; cut < part.length; cut += 1)
        expect(costOf(toLength(part, MAX_CHARACTERS - cut))).toBeLessThan(MOST_LOOKS * MAX_CHARACTERS);
    },
  );

  it('costs in proportion to what is read of it, wherever it ends, and nothing beyond', () => {
    fc.assert(
      fc.property(
        head,
        piece,
        fc.nat(40),
        fc.integer({ min: 1_000_000, max: 10_000_000 }),
        (first, part, cut, length) => {
          // Where it ends within a part decides which readings are tried, so the three may differ by a factor.
          const [part_way, whole, long] = [MAX_CHARACTERS - cut, MAX_CHARACTERS, length].map((characters) =>
            costOf(first + toLength(part, characters - first.length)),
          ) as [number, number, number];
          expect(part_way).toBeLessThan(MOST_LOOKS * MAX_CHARACTERS);
          expect(whole).toBeLessThan(MOST_LOOKS * MAX_CHARACTERS);
          expect(Math.abs(long - whole)).toBeLessThan(LOOK_AHEAD);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is costly only as long as it is read, whatever its parts are', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 300 }), (parts) => {
        const line = parts.join('');
        expect(costOf(line)).toBeLessThan(MOST_LOOKS * Math.min(line.length, MAX_CHARACTERS) + LOOK_AHEAD);
      }),
      { numRuns: 500 },
    );
  });

  it('stays in memory no longer than it is read', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    const patterns: string[] = [];
    const before = heap();
    for (let i = 0; i < 30; i++)
      patterns.push(...tokenize(tokenizer, 'x'.repeat(i + 100) + ' y'.repeat(500_000)));
    for (let i = 0; i < 30; i++) patterns.push(...tokenize(tokenizer, 'z'.repeat(i + 1_000_000)));
    expect(heap() - before).toBeLessThan(10);
    expect(patterns.length).toBeGreaterThan(30 * MAX_TOKENS);
  });
});
