import type { SearchEngine } from '../logstore/search-engine.ts';
import { MAPPED_FIELDS, type MappedField } from './field-mapping.ts';
import type { SourceIndex } from './log-source-config.ts';

/** How the indices of a source know a field. */
export interface IndexedField {
  is_known: boolean;
  is_date: boolean;
  /** What counts can be grouped by: the field or its `.keyword`; null where neither is possible. */
  group_field: string | null;
}

export interface IndexedFields {
  /** Indices and backing indices that the source reads. */
  indices: number;
  fields: Partial<Record<MappedField, IndexedField>>;
}

interface FieldCapabilities {
  indices: string[];
  fields: Record<string, Record<string, { type: string; aggregatable: boolean }>>;
}

/** Asks the cluster how it has mapped the fields of a source; fields without a name are left out. */
export async function indexedFields(engine: SearchEngine, source: SourceIndex): Promise<IndexedFields> {
  const names = MAPPED_FIELDS.flatMap((field) => source.mapping[field] ?? []);
  const asked = [...names, ...names.map((name) => `${name}.keyword`)];
  const found = await engine.request<FieldCapabilities>({
    method: 'GET',
    path: `/${encodeURIComponent(source.index)}/_field_caps`,
    query: { fields: [...new Set(asked)].join(',') },
  });
  const typesOf = (name: string) =>
    Object.values(found.fields[name] ?? {}).filter(({ type }) => type !== 'unmapped');
  const canGroup = (name: string) =>
    typesOf(name).length > 0 && typesOf(name).every((one) => one.aggregatable);
  const fieldOf = (name: string): IndexedField => {
    const types = typesOf(name);
    return {
      is_known: types.length > 0,
      is_date: types.length > 0 && types.every(({ type }) => type === 'date' || type === 'date_nanos'),
      group_field: [name, `${name}.keyword`].find(canGroup) ?? null,
    };
  };
  const fields = MAPPED_FIELDS.flatMap((field) => {
    const name = source.mapping[field];
    return name === null ? [] : [[field, fieldOf(name)] as const];
  });
  return { indices: found.indices.length, fields: Object.fromEntries(fields) };
}
