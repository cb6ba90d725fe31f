import { isObject, type Json } from './record-fields.ts';

/** What we want to know of a document of somebody else's index. */
export const MAPPED_FIELDS = [
  'timestamp',
  'service',
  'environment',
  'severity',
  'message',
  'source',
  'release',
  'event_id',
  'cursor',
] as const;
export type MappedField = (typeof MAPPED_FIELDS)[number];

/** Where each of it stands, as a dotted path; null where the documents have no such field. */
export type FieldMapping = Record<MappedField, string | null> & { timestamp: string; message: string };

export const PRESETS = {
  /** What Beats, Elastic Agent and ECS loggers write. */
  ecs: {
    timestamp: '@timestamp',
    service: 'service.name',
    environment: 'service.environment',
    severity: 'log.level',
    message: 'message',
    source: 'host.name',
    release: 'service.version',
    event_id: null,
    cursor: 'event.ingested',
  },
  /** What Logstash writes into our own indices. */
  seismolog: {
    timestamp: 'timestamp',
    service: 'service',
    environment: 'metadata.environment',
    severity: 'severity',
    message: 'message',
    source: 'source',
    release: 'metadata.release',
    event_id: null,
    cursor: 'ingested_at',
  },
} as const satisfies Record<string, FieldMapping>;
export type Preset = keyof typeof PRESETS;

/** The mapping that a configuration asks for: its preset (default `ecs`), with its own names over it. */
export function fieldMapping(config: { preset?: Preset; fields?: Partial<FieldMapping> }): FieldMapping {
  const mapping = { ...PRESETS[config.preset ?? 'ecs'], ...config.fields };
  return { ...mapping, cursor: mapping.cursor ?? mapping.timestamp };
}

/**
 * The value at a dotted path: `log.level` finds `{"log": {"level": …}}`, `{"log.level": …}` and every mixture. Of an array
 * the first value; undefined where there is none.
 */
export function valueAt(document: unknown, path: string): unknown {
  const object = firstOf(document);
  if (!isObject(object)) return undefined;
  if (Object.hasOwn(object, path)) return firstOf(object[path]) ?? undefined;
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(object, head)) continue;
    const found = valueAt(object[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All values at a dotted path that an index would keep for it, of all spellings of the path; without objects and nulls. */
export function valuesAt(document: unknown, path: string): unknown[] {
  if (Array.isArray(document)) return document.flatMap((item) => valuesAt(item, path));
  if (!isObject(document)) return [];
  const found = Object.hasOwn(document, path) ? scalarsOf(document[path]) : [];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(document, head)) found.push(...valuesAt(document[head], path.slice(dot + 1)));
  }
  return found;
}

const scalarsOf = (value: unknown): unknown[] =>
  Array.isArray(value)
    ? value.flatMap(scalarsOf)
    : isObject(value) || value === null || value === undefined
      ? []
      : [value];

const firstOf = (value: unknown): unknown =>
  Array.isArray(value) ? value.find((item) => item !== null && item !== undefined) : value;

/**
 * A document as a record in our own names, as POST /logs takes them. A document without a message has its `event.original`
 * as one, else its own JSON: it is counted, and can be read.
 */
export function recordOf(document: Json, mapping: FieldMapping): Json {
  const at = (field: MappedField) => {
    const path = mapping[field];
    return path === null ? undefined : valueAt(document, path);
  };
  const release = at('release');
  return {
    timestamp: at('timestamp'),
    service: nameOf(at('service')),
    environment: nameOf(at('environment')),
    severity: at('severity'),
    source: nameOf(at('source')),
    message: textOf(at('message') ?? valueAt(document, 'event.original') ?? document),
    metadata: release === undefined ? undefined : { release },
  };
}

/** Names are text; a number is one as well. An object (`service` of ECS) is left to the parser of records. */
const nameOf = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
