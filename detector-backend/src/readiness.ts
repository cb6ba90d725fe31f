import type { Parts } from './compose.ts';
import type { ReadinessChecks } from './platform/http/health-routes.ts';

/** What an api or a worker process needs before it can do its work; the same for both. */
export function readinessOf({ database, log_store, queues }: Parts): ReadinessChecks {
  return {
    database: () => database.ping(),
    log_store: () => log_store.ping(),
    queue: () => queues.counts(),
  };
}
