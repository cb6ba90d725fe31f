import { describe, expect, test } from 'vitest';
import { checkIndex, covers, readablePatterns } from './log-source-index.ts';

describe('covers', () => {
  test.each([
    ['filebeat-*', 'filebeat-9.1-*'],
    ['filebeat-*', 'filebeat-*'],
    ['filebeat-*', 'filebeat-'],
    ['logs-*-prod', 'logs-nginx-prod'],
    ['logs-*-prod', 'logs-*-prod'],
    ['logs-*-prod', 'logs-a-*-prod'],
    ['*', 'anything*'],
    ['a*b*c', 'a1b2c'],
    ['a*a', 'aa'],
  ])('%s covers %s', (pattern, part) => {
    expect(covers(pattern, part)).toBe(true);
  });

  test.each([
    ['filebeat-*', 'file*'],
    ['filebeat-*', '*'],
    ['filebeat-*', '*filebeat-1'],
    ['filebeat', 'filebeat-1'],
    ['filebeat', 'file*'],
    ['logs-*-prod', 'logs-*'],
    ['logs-*-prod', 'logs-prod'],
    ['a*b*c', 'a*c'],
    ['a*a', 'a'],
  ])('%s does not cover %s', (pattern, part) => {
    expect(covers(pattern, part)).toBe(false);
  });
});

const check = (index: string, given: string[] = ['filebeat-*', 'logs-nginx-*']) =>
  checkIndex(index, readablePatterns('acme', given), 'acme');

test('every part is allowed by one pattern, and a tenant always reads its own indices', () => {
  expect(check('filebeat-9*, logs-nginx-default')).toBe('filebeat-9*,logs-nginx-default');
  expect(check('logs-acme-2*', [])).toBe('logs-acme-2*');
  expect(check('logs-acme-2026.06.*', [])).toBe('logs-acme-2026.06.*');
});

test.each([
  'filebeat-9,secret',
  'logs-other-2*',
  'logs-acme-*',
  '*',
  '_all',
  '.hidden',
  '-filebeat-1',
  'filebeat-*,-filebeat-1',
  'cluster:filebeat-1',
  '<filebeat-{now/d}>',
  'filebeat-%2a',
  'filebeat-1/_search',
  'filebeat-?',
  'filebeat-1\nx',
])('%s is refused by name, and the refusal says what the operator can do', (index) => {
  const refused = expect.objectContaining({
    code: 'forbidden',
    field: 'connection_config.index',
    message: expect.stringContaining('SEISMOLOG_READABLE_INDICES=acme='),
  }) as unknown;
  expect(() => check(index)).toThrow(refused as Error);
});

test.each(['_all', '.ds-logs-*', 'eu:filebeat-*', '<filebeat-{now/d}>'])(
  '%s is allowed where the operator wrote just the same',
  (index) => {
    expect(check(index, [index])).toBe(index);
    expect(() => check(`${index}x`, [index])).toThrow();
  },
);

test.each(['', 'filebeat-1,', ' '])('an empty name (%j) is refused', (index) => {
  expect(() => check(index)).toThrow(/no name/);
});

test('more than twenty parts are refused', () => {
  expect(() => check(Array(21).fill('filebeat-1').join(','))).toThrow(/at most 20/);
});
