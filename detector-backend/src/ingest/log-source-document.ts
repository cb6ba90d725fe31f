import { hash } from 'node:crypto';
import type { LogDocument, LogLine } from '../logstore/log-store.ts';
import { clientEventId } from './event-id.ts';
import { recordOf, valueAt, type FieldMapping } from './field-mapping.ts';
import type { IngestLimits } from './ingest-limits.ts';
import { isRecordError, parseLogRecord, type BatchContext, type RecordError } from './log-record.ts';
import type { SourceTenant } from './log-source-config.ts';
import type { Mask } from './mask.ts';
import { isObject, type Json } from './record-fields.ts';
import { MAX_RELEASE } from './release.ts';
import { uuidOf } from './service-identity.ts';

/** A document as the engine gives it. */
export interface SearchDocument {
  id: string;
  source: Json;
  /** Value of its cursor field, epoch ms. */
  cursor_at: number;
  /** Its time stamp as the index understands it, epoch ms; null where it has none, or none that the index could read. */
  timestamp: number | null;
}

export interface DocumentContext {
  tenant: SourceTenant;
  log_source: { id: string; name: string };
  mapping: FieldMapping;
  limits: IngestLimits;
  mask: Mask;
  /** Never null: where a tenant has too many services, lines go to one of them. */
  serviceId(name: string, environment: string): string;
  onClamped(): void;
}

/**
 * Turns documents of somebody else's index into our own, by the same rules as POST /logs. Every document becomes one: a value
 * that can not be read is left out, as if the document did not have it. Its cursor stands for the received time.
 */
export function documentReader(given: DocumentContext): (document: SearchDocument) => LogDocument {
  const { tenant, log_source, mapping, limits, mask } = given;
  let event_id = '';
  const context: BatchContext = {
    ...tenant,
    log_source_id: log_source.id,
    default_source: log_source.name,
    received_at: 0,
    ingested_at: 0,
    clock_mode: 'wall',
    clock_at: null,
    limits,
    mask,
    eventId: () => event_id,
    serviceId: given.serviceId,
    onClamped: given.onClamped,
  };
  return (document) => {
    const record = recordOf(document.source, mapping);
    if (document.timestamp !== null) record['timestamp'] = document.timestamp;
    event_id = eventIdOf(document, mapping, given);
    context.received_at = context.ingested_at = document.cursor_at;
    return parseMended(record, context);
  };
}

function parseMended(record: Json, context: BatchContext): LogDocument {
  let mended = record;
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const parsed = parseLogRecord(mended, 0, context);
    if (!isRecordError(parsed)) return parsed;
    mended = mendRecord(mended, parsed, context.mask);
  }
  throw new Error('A document can not be read, whatever is left out of it');
}

/** Characters of a message that fit into any record, and those of a name. */
const SAFE_MESSAGE = 60_000;
const SAFE_NAME = 1_000;

function mendRecord(record: Json, { code, field }: RecordError, mask: Mask): Json {
  if (code !== 'record_too_large' && code !== 'record_too_deep')
    return { ...record, [field ?? '']: undefined };
  const scalars = Object.entries(record).map(([key, value]) => [key, isObject(value) ? undefined : value]);
  const mended = Object.fromEntries(scalars) as Json;
  for (const [key, value] of Object.entries(mended)) {
    if (typeof value !== 'string') continue;
    // Before the cut: half a secret at its end would not be found.
    mended[key] = mask.text(value).slice(0, key === 'message' ? SAFE_MESSAGE : SAFE_NAME);
  }
  return mended;
}

/** The document's own id or one made from `_id`, but never from `_index`: a data stream moves on to other indices. */
function eventIdOf(document: SearchDocument, mapping: FieldMapping, given: DocumentContext): string {
  const own = mapping.event_id === null ? undefined : valueAt(document.source, mapping.event_id);
  if (typeof own === 'string' || typeof own === 'number')
    return clientEventId(given.tenant.tenant_id, String(own));
  return uuidOf(hash('sha256', JSON.stringify(['document', given.log_source.id, document.id]), 'hex'));
}

/** What the detector reads of a document. */
export function lineOf(document: LogDocument): LogLine {
  const { event_id, timestamp, service_id, severity, message, metadata } = document;
  const release = metadata?.['release'];
  const text = typeof release === 'string' || typeof release === 'number' ? String(release) : '';
  return { event_id, timestamp, service_id, severity, message, release: text.slice(0, MAX_RELEASE) || null };
}
