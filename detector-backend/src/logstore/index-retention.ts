import { AppError } from '../platform/errors.ts';
import type { EngineCapabilities } from './engine-capabilities.ts';
import { installedDays } from './installed-objects.ts';
import type { SearchEngine } from './search-engine.ts';

/**
 * Days after which the cluster deletes an index, by slug; a tenant that keeps what it has is left out.
 * @throws AppError `invalid_request` of `retention_days` that are no whole number from 1 to 400
 */
export function givenDays(
  slugs: readonly string[],
  retention_days: number | ReadonlyMap<string, number> | undefined,
): Map<string, number> {
  const given = new Map<string, number>();
  for (const slug of slugs) {
    const days = typeof retention_days === 'object' ? retention_days.get(slug) : retention_days;
    if (days === undefined) continue;
    if (!Number.isInteger(days) || days < 1 || days > 400) {
      const message = 'retention_days must be a whole number from 1 to 400.';
      throw new AppError('invalid_request', message, { field: 'retention_days' });
    }
    given.set(slug, days);
  }
  return given;
}

/** What is given, and `least` days for each other tenant whose policy in the cluster is shorter. */
export async function lengthened(
  engine: SearchEngine,
  capabilities: EngineCapabilities,
  { slugs, given, least }: { slugs: readonly string[]; given: ReadonlyMap<string, number>; least: number },
): Promise<Map<string, number>> {
  const days = new Map(given);
  for (const slug of slugs) {
    if (given.has(slug)) continue;
    const installed = await installedDays(engine, capabilities, slug);
    if (installed !== undefined && installed < least) days.set(slug, least);
  }
  return days;
}

/** Tenants by their days. */
export function byRetention(days: ReadonlyMap<string, number>): Map<number, string[]> {
  const tenants = new Map<number, string[]>();
  for (const [slug, retention_days] of days)
    tenants.set(retention_days, [...(tenants.get(retention_days) ?? []), slug]);
  return tenants;
}
