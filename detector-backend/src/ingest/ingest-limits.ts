/** Limits on what POST /logs takes. */
export interface IngestLimits {
  /** Body as sent with a content encoding. */
  max_compressed_bytes: number;
  /** Body after decompression, or as sent without. */
  max_unpacked_bytes: number;
  max_records: number;
  max_record_bytes: number;
  /** UTF-8 bytes of a message; what is longer is cut and marked `metadata.truncated`. */
  max_message_bytes: number;
  /** Nesting of a record; the record itself is 1. */
  max_depth: number;
  max_services: number;
  max_log_sources: number;
  /** Time stamps outside [received - max_age_ms, received + max_future_ms] are replaced by the received time. */
  max_age_ms: number;
  max_future_ms: number;
  /** Token bucket of a tenant. */
  records_per_second: number;
  burst_records: number;
  /** Bodies of all requests that this process holds at a time. */
  max_bytes_in_flight: number;
}

export const DEFAULT_INGEST_LIMITS: Readonly<IngestLimits> = Object.freeze({
  max_compressed_bytes: 5 * 1024 * 1024,
  max_unpacked_bytes: 20 * 1024 * 1024,
  max_records: 10_000,
  max_record_bytes: 256 * 1024,
  max_message_bytes: 64 * 1024,
  max_depth: 10,
  max_services: 2_000,
  max_log_sources: 200,
  max_age_ms: 30 * 86_400_000,
  max_future_ms: 10 * 60_000,
  records_per_second: 100_000,
  burst_records: 1_000_000,
  max_bytes_in_flight: 128 * 1024 * 1024,
});
