import { hash } from 'node:crypto';
import { uuidOf } from './service-identity.ts';

/** Makes the ids of one batch. */
export interface BatchIds {
  batch_id: string;
  /** @param ms whole epoch milliseconds below 2^48; @param index place in the batch, below 2^24 */
  eventId(ms: number, index: number): string;
}

/**
 * Ids of the documents of a batch: 48 bits of time in ms, 24 bits of place in the batch, 56 bits that are the batch's own.
 * So ids of one millisecond sort in batch order, neighbours lie together in an index, and the same key and time make the same ids.
 * @param batch_key Idempotency-Key of the batch, or something random
 */
export function batchIds(tenant_id: string, batch_key: string): BatchIds {
  const digest = hash('sha256', JSON.stringify(['batch', tenant_id, batch_key]), 'hex');
  const tail = `${digest.slice(32, 34)}-${digest.slice(34, 46)}`;
  let last_ms = -1;
  let time = '';
  return {
    batch_id: uuidOf(digest),
    eventId(ms, index) {
      if (ms !== last_ms) {
        const hex = ms.toString(16).padStart(12, '0');
        time = `${hex.slice(0, 8)}-${hex.slice(8)}`;
        last_ms = ms;
      }
      const place = index.toString(16).padStart(6, '0');
      return `${time}-${place.slice(0, 4)}-${place.slice(4)}${tail}`;
    },
  };
}

/** Id of a document for which the client gave its own `event_id`. */
export const clientEventId = (tenant_id: string, event_id: string): string =>
  uuidOf(hash('sha256', JSON.stringify(['event', tenant_id, event_id]), 'hex'));
