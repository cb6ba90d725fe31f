import type { SearchDocument } from '../ingest/log-source-document.ts';
import { inInterval } from '../ingest/log-source-query.ts';
import type { ServiceFilter, SliceRange } from '../logstore/log-store.ts';
import {
  groupFields,
  groupsOf,
  inGroups,
  serviceGroups,
  serviceOf,
  type GroupFields,
} from './search-source-groups.ts';
import type { SearchSource } from './search-source.ts';

/**
 * Whether a filter lets a document through. One whose service field has several values is of each of these services, as
 * it is for the cluster: by its first value alone, it would be found by one shard and dropped there, and left out by the other.
 * @param service_id the service that its line counts for
 */
export function letsThrough(
  search: SearchSource,
  services: ServiceFilter | undefined,
  { source: document }: SearchDocument,
  service_id: string,
): boolean {
  if (services === undefined) return true;
  const groups = groupsOf(search, document);
  const own = groups.length > 1 ? groups.map((group) => serviceOf(search, group)) : [service_id];
  const isOneOf = (given: readonly string[]) => own.some((one) => given.includes(one));
  return (!('only' in services) || isOneOf(services.only)) && !isOneOf(services.except ?? []);
}

/**
 * The filter of a slice in the cluster's words. A service is known there by every spelling that its documents have in the
 * slice, so these are asked for first.
 */
export async function serviceClauses(
  search: SearchSource,
  { slice_start, slice_end, services }: SliceRange,
  known_fields?: GroupFields,
): Promise<object[]> {
  if (services === undefined) return [];
  const fields = known_fields ?? (await groupFields(search));
  const groups = await serviceGroups(search, inInterval(search.source, [slice_start, slice_end]), fields);
  const isGiven = (services_given: readonly string[]) =>
    inGroups(
      groups.filter((group) => services_given.includes(serviceOf(search, group))),
      fields,
    );
  const clauses: object[] = 'only' in services ? [isGiven(services.only)] : [];
  if (services.except) clauses.push({ bool: { must_not: [isGiven(services.except)] } });
  return clauses;
}
