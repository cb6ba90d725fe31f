import type { LogDocument, Severity } from '../logstore/log-store.ts';
import { wellFormed } from '../logstore/stored-text.ts';
import { clientEventId } from './event-id.ts';
import type { IngestLimits } from './ingest-limits.ts';
import { openJsonMessage } from './json-message.ts';
import { readFields, type Json, type RecordFields } from './record-fields.ts';
import { withRelease } from './release.ts';
import type { Mask } from './mask.ts';
import { measureJson } from './json-size.ts';
import { DEFAULT_ENVIRONMENT } from './service-identity.ts';
import { inferSeverity, normaliseSeverity } from './severity.ts';
import { parseTimestamp } from './timestamp.ts';

/** Why a record was not stored. */
export interface RecordError {
  code:
    | 'invalid_json'
    | 'not_an_object'
    | 'missing_field'
    | 'invalid_type'
    | 'invalid_value'
    | 'record_too_large'
    | 'record_too_deep'
    | 'forbidden_tenant'
    | 'too_many_services'
    | 'invalid_document';
  field?: string;
  message: string;
}

/** What all records of a batch have in common. */
export interface BatchContext {
  tenant_id: string;
  tenant_slug: string;
  log_source_id: string;
  /** `source` of records that name none. */
  default_source: string;
  /** Epoch ms of the first attempt at this batch: what ids are made of, and the time of records that name none. */
  received_at: number;
  /** Epoch ms of this attempt: it decides the slice, and slices of the first attempt may be closed by now. */
  ingested_at: number;
  clock_mode: 'wall' | 'log';
  /** How far a source with its own clock has come; null for wall sources. */
  clock_at: number | null;
  limits: IngestLimits;
  /** Acts on every text of a record before it means anything: what it hides, nobody is counted or shown by. */
  mask: Mask;
  /** Id of the document at a place of the batch. */
  eventId(ms: number, index: number): string;
  /** Id of the service with this name, or null when the tenant has as many as it may. */
  serviceId(name: string, environment: string): string | null;
  /** Told of each time stamp that was replaced by the received time. */
  onClamped(): void;
}

const MAX_NAME = 200;
const problem = (code: RecordError['code'], field: string, message: string): RecordError => ({
  code,
  field,
  message,
});

export const isRecordError = (result: LogDocument | RecordError): result is RecordError => 'code' in result;

/**
 * Turns one JSON value of a batch into the document to be stored, or says why not. Pure, never throws.
 * Order of checks: shape, size, tenant, message, time, severity, service, source, metadata, event_id.
 * @param index place in the batch, 0-based
 */
export function parseLogRecord(
  raw: unknown,
  index: number,
  context: BatchContext,
): LogDocument | RecordError {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    return { code: 'not_an_object', message: 'A record is a JSON object with at least a message.' };
  }
  const { limits } = context;
  const size = measureJson(raw, limits.max_depth);
  if (size === null)
    return problem('record_too_deep', '', `A record nests at most ${limits.max_depth} levels.`);
  if (size > limits.max_record_bytes) return tooLarge(limits);
  const fields = openJsonMessage(readFields(raw as Json), limits.max_depth - 1);
  return problemOf(fields, context) ?? documentOf(fields, index, context);
}

export const tooLarge = (limits: IngestLimits): RecordError => ({
  code: 'record_too_large',
  message: `A record has at most ${limits.max_record_bytes} bytes.`,
});

/** Types and values that no default can mend. */
function problemOf(fields: RecordFields, context: BatchContext): RecordError | null {
  const { tenant_id, message, timestamp, severity, service, environment, source, metadata, event_id } =
    fields;
  if (tenant_id !== undefined && tenant_id !== context.tenant_id && tenant_id !== context.tenant_slug) {
    return problem('forbidden_tenant', 'tenant_id', 'The key belongs to another tenant.');
  }
  if (message === undefined) return problem('missing_field', 'message', 'message is required.');
  if (typeof message !== 'string') return problem('invalid_type', 'message', 'message must be a string.');
  if (timestamp !== undefined && typeof timestamp !== 'string' && typeof timestamp !== 'number') {
    return problem('invalid_type', 'timestamp', 'timestamp must be ISO 8601 text or a number since 1970.');
  }
  if (severity !== undefined && typeof severity !== 'string' && typeof severity !== 'number') {
    return problem('invalid_type', 'severity', 'severity must be a word or a number.');
  }
  const texts = { service, environment, source };
  for (const field of ['service', 'environment', 'source'] as const) {
    if (texts[field] !== undefined && typeof texts[field] !== 'string') {
      return problem('invalid_type', field, `${field} must be a string, or an object with a name.`);
    }
  }
  if (
    metadata !== undefined &&
    (metadata === null || typeof metadata !== 'object' || Array.isArray(metadata))
  ) {
    return problem('invalid_type', 'metadata', 'metadata must be an object.');
  }
  if (event_id !== undefined && (typeof event_id !== 'string' || event_id === '' || event_id.length > 512)) {
    return problem('invalid_type', 'event_id', 'event_id must be a string of 1 to 512 characters.');
  }
  return null;
}

