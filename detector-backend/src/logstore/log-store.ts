/** Severity of a log line. The rank is the index: unknown 0 … fatal 6. */
export const SEVERITIES = ['unknown', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Severity = (typeof SEVERITIES)[number];
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);
export const WARN_RANK = 4;
export const ERROR_RANK = 5;

/** One stored log document (times in epoch ms). `event_id` is unique in the tenant: writing it twice changes nothing. */
export interface LogDocument {
  event_id: string;
  timestamp: number;
  log_source_id: string;
  service_id: string;
  service: string;
  source: string;
  severity: Severity;
  message: string;
  metadata: Record<string, unknown> | null;
  ingested_at: number;
}

/** What the detector reads of a document. */
export interface LogLine {
  event_id: string;
  timestamp: number;
  service_id: string;
  severity: Severity;
  message: string;
  /** `metadata.release`, at most 100 characters; null when there is none. */
  release: string | null;
}

/** The documents of one source whose `ingested_at` lies in the half-open interval [slice_start, slice_end). */
export interface SliceRange {
  tenant_id: string;
  log_source_id: string;
  slice_start: number;
  slice_end: number;
}

export interface SampleLine {
  timestamp: number;
  severity: Severity;
  source: string;
  message: string;
}

/** Result of a write. `errors` names the documents that were not stored by their index; all others were created or known. */
export interface WriteResult {
  created: number;
  duplicates: number;
  errors: { index: number; code: string; message: string }[];
}

/**
 * Where log documents live. Implemented on PostgreSQL; Elasticsearch and OpenSearch are planned behind the same conformance suite.
 * Every method throws AppError `log_store_unavailable` when the store can not be reached; none returns partial data.
 */
export interface LogStore {
  /** Stores documents; one with a known `event_id` counts as a duplicate. A bad document does not hinder the others. */
  write(tenant_id: string, documents: LogDocument[]): Promise<WriteResult>;
  /** Pages of lines in the order (ingested_at, event_id), each line once. */
  readSlice(range: SliceRange): AsyncIterable<LogLine[]>;
  /** Exact number of documents of the slice. */
  countSlice(range: SliceRange): Promise<number>;
  /** `ingested_at` of the first document of the source at or after `from`, or null: lets a reader skip an empty span. */
  firstIngestedAt(tenant_id: string, log_source_id: string, from: number): Promise<number | null>;
  /** Lines of a service with `timestamp` in [from, to), oldest first, at most `limit`. */
  readLines(query: {
    tenant_id: string;
    service_id: string;
    from: number;
    to: number;
    limit: number;
  }): Promise<SampleLine[]>;
  /** Deletes whole days before `before` (epoch ms); returns how many days went. */
  dropDaysBefore(tenant_id: string, before: number): Promise<number>;
  /** Throws when the store can not be used. */
  ping(): Promise<void>;
}
