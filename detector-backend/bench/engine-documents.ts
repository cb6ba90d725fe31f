import { batchIds } from '../src/ingest/event-id.ts';
import { serviceId } from '../src/ingest/service-identity.ts';
import type { LogDocument, Severity } from '../src/logstore/log-store.ts';

export const SERVICES = ['checkout', 'payments', 'stock'];
const LEVELS: Severity[] = ['info', 'info', 'info', 'info', 'debug', 'warn', 'error'];
const WORDS = 'session token order basket replica shard cursor upstream cache worker invoice parcel'.split(
  ' ',
);
const VERBS = 'opened closed flushed accepted rotated resolved forwarded refreshed'.split(' ');

/** What the documents of a bench have in common; document `n` has the time `from + n / per_second`. */
export interface DocumentSpan {
  tenant_id: string;
  log_source_id: string;
  /** Epoch ms. */
  from: number;
  per_second: number;
  /** Whether the engine leaves `ingested_at` as it is. */
  is_log_time: boolean;
}

export const timeOf = (n: number, { from, per_second }: Pick<DocumentSpan, 'from' | 'per_second'>): number =>
  from + Math.floor((n * 1000) / per_second);

/** How many documents have a time before `until` (epoch ms). */
export const countBefore = (until: number, { from, per_second }: DocumentSpan): number =>
  Math.max(0, Math.ceil(((until - from) * per_second) / 1000));

/** Line `n`: one of 40 templates, three services. */
export function lineAt(n: number): { service: string; severity: Severity; source: string; message: string } {
  const mixed = (n * 2654435761) >>> 8;
  const kind = mixed % 40;
  const [word, verb] = [WORDS[kind % WORDS.length], VERBS[kind % VERBS.length]];
  return {
    service: SERVICES[n % SERVICES.length] as string,
    severity: LEVELS[mixed % LEVELS.length] as Severity,
    source: `pod-${n % 20}`,
    message: `${word} ${mixed} ${verb} by 10.1.${mixed % 256}.${kind} in ${1 + (mixed % 300)} ms, step${kind} of flow`,
  };
}

/** Documents [first, last) as ingest hands them to the log store; the ids of one span are unique. */
export function logDocuments(span: DocumentSpan, first: number, last: number): LogDocument[] {
  const { tenant_id, log_source_id, is_log_time } = span;
  const ids = batchIds(tenant_id, `bench ${first}`);
  const service_ids = new Map(SERVICES.map((name) => [name, serviceId(tenant_id, name, 'default')]));
  return Array.from({ length: last - first }, (_, place) => {
    const timestamp = timeOf(first + place, span);
    const line = lineAt(first + place);
    return {
      ...line,
      event_id: ids.eventId(timestamp, place),
      timestamp,
      log_source_id,
      service_id: service_ids.get(line.service) as string,
      metadata: null,
      ingested_at: timestamp,
      ...(is_log_time && { is_log_time }),
    };
  });
}

/** The same document as it lies in the index. */
export function storedForm(tenant_id: string, document: LogDocument): object {
  const { event_id: _id, timestamp, ingested_at, metadata: _metadata, ...rest } = document;
  const time = new Date(timestamp).toISOString();
  const ingested = new Date(ingested_at).toISOString();
  return { '@timestamp': time, timestamp: time, tenant_id, ...rest, ingested_at: ingested };
}

/** Document `n` as Logstash writes it: by its name for the service, without our ids. */
export function shippedDocument(n: number, span: DocumentSpan, ingested_at: number): object {
  const time = new Date(timeOf(n, span)).toISOString();
  return {
    '@timestamp': time,
    timestamp: time,
    tenant_id: span.tenant_id,
    ...lineAt(n),
    ingested_at: new Date(ingested_at).toISOString(),
    ...(span.is_log_time && { is_log_time: true }),
  };
}
