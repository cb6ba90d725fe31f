import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serviceId, serviceSlug } from './service-identity.ts';

test.each([
  ['Checkout', 'checkout'],
  ['nova/nova-api', 'nova/nova-api'],
  ['My Service (EU)', 'my-service-eu'],
  ['--x--', 'x'],
])('%s is %s', (name, slug) => expect(serviceSlug(name)).toBe(slug));

test('names that differ only in other alphabets stay different', () => {
  expect(serviceSlug('кассa')).not.toBe(serviceSlug('складa'));
  expect(serviceSlug('日本')).toMatch(/^[0-9a-f]{8}$/);
  expect(serviceSlug('???')).toMatch(/^[0-9a-f]{8}$/);
});

test('a slug is never empty, never long, and its own slug', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (name) => {
      const slug = serviceSlug(name);
      expect(slug).toMatch(/^[a-z0-9._/-]{1,100}$/);
      expect(serviceSlug(slug)).toBe(slug);
    }),
  );
});

test('an id depends on tenant, slug and environment', () => {
  const ids = [
    serviceId('t', 'a', 'b'),
    serviceId('t', 'a', 'c'),
    serviceId('t', 'ab', ''),
    serviceId('u', 'a', 'b'),
  ];
  expect(new Set(ids).size).toBe(4);
  expect(serviceId('t', 'a', 'b')).toBe(ids[0]);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});
