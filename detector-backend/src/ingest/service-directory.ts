import type { Database } from '../platform/postgres.ts';
import { serviceId, serviceSlug } from './service-identity.ts';
import { insertServices, loadServices, touchSourceServices, type ServiceRow } from './service-repository.ts';

const TOUCH_EVERY_MS = 3_000;
/** Spellings of names are the client's choice, so what is remembered of them is bounded. */
const MAX_SPELLINGS = 20_000;

/** The services that one tenant has, as this process knows them. */
interface TenantServices {
  known: Set<string>;
  by_spelling: Map<string, string>;
  touched_at: Map<string, number>;
}

/** Services met by one batch. */
export interface BatchServices {
  /** Id of a service, or null when the tenant has as many as it may. */
  serviceId(name: string, environment: string): string | null;
  /** Writes what is new: services, what the source carries, and times of last lines (at most every few seconds). */
  save(last_lines: Map<string, number>, now: number): Promise<void>;
}

/** Knows which services exist, so that a batch costs no query unless it brings a new one. */
export function createServiceDirectory(deps: { database: Database; max_services: number }) {
  const { database, max_services } = deps;
  const tenants = new Map<string, TenantServices>();

  async function servicesOf(tenant_id: string): Promise<TenantServices> {
    const found = tenants.get(tenant_id);
    if (found !== undefined) return found;
    const rows = await database.withTenant(tenant_id, loadServices);
    const loaded = {
      known: new Set(rows.map((row) => row.id)),
      by_spelling: new Map(),
      touched_at: new Map(),
    };
    // A batch of the same tenant may have been faster while the rows were read.
    const current = tenants.get(tenant_id) ?? loaded;
    tenants.set(tenant_id, current);
    return current;
  }

  return {
    async openBatch(tenant_id: string, log_source_id: string): Promise<BatchServices> {
      const services = await servicesOf(tenant_id);
      const fresh = new Map<string, ServiceRow>();
      return {
        serviceId: createResolver(tenant_id, services, fresh, max_services),
        async save(last_lines, now) {
          const due = dueTouches(services, log_source_id, last_lines, now);
          if (fresh.size === 0 && due.length === 0) return;
          await database.withTenant(tenant_id, async (client) => {
            if (fresh.size > 0) await insertServices(client, tenant_id, [...fresh.values()]);
            if (due.length > 0) await touchSourceServices(client, tenant_id, log_source_id, due);
          });
          // Only now: had it failed, the next batch would have to do it again.
          for (const id of fresh.keys()) services.known.add(id);
          for (const { service_id } of due) services.touched_at.set(`${log_source_id} ${service_id}`, now);
        },
      };
    },
  };
}

export type ServiceDirectory = ReturnType<typeof createServiceDirectory>;

function dueTouches(
  services: TenantServices,
  log_source_id: string,
  last_lines: Map<string, number>,
  now: number,
) {
  return [...last_lines]
    .filter(([id]) => now - (services.touched_at.get(`${log_source_id} ${id}`) ?? 0) >= TOUCH_EVERY_MS)
    .map(([service_id, last_line_at]) => ({ service_id, last_line_at }));
}

/** Finds ids by spelling; notes in `fresh` what the tenant did not have. */
function createResolver(
  tenant_id: string,
  services: TenantServices,
  fresh: Map<string, ServiceRow>,
  max_services: number,
): BatchServices['serviceId'] {
  const isThere = (id: string) => services.known.has(id) || fresh.has(id);
  return (name, environment) => {
    const spelling = `${environment}\n${name}`;
    const known = services.by_spelling.get(spelling);
    if (known !== undefined && isThere(known)) return known;
    const row = { name, slug: serviceSlug(name), environment: serviceSlug(environment) };
    const id = serviceId(tenant_id, row.slug, row.environment);
    if (!isThere(id)) {
      if (services.known.size + fresh.size >= max_services) return null;
      fresh.set(id, { id, ...row });
    }
    if (services.by_spelling.size >= MAX_SPELLINGS) services.by_spelling.clear();
    services.by_spelling.set(spelling, id);
    return id;
  };
}
