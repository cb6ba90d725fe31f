import { inInterval } from '../ingest/log-source-query.ts';
import type { ServiceFilter, SliceRange } from '../logstore/log-store.ts';
import { groupFields, inGroups, serviceGroups, serviceOf, type GroupFields } from './search-source-groups.ts';
import type { SearchSource } from './search-source.ts';

/** Whether a filter lets a service through. */
export const letsThrough = (services: ServiceFilter | undefined, service_id: string): boolean =>
  services === undefined ||
  ('only' in services ? services.only.includes(service_id) : !services.except.includes(service_id));

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
  if ('only' in services) return [isGiven(services.only)];
  return [{ bool: { must_not: [isGiven(services.except)] } }];
}
