import type { LogSeverity, SourceStatus } from './types.ts';

export type SourceType = 'push' | 'simulated' | 'replay' | 'elasticsearch' | 'opensearch';
/** Clusters that the detector reads from; the other types are pushed to it. */
export type EngineType = Extract<SourceType, 'elasticsearch' | 'opensearch'>;

/** What a document's field can be read as. */
export type MappedField =
  | 'timestamp'
  | 'message'
  | 'service'
  | 'severity'
  | 'cursor'
  | 'environment'
  | 'source'
  | 'release'
  | 'event_id';

/** Names that the fields have where a source names no others. */
export type Preset = 'ecs' | 'seismolog';

/** Where and how the documents of a cluster are read. */
export interface ConnectionConfig {
  index?: string;
  query?: Record<string, unknown>;
  preset?: Preset;
  /** Dotted path by field, e.g. `severity: "level"`; null where the documents have no such field. */
  fields?: Partial<Record<MappedField, string | null>>;
}

/** How far a new source has come with the hours before it was added. */
export interface Backfill {
  from: string;
  until: string;
  /** 0–1. */
  progress: number;
  /** Null until the speed is known. */
  seconds_left: number | null;
}

export interface LogSource {
  id: string;
  name: string;
  source_type: SourceType;
  is_enabled: boolean;
  status: SourceStatus;
  cursor_at: string | null;
  lag_seconds: number | null;
  last_error: string | null;
  lines_read: number;
  /** Lines that came after their slice was read, and were found when it was counted again. */
  lines_late: number;
  slices_reread: number;
  /** Lines that were counted and not mined, because a slice had too many of them. */
  lines_unmined: number;
  /** Share of the lines that were mined, 0–1. */
  coverage: number;
  backfill: Backfill | null;
  /** The source that this one was split from, when it is a shard. */
  shard_of: string | null;
  connection_config: ConnectionConfig;
  slice_seconds: number;
  read_lag_seconds: number;
  allowed_lateness_seconds: number;
  backfill_hours: number | null;
  clock_mode: 'wall' | 'log';
  created_at: string;
}

export interface LogSourceHealth {
  id: string;
  status: SourceStatus;
  last_read_at: string | null;
  last_error: string | null;
  last_error_at: string | null;
  blind_since: string | null;
}

export interface NewLogSource {
  name: string;
  source_type: EngineType;
  connection_config: ConnectionConfig;
  backfill_hours?: number;
  read_lag_seconds?: number;
}

/** A preview needs no name. */
export type PreviewedLogSource = Omit<NewLogSource, 'name'> & { name?: string };

export interface PreviewLine {
  timestamp: string;
  service: string;
  severity: LogSeverity;
  message: string;
  source: string;
}

export interface PreviewField {
  field: MappedField;
  path: string;
  /** Share of the documents shown that have it, 0–1; null when there is none. */
  found: number | null;
  /** The index can search it. */
  is_indexed: boolean;
}

/** What a source would give, without reading it. */
export interface LogSourcePreview {
  /** The newest documents as they would be read. */
  lines: PreviewLine[];
  fields: PreviewField[];
  cursor_field: string;
  has_cursor_field: boolean;
  indices: number;
  documents_24h: number;
  backfill_documents: number;
  backfill_seconds: number;
  problems: { field: string; message: string }[];
}