function documentOf(fields: RecordFields, index: number, context: BatchContext): LogDocument | RecordError {
  const extra: Json = Object.create(null) as Json;
  const timestamp = timestampOf(fields.timestamp as string | number | undefined, extra, context);
  if (timestamp === null)
    return problem('invalid_value', 'timestamp', 'timestamp is not a time before 2200.');
  const { mask } = context;
  // Before the cut: half a secret at its end would not be found.
  const message = messageOf(mask.text(fields.message as string), extra, context.limits);
  const service = nameOf(fields.service, 'unknown', mask);
  const service_id = context.serviceId(service, nameOf(fields.environment, DEFAULT_ENVIRONMENT, mask));
  if (service_id === null) {
    return problem(
      'too_many_services',
      'service',
      `A tenant has at most ${context.limits.max_services} services.`,
    );
  }
  const is_wall = context.clock_mode === 'wall';
  const given_id = fields.event_id as string | undefined;
  return {
    event_id:
      given_id === undefined
        ? context.eventId(is_wall ? context.received_at : timestamp, index)
        : clientEventId(context.tenant_id, given_id),
    timestamp,
    log_source_id: context.log_source_id,
    service_id,
    service,
    source: nameOf(fields.source, context.default_source, mask),
    severity: severityOf(fields.severity as string | number | undefined, message, extra),
    message,
    metadata: mask.json(withRelease(metadataOf(fields, extra))),
    ingested_at: is_wall ? context.ingested_at : Math.max(timestamp, context.clock_at ?? 0),
    ...(!is_wall && { is_log_time: true }),
  };
}

/** Sources with their own clock may lie anywhere in time; a wall source can not be far from now. */
function timestampOf(given: string | number | undefined, extra: Json, context: BatchContext): number | null {
  const { received_at, limits } = context;
  if (given === undefined) return received_at;
  const timestamp = parseTimestamp(given);
  if (timestamp === null || context.clock_mode === 'log') return timestamp;
  if (timestamp <= received_at + limits.max_future_ms && timestamp >= received_at - limits.max_age_ms)
    return timestamp;
  extra['original_timestamp'] = given;
  context.onClamped();
  return received_at;
}

/** Cut at a character boundary. */
function messageOf(message: string, extra: Json, { max_message_bytes }: IngestLimits): string {
  // Three bytes a UTF-16 unit is the most that UTF-8 takes.
  if (message.length * 3 <= max_message_bytes) return message;
  const bytes = Buffer.from(message, 'utf8');
  if (bytes.length <= max_message_bytes) return message;
  let end = max_message_bytes;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  extra['truncated'] = true;
  return bytes.toString('utf8', 0, end);
}

function severityOf(given: string | number | undefined, message: string, extra: Json): Severity {
  if (given === undefined) return inferSeverity(message);
  const severity = normaliseSeverity(given);
  if (severity !== null) return severity;
  extra['original_severity'] = given;
  return inferSeverity(message);
}

/** Names are keys of rows and of JSON, so nothing may stay in them that PostgreSQL refuses. */
function nameOf(given: unknown, fallback: string, mask: Mask): string {
  const name = typeof given === 'string' ? mask.text(given.trim()).slice(0, MAX_NAME) : '';
  if (name === '') return fallback;
  return /^[\x20-\x7e]*$/.test(name) ? name : wellFormed(name);
}

/** Unknown top-level keys, then the client's own metadata (it wins), then what we have to say. */
function metadataOf(fields: RecordFields, extra: Json): Json | null {
  const own = fields.metadata as Json | undefined;
  let is_extra = false;
  for (const _ in extra) is_extra = true;
  if (fields.rest === null && !is_extra) return own ?? null;
  // Without a prototype, a key `__proto__` is a key like any other.
  return Object.assign(Object.create(null) as Json, fields.rest, own, extra);
}
