import { expect, test } from 'vitest';
import { storableJson, storableText } from './stored-text.ts';

test('NUL becomes the replacement character, other text stays', () => {
  expect(storableText('a\u0000b\u0000')).toBe('a\ufffdb\ufffd');
  expect(storableText('größe \\u0000')).toBe('größe \\u0000');
});

test('NUL and lone surrogates in JSON are replaced in values, arrays and keys', () => {
  const json = storableJson({ 'k\u0000': ['\ud800', { deep: 'x\udc00y' }], n: 1, nothing: null });
  expect(JSON.parse(json)).toEqual({ 'k\ufffd': ['\ufffd', { deep: 'x\ufffdy' }], n: 1, nothing: null });
});

test('pairs of surrogates and written-out escapes stay as they are', () => {
  const value = { smile: '😀', text: '\\u0000 \\ud800' };
  expect(JSON.parse(storableJson(value))).toEqual(value);
});

test('a key named __proto__ is data', () => {
  const value = JSON.parse('{"__proto__": "\\u0000"}') as Record<string, unknown>;
  expect(storableJson(value)).toBe('{"__proto__":"\ufffd"}');
});
