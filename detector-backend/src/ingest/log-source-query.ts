import type { SourceIndex } from './log-source-config.ts';

/** A bool query in the words of both engines. */
export interface BoolQuery {
  bool: { filter: object[]; must_not: object[] };
}

/** Documents of a source that are ordered by the same field. */
export interface CursorBranch {
  field: string;
  must_not: object[];
}

export const exists = (field: string) => ({ exists: { field } });

/** Half-open interval of a date field; epoch ms, `null` is open. */
export const within = (field: string, from: number, to: number | null) => ({
  range: { [field]: { gte: from, ...(to !== null && { lt: to }), format: 'epoch_millis' } },
});

/**
 * A document's cursor is its cursor field, or its time stamp where it has none: an index that gets `event.ingested` one day,
 * and a pattern over some that have it, are read without losing a document.
 */
export function cursorBranches({ mapping }: SourceIndex): CursorBranch[] {
  const cursor = mapping.cursor ?? mapping.timestamp;
  const by_time = { field: mapping.timestamp, must_not: [] };
  if (cursor === mapping.timestamp) return [by_time];
  return [
    { field: cursor, must_not: [] },
    { ...by_time, must_not: [exists(cursor)] },
  ];
}

/** Documents of a source that match all of `filter`. */
export const inSource = (source: SourceIndex, filter: object[], must_not: object[] = []): BoolQuery => ({
  bool: {
    filter: [...(source.query === null ? [] : [source.query]), ...filter],
    must_not: [...notOurs(source), ...must_not],
  },
});

/** Documents of one branch with their cursor in [from, to). */
export const inBranch = (
  source: SourceIndex,
  branch: CursorBranch,
  [from, to]: readonly [number, number | null],
  filter: object[] = [],
): BoolQuery => inSource(source, [within(branch.field, from, to), ...filter], branch.must_not);

/** Documents with their cursor in [from, to), whatever it is. */
export function inInterval(
  source: SourceIndex,
  [from, to]: readonly [number, number | null],
  filter: object[] = [],
): BoolQuery {
  const should = cursorBranches(source).map(({ field, must_not }) => ({
    bool: { filter: [within(field, from, to)], must_not },
  }));
  return inSource(source, [{ bool: { should, minimum_should_match: 1 } }, ...filter]);
}

/**
 * Patterns like `logs-*` also match the indices that we write ourselves. What came by POST /logs is read by its own source
 * already, and other tenants' documents are read by no one else.
 */
function notOurs({ tenant: { tenant_id, tenant_slug } }: SourceIndex): object[] {
  const pushed = [exists('log_source_id'), exists('service_id'), exists('ingested_at')];
  const written = [exists('tenant_id'), exists('ingested_at'), { wildcard: { _index: 'logs-*-2*' } }];
  return [
    { bool: { filter: pushed } },
    { bool: { filter: written, must_not: [{ terms: { tenant_id: [tenant_id, tenant_slug] } }] } },
  ];
}
