import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textArray, timestampArray, uuidArray } from './binary-array.ts';

test('timestamps become microseconds since 2000 as 64-bit integers, before and after it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 7_258_118_400_000 }), { maxLength: 20 }), (values) => {
      const bytes = timestampArray(values);
      expect(bytes.length).toBe(20 + 12 * values.length);
      values.forEach((value, index) => {
        expect(bytes.readBigInt64BE(24 + 12 * index)).toBe(BigInt(value - 946_684_800_000) * 1000n);
      });
    }),
  );
});

test('texts are written with their length in bytes and null as -1', () => {
  const bytes = textArray(['é', null, '']);
  expect(bytes.subarray(20).toString('hex')).toBe('00000002c3a9' + 'ffffffff' + '00000000');
  expect(bytes.readInt32BE(12)).toBe(3);
});

test('uuids are sixteen raw bytes', () => {
  const bytes = uuidArray(['00112233-4455-6677-8899-aabbccddeeff']);
  expect(bytes.subarray(20).toString('hex')).toBe('0000001000112233445566778899aabbccddeeff');
});
