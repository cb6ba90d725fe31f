import { createServiceDirectory, type BatchServices } from '../ingest/service-directory.ts';
import type { Database } from '../platform/postgres.ts';

/** Services met while a source is read. */
export interface SourceServices {
  serviceId(name: string, environment: string): string;
  save: BatchServices['save'];
}

/** Where lines go whose service would be one too many for the tenant. */
const OVERFLOW = { name: 'unknown', environment: 'default' };

/**
 * The directory of POST /logs, except that no line is refused: with too many services, the lines of the others belong to one
 * that is let in beyond the limit.
 */
export function createSourceServices({
  database,
  max_services,
}: {
  database: Database;
  max_services: number;
}) {
  const directory = createServiceDirectory({ database, max_services });
  const beyond = createServiceDirectory({ database, max_services: Infinity });

  return async (tenant_id: string, log_source_id: string): Promise<SourceServices> => {
    const open = () =>
      Promise.all([directory, beyond].map((one) => one.openBatch(tenant_id, log_source_id))) as Promise<
        [BatchServices, BatchServices]
      >;
    let [services, overflow] = await open();
    return {
      serviceId: (name, environment) =>
        services.serviceId(name, environment) ??
        (overflow.serviceId(OVERFLOW.name, OVERFLOW.environment) as string),
      async save(last_lines, now) {
        await overflow.save(new Map(), now);
        await services.save(last_lines, now);
        // A batch counts what it brought as new until its end: each page is one.
        [services, overflow] = await open();
      },
    };
  };
}
