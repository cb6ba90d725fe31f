import { Type, type Static } from 'typebox';
import type { LogDocument } from '../logstore/log-store.ts';
import type { SearchEngine } from '../logstore/search-engine.ts';
import { countHits } from '../logstore/search-hits.ts';
import type { Database } from '../platform/postgres.ts';
import { isoTime } from '../platform/http/time-range.ts';
import { MAPPED_FIELDS, valueAt, type MappedField } from './field-mapping.ts';
import type { IngestLimits } from './ingest-limits.ts';
import {
  checkConnectionConfig,
  ConnectionConfig,
  type SourceIndex,
  type SourceTenant,
} from './log-source-config.ts';
import { documentReader, type SearchDocument } from './log-source-document.ts';
import { explainAnswer } from './log-source-error.ts';
import { indexedFields, type IndexedFields } from './log-source-fields.ts';
import { inInterval, inSource } from './log-source-query.ts';
import { LogSourceName } from './log-source-schema.ts';
import { engineOf, type SourceDefaults } from './log-source-settings.ts';
import { createMaskDirectory } from './mask-directory.ts';
import type { Json } from './record-fields.ts';
import { serviceId, serviceSlug } from './service-identity.ts';

const DAY_MS = 86_400_000;
const PREVIEW_LINES = 20;
/** Lines a second that reading, mining and writing take on two cores that the engine shares. */
const LINES_PER_SECOND = 10_000;

const seconds = () => Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 }));
/** The body of a new source; what does not matter for a preview may be left out. */
export const PreviewedLogSource = Type.Object(
  {
    name: Type.Optional(LogSourceName),
    source_type: Type.Enum(['elasticsearch', 'opensearch']),
    connection_config: ConnectionConfig,
    slice_seconds: seconds(),
    read_lag_seconds: seconds(),
    allowed_lateness_seconds: seconds(),
    backfill_hours: Type.Optional(Type.Integer({ minimum: 0, maximum: 720 })),
  },
  { additionalProperties: false },
);
type PreviewedLogSource = Static<typeof PreviewedLogSource>;

const PreviewLine = Type.Object({
  timestamp: Type.String({ format: 'date-time' }),
  service: Type.String(),
  severity: Type.String(),
  message: Type.String(),
  source: Type.String(),
});
const PreviewField = Type.Object({
  field: Type.Enum([...MAPPED_FIELDS]),
  path: Type.String(),
  found: Type.Union([Type.Number(), Type.Null()], {
    description: 'Share of the documents shown that have it, 0..1',
  }),
  is_indexed: Type.Boolean({ description: 'The index can search it; the time and the cursor need this' }),
});

/** What a source would give. */
export const LogSourcePreview = Type.Object({
  lines: Type.Array(PreviewLine, { description: 'The newest 20 documents, newest first' }),
  fields: Type.Array(PreviewField),
  cursor_field: Type.String({ description: 'What the source is read along' }),
  has_cursor_field: Type.Boolean({
    description: 'Otherwise the time stamp stands in, and late documents cost more',
  }),
  indices: Type.Integer(),
  documents_24h: Type.Integer(),
  backfill_documents: Type.Integer({ description: 'About how many are read before the new ones' }),
  backfill_seconds: Type.Integer({ description: 'About how long that takes' }),
  problems: Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
});
export type LogSourcePreview = Static<typeof LogSourcePreview>;

interface Deps extends SourceDefaults {
  database: Database;
  limits: IngestLimits;
  now: () => number;
}

/**
 * Shows what a source would give, without storing anything.
 * @returns of (tenant, source): lines, fields and counts; throws AppError in words for the person who asks
 */
export function previewStep(deps: Deps) {
  const { config, engines, limits, now } = deps;
  const maskOf = createMaskDirectory(deps);

  return async (tenant: SourceTenant, body: PreviewedLogSource): Promise<LogSourcePreview> => {
    const engine = engineOf(engines, body.source_type);
    const source = checkConnectionConfig(body.connection_config, tenant, config.readable_indices);
    const read = documentReader({
      tenant,
      log_source: { id: '', name: body.name ?? source.index },
      mapping: source.mapping,
      limits,
      mask: await maskOf(tenant.tenant_id),
      serviceId: (name, environment) =>
        serviceId(tenant.tenant_id, serviceSlug(name), serviceSlug(environment)),
      onClamped: () => undefined,
    });
    const hours = body.backfill_hours ?? config.backfill_hours;
    try {
      const { documents, ...preview } = await look(engine, source, { hours, since: now() - DAY_MS });
      return { lines: documents.map((document) => lineView(read(document))), ...preview };
    } catch (error) {
      throw explainAnswer(error, body.source_type, source);
    }
  };
}

