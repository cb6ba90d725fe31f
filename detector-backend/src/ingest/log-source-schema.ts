import { Type, type Static } from 'typebox';

export const SOURCE_TYPES = ['push', 'simulated', 'replay', 'elasticsearch', 'opensearch'] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];

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
  created_at: number;
}

const Iso = Type.String({ format: 'date-time' });
const IsoOrNull = Type.Union([Iso, Type.Null()]);
export const LogSourceName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[A-Za-z0-9][A-Za-z0-9 ._/-]*$',
});

export const NewLogSource = Type.Object(
  {
    name: LogSourceName,
    source_type: Type.Enum(['push', 'simulated', 'replay']),
    slice_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 60 })),
    read_lag_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
    allowed_lateness_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
  },
  { additionalProperties: false },
);
export type NewLogSource = Static<typeof NewLogSource>;

export const HealthStatus = Type.Enum(['ok', 'behind', 'blind', 'error', 'disabled']);
export type HealthStatus = Static<typeof HealthStatus>;

export const LogSource = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  source_type: Type.String(),
  is_enabled: Type.Boolean(),
  slice_seconds: Type.Integer(),
  read_lag_seconds: Type.Integer(),
  allowed_lateness_seconds: Type.Integer(),
  clock_mode: Type.Enum(['wall', 'log']),
  created_at: Iso,
  status: HealthStatus,
  cursor_at: IsoOrNull,
  lag_seconds: Type.Union([Type.Number(), Type.Null()]),
  lines_read: Type.Integer(),
  lines_late: Type.Integer(),
});

export const LogSourceHealth = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  source_type: Type.String(),
  status: HealthStatus,
  cursor_at: IsoOrNull,
  lag_seconds: Type.Union([Type.Number(), Type.Null()]),
  lines_read: Type.Integer(),
  lines_late: Type.Integer(),
  last_read_at: IsoOrNull,
  last_error: Type.Union([Type.String(), Type.Null()]),
  last_error_at: IsoOrNull,
  blind_since: IsoOrNull,
  clock_mode: Type.Enum(['wall', 'log']),
  clock_at: IsoOrNull,
});
