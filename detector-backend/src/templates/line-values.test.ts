import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createFileTemplates } from './file-templates.ts';
import { rawTokens, valueAt, valuePlace } from './line-values.ts';
import { withoutRepeats } from './pattern.ts';
import { skeletonText } from './skeleton.ts';
import { createTokenizer, scan, tokenize } from './tokenizer.ts';

const tokenizer = createTokenizer();

test.each([
  ['took 12ms at 10.0.0.1:80', ['took', ' 12ms', ' at', ' 10.0.0.1:80']],
  ['a=1 b="x y" c', ['a=', '1', ' b=', '"x y"', ' c']],
  ['GET /v2/ports?id=8d31&n=5 HTTP/1.1', ['GET', ' /v2/ports?id=8d31&n=5']],
  ['at 18:01:49,228 sent 1, 2, 3', ['at', ' 18:01:49,228', ' sent', ' 1, 2, 3']],
])('tokens as written: %s', (line, tokens) => {
  scan(tokenizer, line);
  expect(rawTokens(tokenizer)).toEqual(tokens);
});

it('gives as many tokens as the masked line has, whatever the line', () => {
  const anyLine = fc.string({
    unit: fc.constantFrom(...'ab9f -:./=[]()"\'<>,_@\\%x0#\ud800\u0000\t'),
    maxLength: 200,
  });
  fc.assert(
    fc.property(anyLine, (line) => {
      const masked = tokenize(tokenizer, line);
      const whole = skeletonText(tokenizer.skeleton).trimEnd();
      fc.pre(withoutRepeats(whole) === whole);
      expect(rawTokens(tokenizer)).toHaveLength(masked.length);
    }),
    { numRuns: 500 },
  );
});

it('finds the value between what stands around it', () => {
  const place = valuePlace(' close(<ID>),');
  expect(place).toEqual({ before: 'close(', after: '),', type: 'ID' });
  expect(place && valueAt(place, ' close(blk_1),')).toBe('blk_1');
  expect(valuePlace(' words')).toBeNull();
});

describe('templates of files', () => {
  it('count lines and severities, and tell the values of each place', () => {
    const templates = createFileTemplates();
    for (let i = 0; i < 300; i++) templates.add(`sent job_${i % 7} in ${i}ms to [host-${i}]`, 'info');
    templates.add('out of memory', 'error');
    const [first, second] = templates.list();
    expect(first).toMatchObject({ template: 'sent <ID> in <NUM> to [<ID>]', count: 300, severity: 'info' });
    expect(first?.parameters).toMatchObject([
      { position: 1, type: 'ID', distinct: 7, has_more: false, min: null },
      { position: 2, type: 'NUM', min: 0, max: 299, unit: 'ms', has_more: true },
      { position: 3, type: 'ID', distinct: 100, has_more: true, examples: ['host-0', 'host-1', 'host-2'] },
    ]);
    expect(second).toMatchObject({ template: 'out of memory', severities: { error: 1 }, parameters: [] });
  });

  it('add up what was merged, with the words that differed', () => {
    const templates = createFileTemplates();
    for (const letter of 'abcdefghijkl') templates.add(`user ${letter.repeat(4)} logged in`, 'info');
    const [only, ...others] = templates.list();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ template: 'user <*> logged in', count: 12, share: 1 });
    expect(only?.parameters).toMatchObject([{ position: 1, type: '*', distinct: 12 }]);
  });
});
