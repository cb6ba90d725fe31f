import type { SearchEngines } from './ingest/log-source-settings.ts';
import type { LogStore } from './logstore/log-store.ts';
import { createPostgresLogStore } from './logstore/postgres-log-store.ts';
import { createSearchLogStore } from './logstore/search-log-store.ts';
import type { Config } from './platform/config.ts';
import type { Database } from './platform/postgres.ts';

/** Where POST /logs stores its lines. Throws where the configuration names a cluster that it gives no connection to. */
export function chooseLogStore({ log_store }: Config, database: Database, engines: SearchEngines): LogStore {
  if (log_store === 'postgres') return createPostgresLogStore({ database });
  const engine = engines[log_store];
  if (engine !== undefined) return createSearchLogStore({ engine, slugOf: slugDirectory(database) });
  throw new Error(
    `SEISMOLOG_LOG_STORE is ${log_store}, but ${log_store.toUpperCase()}_URL is missing: name the cluster's nodes.`,
  );
}

/** Slugs of tenants never change. */
function slugDirectory(database: Database): (tenant_id: string) => Promise<string> {
  const known = new Map<string, string>();
  return async (tenant_id) => {
    const found = known.get(tenant_id);
    if (found !== undefined) return found;
    const slug = await database.withTenant(tenant_id, async (client) => {
      const { rows } = await client.query<{ slug: string }>('select slug from tenants where id = $1', [
        tenant_id,
      ]);
      return rows[0]?.slug;
    });
    if (slug === undefined) throw new Error(`There is no tenant ${tenant_id}`);
    known.set(tenant_id, slug);
    return slug;
  };
}
