import { expect, it } from 'vitest';
import { createFileTemplates } from './file-templates.ts';

/** Words that say nothing of each other, always the same. */
function createWords(): () => string {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 4).toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] as string);
  };
}

it('lists every line of a file without patterns, also of what was forgotten, and what is seen often whole', () => {
  const templates = createFileTemplates();
  const word = createWords();
  const lines = 24_000;
  for (let i = 0; i < lines; i++) {
    const text = Array.from({ length: 8 + (i % 20) }, word).join(' ');
    if (i % 10 === 0) templates.add(`order ${i} paid`, 'info');
    else templates.add(text, 'error');
  }
  const all = templates.list();
  expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(lines);
  expect(all.find(({ template }) => template === 'order <NUM> paid')?.count).toBe(lines / 10);
  expect(templates.overflow_lines).toBeGreaterThan(1000);
  expect(all.find(({ template }) => template === '<*>')).toMatchObject({
    count: templates.overflow_lines,
    severities: { error: templates.overflow_lines },
  });
  expect(all.length).toBeLessThanOrEqual(10_001);
});

it('knows what was seen lately, whatever was met first', () => {
  const templates = createFileTemplates();
  const word = createWords();
  for (let i = 0; i < 11_000; i++) {
    if ([0, 4900, 10_900].includes(i)) templates.add(`order ${i} paid`, 'info');
    templates.add(Array.from({ length: 8 + (i % 40) }, word).join(' '), 'error');
  }
  expect(templates.overflow_lines).toBeGreaterThan(0);
  expect(templates.list().find(({ template }) => template === 'order <NUM> paid')?.count).toBe(3);
});

it('keeps values of new templates when it has forgotten those of others', () => {
  const templates = createFileTemplates();
  const word = createWords();
  const wordAndValue = (_: unknown, i: number): string => `${word()} ${i}`;
  for (let i = 0; i < 17_000; i++)
    templates.add(Array.from({ length: 32 + (i % 20) }, wordAndValue).join(' '), 'error');
  for (const i of [1, 2, 3]) templates.add(`order ${i} paid`, 'info');
  const order = templates.list().find(({ template }) => template === 'order <NUM> paid');
  expect(order?.parameters).toMatchObject([{ distinct: 3, has_more: false }]);
});
