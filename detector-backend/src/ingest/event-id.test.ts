import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchIds, clientEventId } from './event-id.ts';

test('ids sort by time, then by place in the batch', () => {
  const ids = batchIds('tenant', 'key');
  const place = fc.record({
    ms: fc.integer({ min: 0, max: 2 ** 43 }),
    index: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
  });
  fc.assert(
    fc.property(place, place, (a, b) => {
      const order = Math.sign(a.ms - b.ms) || Math.sign(a.index - b.index);
      const [first, second] = [ids.eventId(a.ms, a.index), ids.eventId(b.ms, b.index)];
      expect(first < second ? -1 : first > second ? 1 : 0).toBe(order);
      expect(first).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }),
  );
});

test('the same key makes the same ids, another key or tenant others', () => {
  const id = (tenant: string, key: string) => batchIds(tenant, key).eventId(1_780_000_000_000, 7);
  expect(id('t', 'k')).toBe(id('t', 'k'));
  expect(new Set([id('t', 'k'), id('t', 'l'), id('u', 'k')]).size).toBe(3);
  expect(id('t', 'k').slice(0, 18)).toBe(id('u', 'l').slice(0, 18));
});

test("a client's event id belongs to its tenant", () => {
  expect(clientEventId('t', 'x')).toBe(clientEventId('t', 'x'));
  expect(clientEventId('t', 'x')).not.toBe(clientEventId('u', 'x'));
});
