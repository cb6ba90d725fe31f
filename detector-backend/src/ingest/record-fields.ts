export type Json = Record<string, unknown>;

/** Raw values of the fields that mean something to us; absent and null are undefined. */
export interface RecordFields {
  timestamp: unknown;
  severity: unknown;
  service: unknown;
  environment: unknown;
  source: unknown;
  message: unknown;
  metadata: unknown;
  event_id: unknown;
  tenant_id: unknown;
  /** Every other top-level key, or null when there is none. */
  rest: Json | null;
}

const noFields = (): RecordFields => ({
  timestamp: undefined,
  severity: undefined,
  service: undefined,
  environment: undefined,
  source: undefined,
  message: undefined,
  metadata: undefined,
  event_id: undefined,
  tenant_id: undefined,
  rest: null,
});

/**
 * Sorts the keys of a record. Understands our own names and those of ECS, nested and dotted: `@timestamp`, `log.level`,
 * `service.name`, `service.environment`, `host.name`. Our own name wins over ECS, ECS over `level` and the host.
 */
export function readFields(record: Json): RecordFields {
  const fields = noFields();
  for (const key of Object.keys(record)) {
    const value = record[key];
    switch (key) {
      case 'timestamp':
      case 'severity':
      case 'environment':
      case 'message':
      case 'metadata':
      case 'event_id':
      case 'tenant_id':
        fields[key] = value ?? undefined;
        break;
      case 'service':
      case 'source':
        fields[key] = isObject(value) ? nameIn(value) : (value ?? undefined);
        if (isObject(value)) keep(fields, key, value);
        break;
      case '@timestamp':
      case 'level':
      case 'log.level':
      case 'service.name':
      case 'service.environment':
        break;
      default:
        keep(fields, key, value);
    }
  }
  fillFromEcs(fields, record);
  return fields;
}

function fillFromEcs(fields: RecordFields, record: Json): void {
  fields.timestamp ??= record['@timestamp'] ?? undefined;
  fields.severity ??= within(record, 'log', 'level');
  // A level beside a severity says something else (the floor of a lift): it is kept.
  if (fields.severity === undefined) fields.severity = record['level'] ?? undefined;
  else if (Object.hasOwn(record, 'level')) keep(fields, 'level', record['level']);
  fields.service ??= record['service.name'] ?? undefined;
  fields.environment ??= within(record, 'service', 'environment');
  fields.source ??= text(within(record, 'host', 'name')) ?? text(record['host']);
}

export const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A value of ECS, written `{"log": {"level": …}}` or `{"log.level": …}`. */
function within(record: Json, outer: string, inner: string): unknown {
  const object = record[outer];
  const nested = isObject(object) && Object.hasOwn(object, inner) ? object[inner] : undefined;
  return nested ?? record[`${outer}.${inner}`] ?? undefined;
}

/** What an object is called: an ECS service has a name, a source may be an address or a file. */
function nameIn(object: Json): unknown {
  for (const key of ['name', 'address', 'ip', 'path']) {
    if (Object.hasOwn(object, key)) return object[key] ?? undefined;
  }
  return undefined;
}

function keep(fields: RecordFields, key: string, value: unknown): void {
  fields.rest ??= Object.create(null) as Json;
  fields.rest[key] = value;
}
