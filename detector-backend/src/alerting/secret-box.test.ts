import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSecretBox } from './secret-box.ts';

const box = createSecretBox(randomBytes(32));

it('opens what it sealed and shows nothing of it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 16, unit: 'grapheme' }), (secret) => {
      const sealed = box.seal(secret, 'row-1');
      expect(box.open(sealed, 'row-1')).toBe(secret);
      expect(sealed.includes(Buffer.from(secret))).toBe(false);
      expect(sealed.equals(box.seal(secret, 'row-1'))).toBe(false);
    }),
  );
});

it('refuses another key, another row and any changed byte', () => {
  const sealed = box.seal('a secret of a webhook', 'row-1');
  expect(() => createSecretBox(randomBytes(32)).open(sealed, 'row-1')).toThrow();
  expect(() => box.open(sealed, 'row-2')).toThrow();
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => box.open(changed, 'row-1')).toThrow();
  }
  expect(() => box.open(sealed.subarray(0, 20), 'row-1')).toThrow();
});

it('refuses a key that is not 32 bytes', () => {
  expect(() => createSecretBox(randomBytes(16))).toThrow('32 bytes');
});
