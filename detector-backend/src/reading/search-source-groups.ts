import { indexedFields } from '../ingest/log-source-fields.ts';
import { exists, type BoolQuery } from '../ingest/log-source-query.ts';
import { valuesAt, type MappedField } from '../ingest/field-mapping.ts';
import type { Json } from '../ingest/record-fields.ts';
import { composite, type CompositeBucket } from '../logstore/search-hits.ts';
import { AppError } from '../platform/errors.ts';
import type { SearchSource } from './search-source.ts';

type GroupField = Extract<MappedField, 'service' | 'environment' | 'severity'>;
/** What a field of the index is grouped by; null where no document can have it. */
export type GroupFields = Record<GroupField, string | null>;
export type GroupKey = string | number | boolean | null;

/** Documents of one service, by the values that they have. */
export interface ServiceGroup {
  service: GroupKey;
  environment: GroupKey;
}

/** Which fields counts of this source are grouped by. Throws `invalid_request` where one can only be searched. */
export async function groupFields({ engine, source }: SearchSource): Promise<GroupFields> {
  const { fields } = await indexedFields(engine, source);
  const groupOf = (field: GroupField): string | null => {
    const indexed = fields[field];
    if (!indexed?.is_known) return null;
    if (indexed.group_field !== null) return indexed.group_field;
    throw new AppError(
      'invalid_request',
      `"${source.mapping[field]}" can not be grouped by: name a keyword, or a sub-field of one.`,
      { field: `connection_config.fields.${field}` },
    );
  };
  return {
    service: groupOf('service'),
    environment: groupOf('environment'),
    severity: groupOf('severity'),
  };
}

/** Counts the documents of a query by their groups, and by what else is asked for. */
export async function countGroups<Key extends Record<string, unknown>>(
  { engine, source }: SearchSource,
  query: object,
  sources: Record<string, object>[],
): Promise<CompositeBucket<Key>[]> {
  const buckets: CompositeBucket<Key>[] = [];
  for await (const page of composite<Key>(engine, { index: source.index, query, sources }))
    buckets.push(...page);
  return buckets;
}

/** Values to group by, as sources of a composite aggregation; documents without one are a group as well. */
export const groupedBy = (fields: Partial<GroupFields>): Record<string, object>[] =>
  Object.entries(fields).flatMap(([name, field]) =>
    field === null ? [] : [{ [name]: { terms: { field, missing_bucket: true } } }],
  );

/** The services among the documents of a query, by every spelling that they have there. */
export async function serviceGroups(
  search: SearchSource,
  query: object,
  { service, environment }: GroupFields,
): Promise<ServiceGroup[]> {
  const sources = groupedBy({ service, environment });
  // With neither field indexed, all documents are of one service.
  if (sources.length === 0) return [{ service: null, environment: null }];
  const buckets = await countGroups<Partial<Record<GroupField, GroupKey>>>(search, query, sources);
  return buckets.map(({ key }) => ({ service: key.service ?? null, environment: key.environment ?? null }));
}

/** The service that documents of a group belong to, by the rules for one document. */
export function serviceOf({ read, source: { mapping } }: SearchSource, group: ServiceGroup): string {
  const document: Record<string, unknown> = {};
  if (mapping.service !== null) document[mapping.service] = group.service;
  if (mapping.environment !== null) document[mapping.environment] = group.environment;
  return read({ id: '', source: document, cursor_at: 0, timestamp: null }).service_id;
}

/** All groups that a document is in: more than one where a field has several values. */
export function groupsOf({ source: { mapping } }: SearchSource, document: Json): ServiceGroup[] {
  const keysAt = (path: string | null): GroupKey[] => {
    const values = path === null ? [] : valuesAt(document, path);
    return values.length === 0 ? [null] : (values as GroupKey[]);
  };
  return keysAt(mapping.service).flatMap((service) =>
    keysAt(mapping.environment).map((environment) => ({ service, environment })),
  );
}

/** Matches the documents of these groups, and no others. */
export function inGroups(groups: readonly ServiceGroup[], fields: GroupFields): BoolQuery | object {
  if (groups.length === 0) return { match_none: {} };
  const by_environment = new Map<GroupKey, GroupKey[]>();
  for (const { service, environment } of groups) {
    by_environment.set(environment, [...(by_environment.get(environment) ?? []), service]);
  }
  const should = [...by_environment].map(([environment, services]) => ({
    bool: { filter: [oneOf(fields.environment, [environment]), oneOf(fields.service, services)] },
  }));
  return { bool: { should, minimum_should_match: 1 } };
}

function oneOf(field: string | null, keys: readonly GroupKey[]): object {
  if (field === null) return { match_all: {} };
  const values = keys.filter((key) => key !== null);
  const should: object[] = values.length === 0 ? [] : [{ terms: { [field]: values } }];
  if (values.length < keys.length) should.push({ bool: { must_not: [exists(field)] } });
  return { bool: { should, minimum_should_match: 1 } };
}
