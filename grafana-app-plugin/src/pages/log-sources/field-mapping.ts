import type { ConnectionConfig, MappedField, Preset } from '../../api/log-source-types.ts';

/** Names that are read where a source names no others, as the detector has them. Null: there is none. */
export const PRESETS: Record<Preset, Record<MappedField, string | null>> = {
  ecs: {
    timestamp: '@timestamp',
    message: 'message',
    service: 'service.name',
    severity: 'log.level',
    cursor: 'event.ingested',
    environment: 'service.environment',
    source: 'host.name',
    release: 'service.version',
    event_id: null,
  },
  seismolog: {
    timestamp: 'timestamp',
    message: 'message',
    service: 'service',
    severity: 'severity',
    cursor: 'ingested_at',
    environment: 'metadata.environment',
    source: 'source',
    release: 'metadata.release',
    event_id: null,
  },
};

export const MAPPED_FIELDS = Object.keys(PRESETS.ecs) as MappedField[];

/** Path of each field, and whether the source names it itself. */
export const fieldPaths = ({ fields, preset = 'ecs' }: ConnectionConfig) =>
  MAPPED_FIELDS.map((field) => {
    const own = fields?.[field];
    return { field, path: own === undefined ? PRESETS[preset][field] : own, isOwn: own !== undefined };
  });
