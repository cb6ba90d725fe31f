import { AppError } from './platform/errors.ts';
import type { Logger } from './platform/logger.ts';
import type { Metrics } from './platform/metrics.ts';

/** Runs one part of retention, of one tenant or of all (null); null is what it gives when it failed. */
export type RunPart = <T>(
  part: string,
  tenant_id: string | null,
  work: () => Promise<T>,
) => Promise<T | null>;

/**
 * Keeps a part's failure from stopping the others. The log says so once when it begins and once when it is over, and
 * `seismolog_retention_failures_total` counts every one.
 */
export function createRetentionParts({ logger, metrics }: { logger: Logger; metrics: Metrics }): RunPart {
  const failing = new Set<string>();
  const failures = metrics.counter(
    'seismolog_retention_failures_total',
    'Parts of retention that failed; each is tried again by the next run',
    ['part', 'tenant_id'],
  );
  return async (part, tenant_id, work) => {
    const place = `${part} ${tenant_id}`;
    const what = { part, ...(tenant_id !== null && { tenant_id }) };
    try {
      const result = await work();
      if (failing.delete(place)) logger.info(what, 'retention works again');
      return result;
    } catch (error) {
      failures.inc({ part, tenant_id: tenant_id ?? '' });
      const why = error instanceof AppError ? { reason: error.message } : { err: error };
      if (!failing.has(place))
        logger.warn({ ...what, ...why }, 'retention failed; it is tried again every ten minutes');
      failing.add(place);
      return null;
    }
  };
}
