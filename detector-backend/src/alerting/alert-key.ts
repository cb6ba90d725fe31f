import { createHash } from 'node:crypto';
import type { AlertEvent } from './policy-schema.ts';

/** What makes an alert the same alert, whoever computes it and how often. */
export interface AlertKey {
  anomaly_id: string;
  policy_id: string;
  integration_id: string;
  event: AlertEvent;
}

/** Sent as `idempotency-key`; the same in every attempt, so a receiver that honours it acts once. */
export const idempotencyKey = (key: AlertKey): string =>
  `${key.anomaly_id}.${key.policy_id}.${key.integration_id}.${key.event}`;

/** Id of the row: a UUID of version 8 (RFC 9562) made of the key's SHA-256, so every re-run names the same row. */
export function alertId(key: AlertKey): string {
  const bytes = createHash('sha256').update(idempotencyKey(key)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