async function look(
  engine: SearchEngine,
  source: SourceIndex,
  { hours, since }: { hours: number; since: number },
) {
  const [indexed, documents, documents_24h] = await Promise.all([
    indexedFields(engine, source),
    newestDocuments(engine, source),
    countHits(engine, { index: source.index, query: inInterval(source, [since, null]) }),
  ]);
  const backfill_documents = Math.round((documents_24h * hours) / 24);
  return {
    documents,
    fields: fieldsOf(source, indexed, documents),
    cursor_field: source.mapping.cursor ?? source.mapping.timestamp,
    has_cursor_field: indexed.fields.cursor?.is_date ?? false,
    indices: indexed.indices,
    documents_24h,
    backfill_documents,
    backfill_seconds: Math.ceil(backfill_documents / LINES_PER_SECOND),
    problems: problemsOf(source, indexed, documents),
  };
}

const lineView = ({ timestamp, service, severity, message, source }: LogDocument) => ({
  timestamp: isoTime(timestamp),
  service,
  severity,
  message,
  source,
});

async function newestDocuments(engine: SearchEngine, source: SourceIndex): Promise<SearchDocument[]> {
  const { hits } = await engine.request<{
    hits: { hits: { _id: string; _source?: Json; sort: [number | null] }[] };
  }>({
    method: 'POST',
    path: `/${encodeURIComponent(source.index)}/_search`,
    body: {
      size: PREVIEW_LINES,
      track_total_hits: false,
      query: inSource(source, []),
      sort: [{ [source.mapping.timestamp]: { order: 'desc', unmapped_type: 'date', numeric_type: 'date' } }],
    },
  });
  return hits.hits.map(({ _id, _source, sort: [at] }) => {
    // A number below zero stands for a document without the field.
    const timestamp = at !== null && at > 0 ? at : null;
    return { id: _id, source: _source ?? {}, cursor_at: timestamp ?? 0, timestamp };
  });
}

function fieldsOf(source: SourceIndex, indexed: IndexedFields, documents: SearchDocument[]) {
  return MAPPED_FIELDS.flatMap((field) => {
    const path = source.mapping[field];
    if (path === null) return [];
    const having = documents.filter((document) => valueAt(document.source, path) !== undefined).length;
    const found = documents.length === 0 ? null : having / documents.length;
    return [{ field, path, found, is_indexed: indexed.fields[field]?.is_known ?? false }];
  });
}

function problemsOf(source: SourceIndex, { indices, fields }: IndexedFields, documents: SearchDocument[]) {
  if (indices === 0) {
    const message = `No index matches "${source.index}" so far.`;
    return [{ field: 'connection_config.index', message }];
  }
  const problems: LogSourcePreview['problems'] = [];
  const add = (field: MappedField, message: string) =>
    problems.push({ field: `connection_config.fields.${field}`, message });
  const { timestamp, cursor, service, severity } = fields;
  if (!timestamp?.is_date) add('timestamp', `The index has no date field "${source.mapping.timestamp}".`);
  if (cursor?.is_known && !cursor.is_date) add('cursor', `"${source.mapping.cursor}" is not a date.`);
  for (const [field, given] of [
    ['service', service],
    ['severity', severity],
  ] as const) {
    if (!given?.is_known || given.group_field !== null) continue;
    add(
      field,
      `"${source.mapping[field]}" can not be grouped by: busy slices need a keyword, or a sub-field of one.`,
    );
  }
  for (const field of ['service', 'message'] as const) {
    const path = source.mapping[field];
    const isMissing = path === null || documents.every(({ source: one }) => valueAt(one, path) === undefined);
    if (documents.length > 0 && isMissing) {
      const meaning =
        field === 'service' ? 'all lines belong to the service "unknown"' : 'lines are the documents as JSON';
      add(field, `None of the newest documents has "${path ?? field}": ${meaning}.`);
    }
  }
  return problems;
}
