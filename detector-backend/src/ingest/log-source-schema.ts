import { Type, type Static } from 'typebox';
import { ConnectionConfig } from './log-source-config.ts';

export const SOURCE_TYPES = ['push', 'simulated', 'replay', 'elasticsearch', 'opensearch'] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];
/** Sources that live in a cluster of the user's. */
export type SearchSourceType = 'elasticsearch' | 'opensearch';
export const isSearchSource = (source_type: SourceType): source_type is SearchSourceType =>
  source_type === 'elasticsearch' || source_type === 'opensearch';

/** A row of `log_sources`, as far as ingest and the API look at it. Times in epoch ms. */
export interface LogSourceRow {
  id: string;
  name: string;
  source_type: SourceType;
  connection_config: Record<string, unknown>;
  is_enabled: boolean;
  slice_seconds: number;
  read_lag_seconds: number;
  allowed_lateness_seconds: number;
  clock_mode: 'wall' | 'log';
  clock_at: number | null;
  cursor_at: number | null;
  last_read_at: number | null;
  last_error: string | null;
  last_error_at: number | null;
  blind_since: number | null;
  lines_read: number;
  lines_late: number;
  lines_unmined: number;
  slices_reread: number;
  recounts_missed: number;
  /** How far back its reading begins; null for everything. */
  backfill_hours: number | null;
  /** Where its reading began, and when that was (wall clock); null before the first slice. */
  read_from: number | null;
  first_read_at: number | null;
  /** The source that it was split from. */
  shard_of: string | null;
  created_at: number;
}

const Iso = Type.String({ format: 'date-time' });
const IsoOrNull = Type.Union([Iso, Type.Null()]);
export const LogSourceName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[A-Za-z0-9][A-Za-z0-9 ._/-]*$',
});

const seconds = (minimum: number, maximum: number) => Type.Optional(Type.Integer({ minimum, maximum }));
const Settings = {
  read_lag_seconds: seconds(0, 3600),
  allowed_lateness_seconds: seconds(0, 3600),
  backfill_hours: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 720,
      description: 'Of a source in a cluster: how far back its reading begins',
    }),
  ),
  connection_config: Type.Optional(ConnectionConfig),
};

export const NewLogSource = Type.Object(
  {
    name: LogSourceName,
    source_type: Type.Enum([...SOURCE_TYPES]),
    slice_seconds: seconds(1, 60),
    ...Settings,
  },
  { additionalProperties: false },
);
export type NewLogSource = Static<typeof NewLogSource>;

export const ChangedLogSource = Type.Object(
  { is_enabled: Type.Optional(Type.Boolean()), ...Settings },
  { additionalProperties: false, minProperties: 1 },
);
export type ChangedLogSource = Static<typeof ChangedLogSource>;

export const HealthStatus = Type.Enum(['ok', 'behind', 'blind', 'error', 'disabled']);
export type HealthStatus = Static<typeof HealthStatus>;

const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);
export const Backfill = Type.Object(
  {
    from: Iso,
    until: Iso,
    progress: Type.Number({ minimum: 0, maximum: 1 }),
    seconds_left: NumberOrNull,
  },
  { description: 'While the documents are read that were there before the source was' },
);

/** What the list and the health of a source have in common. */
const Progress = {
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  source_type: Type.String(),
  connection_config: Type.Object({}, { additionalProperties: true }),
  shard_of: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
  clock_mode: Type.Enum(['wall', 'log']),
  status: HealthStatus,
  cursor_at: IsoOrNull,
  lag_seconds: NumberOrNull,
  backfill_hours: Type.Union([Type.Integer(), Type.Null()]),
  backfill: Type.Union([Backfill, Type.Null()]),
  lines_read: Type.Integer(),
  lines_late: Type.Integer(),
  lines_unmined: Type.Integer({ description: 'Counted, but not mined: their slices had too many lines' }),
  coverage: Type.Number({ minimum: 0, maximum: 1, description: 'Share of the lines that were mined' }),
  slices_reread: Type.Integer({ description: 'Slices that were read again because late lines had come' }),
  recounts_missed: Type.Integer({
    description:
      'Re-counts that were never made: the slice expired first, or the source was changed to select other documents',
  }),
  last_error: Type.Union([Type.String(), Type.Null()]),
};

export const LogSource = Type.Object({
  ...Progress,
  is_enabled: Type.Boolean(),
  slice_seconds: Type.Integer(),
  read_lag_seconds: Type.Integer(),
  allowed_lateness_seconds: Type.Integer(),
  created_at: Iso,
});

export const LogSourceHealth = Type.Object({
  ...Progress,
  last_read_at: IsoOrNull,
  last_error_at: IsoOrNull,
  blind_since: IsoOrNull,
  clock_at: IsoOrNull,
});
