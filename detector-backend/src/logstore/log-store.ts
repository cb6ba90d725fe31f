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
  /** The source cuts its slices in log time: a store whose own clock sets `ingested_at` leaves this one as it is. */
  is_log_time?: boolean;
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

/**
 * The documents of one source whose `ingested_at` lies in the half-open interval [slice_start, slice_end).
 * A source may be split into shards by service: `services` narrows the slice to some, or to all but some.
 */
export interface SliceRange {
  tenant_id: string;
  log_source_id: string;
  slice_start: number;
  slice_end: number;
  services?: ServiceFilter | undefined;
}

/** With both: `only` these, less what an earlier shard has. Matters for documents of several services at once. */
export type ServiceFilter =
  { only: readonly string[]; except?: readonly string[] } | { except: readonly string[] };

/** Exact number of a slice's lines with these properties. */
export interface SliceTally {
  service_id: string;
  /** Start of a half-open bucket of event time, epoch ms. */
  bucket_start: number;
  /** Null where the documents name no severity: the lines' own may differ. */
  severity: Severity | null;
  count: number;
}

export interface SampleLine {
  timestamp: number;
  severity: Severity;
  source: string;
  message: string;
}

/** Lines of a service with `timestamp` in the half-open interval [from, to), epoch ms. */
export interface LineQuery {
  service_id: string;
  from: number;
  to: number;
  /** Of the oldest lines of the interval; with `newest` of the newest. */
  limit: number;
  newest?: boolean;
}

/** Result of a write. `errors` names the documents that were not stored by their index; all others were created or known. */
export interface WriteResult {
  created: number;
  duplicates: number;
  errors: { index: number; code: string; message: string }[];
}

/**
 * What can be read of log sources: our own store, and sources that live in a user's Elasticsearch or OpenSearch.
 * Every method throws AppError `log_store_unavailable` when the store can not be reached; none returns partial data.
 */
export interface LogReader {
  /**
   * Pages of lines in the order (ingested_at, event_id), each line once.
   * @param options.sample_of with n > 1, about one line of n: the same ones each time, spread over the whole slice
   */
  readSlice(range: SliceRange, options?: { sample_of?: number }): AsyncIterable<LogLine[]>;
  /** Exact number of documents of the slice. */
  countSlice(range: SliceRange): Promise<number>;
  /** Exact counts by service, bucket of event time and severity, for slices with too many lines to read. */
  tallySlice(range: SliceRange, bucket_ms: number): Promise<SliceTally[]>;
  /** `ingested_at` of the first document of the source at or after `from`, or null: lets a reader skip an empty span. */
  firstIngestedAt(tenant_id: string, log_source_id: string, from: number): Promise<number | null>;
}

/** Where our own log documents live: PostgreSQL, Elasticsearch or OpenSearch, all behind one conformance suite. */
export interface LogStore extends LogReader {
  /** Until its end is this old, a slice may still get lines that are on their way: the default lag of its sources. */
  readonly read_lag_seconds: number;
  /**
   * Stores documents; one with a known `event_id` counts as a duplicate. A bad document does not hinder the others.
   * A document that the store was too busy for is an error `log_store_busy` of its index; when none could be stored,
   * the call throws `log_store_unavailable`.
   */
  write(tenant_id: string, documents: LogDocument[]): Promise<WriteResult>;
  /** Lines of a service, oldest first, at most `limit`. Throws as the methods of a reader do. */
  readLines(query: LineQuery & { tenant_id: string }): Promise<SampleLine[]>;
  /**
   * Deletes the tenant's lines of whole UTC days before that of `before` (epoch ms); returns of how many days. What takes too
   * long goes on with the next call.
   * @param shared_from where a day is shared by all tenants, days before that of `shared_from` (epoch ms) stay: they go as a whole
   */
  dropDaysBefore(tenant_id: string, before: number, shared_from?: number): Promise<number>;
  /** Throws when the store can not be used. */
  ping(): Promise<void>;
}
