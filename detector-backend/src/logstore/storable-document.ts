import type { LogDocument } from './log-store.ts';

const MAX_TIMESTAMP = Date.UTC(2200, 0, 1);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Why no store can hold a document, naming the field; null when it can. */
export function problemOf(document: LogDocument): string | null {
  for (const field of ['event_id', 'log_source_id', 'service_id'] as const) {
    if (!UUID.test(document[field])) return `${field} must be a lower-case UUID`;
  }
  for (const field of ['timestamp', 'ingested_at'] as const) {
    const ms = document[field];
    if (!Number.isInteger(ms) || ms < 0 || ms > MAX_TIMESTAMP)
      return `${field} must be whole epoch milliseconds`;
  }
  return null;
}

/**
 * Whether an id begins with its document's own time, as all do that `ingest` makes for a batch: sent again it has the same
 * timestamp, so it meets its copy in the same day. An id that comes from a client's key may be sent again with another
 * timestamp, so its copy may be in any day.
 */
export function hasTimedId({ event_id, ingested_at, timestamp }: LogDocument): boolean {
  const id_ms = parseInt(event_id.slice(0, 8) + event_id.slice(9, 13), 16);
  return id_ms === ingested_at || id_ms === timestamp;
}
