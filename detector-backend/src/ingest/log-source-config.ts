import { Type, type Static } from 'typebox';
import { fieldMapping, type FieldMapping } from './field-mapping.ts';
import { checkFilter } from './log-source-filter.ts';
import { checkIndex, readablePatterns } from './log-source-index.ts';

const path = () =>
  Type.String({ minLength: 1, maxLength: 200, pattern: '^[A-Za-z0-9_@][A-Za-z0-9_@./ -]*$' });
const needed = () => Type.Optional(path());
const given = () => Type.Optional(Type.Union([path(), Type.Null()]));
const Fields = Type.Object(
  {
    timestamp: needed(),
    service: given(),
    environment: given(),
    severity: given(),
    message: needed(),
    source: given(),
    release: given(),
    event_id: given(),
    cursor: given(),
  },
  {
    additionalProperties: false,
    description: 'Dotted paths of fields that have other names than the preset; null where there is none',
  },
);

/** What a log source of a cluster is read from. How to reach the cluster is the operator's, in the environment. */
export const ConnectionConfig = Type.Object(
  {
    index: Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'Indices, data streams, aliases or patterns of them, separated by commas',
    }),
    preset: Type.Optional(
      Type.Enum(['ecs', 'seismolog'], {
        default: 'ecs',
        description:
          'Names of the fields: `ecs`, or `seismolog` for what Logstash writes into our own indices',
      }),
    ),
    fields: Type.Optional(Fields),
    query: Type.Optional(
      Type.Object(
        {},
        { additionalProperties: true, description: 'Query DSL: only documents that match are read' },
      ),
    ),
  },
  { additionalProperties: false },
);
export type ConnectionConfig = Static<typeof ConnectionConfig>;

export interface SourceTenant {
  tenant_id: string;
  tenant_slug: string;
}

/** Of the configuration: which patterns of the clusters a tenant (by slug) may read. */
export type ReadableIndices = Readonly<Record<string, readonly string[]>>;

/** A configuration that was checked, with every field named. */
export interface SourceIndex {
  tenant: SourceTenant;
  /** As it stands in a path: comma-separated, not encoded. */
  index: string;
  mapping: FieldMapping;
  query: object | null;
}

/**
 * Checks index and query of a configuration whose form is right.
 * @throws AppError `invalid_request`, or `forbidden` where the tenant may not read the index; both name the field
 */
export function checkConnectionConfig(
  config: ConnectionConfig,
  tenant: SourceTenant,
  readable: ReadableIndices,
): SourceIndex {
  const patterns = readablePatterns(tenant.tenant_slug, readable[tenant.tenant_slug] ?? []);
  const index = checkIndex(config.index, patterns, tenant.tenant_slug);
  if (config.query !== undefined) checkFilter(config.query);
  return { tenant, index, mapping: fieldMapping(config), query: config.query ?? null };
}

/** Fields of the mapping that decide which documents a slice has: by its cursor, or as a shard of a source by its service. */
const SELECTING_FIELDS = ['timestamp', 'cursor', 'service', 'environment'] as const;

/** Whether two configurations, as the database gives them, put the same documents into every slice. */
export function selectSameDocuments(a: ConnectionConfig, b: ConnectionConfig): boolean {
  const selection = (config: ConnectionConfig) => {
    const mapping = fieldMapping(config);
    return JSON.stringify([
      config.index,
      config.query ?? null,
      SELECTING_FIELDS.map((field) => mapping[field]),
    ]);
  };
  return selection(a) === selection(b);
}
