import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alertId, idempotencyKey, type AlertKey } from './alert-key.ts';
import { ALERT_EVENTS } from './policy-schema.ts';

const keys: fc.Arbitrary<AlertKey> = fc.record({
  anomaly_id: fc.uuid(),
  policy_id: fc.uuid(),
  integration_id: fc.uuid(),
  event: fc.constantFrom(...ALERT_EVENTS),
});

it('makes a UUID of version 8 that depends on the key alone', () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(alertId(key)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(alertId({ ...key })).toBe(alertId(key));
    }),
  );
});

it('differs wherever the key differs', () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      fc.pre(idempotencyKey(a) !== idempotencyKey(b));
      expect(alertId(a)).not.toBe(alertId(b));
    }),
  );
});
