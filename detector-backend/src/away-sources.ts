import { AppError, type ErrorCode } from './platform/errors.ts';
import type { Logger } from './platform/logger.ts';

/** What a source's own store or settings are to blame for: kept at the source and told by its health. */
const OF_THE_SOURCE = new Set<ErrorCode>([
  'log_store_unavailable',
  'log_store_refused',
  'invalid_request',
  'forbidden',
  'not_found',
]);

/**
 * Lets a job end well whose source can not be read: that is no failure of the queue, the sweep asks again each second, and
 * the log says so once when it begins and once when it is over. Gives null then; any other error is thrown.
 * @param what can not be read, in the words of the log
 */
export function createAwaySources(logger: Logger, what: string) {
  const away = new Set<string>();
  return async function unlessAway<T>(log_source_id: string, work: () => Promise<T>): Promise<T | null> {
    try {
      const outcome = await work();
      if (away.delete(log_source_id)) logger.info({ log_source_id }, `${what} can be read again`);
      return outcome;
    } catch (error) {
      if (!(error instanceof AppError && OF_THE_SOURCE.has(error.code))) throw error;
      if (!away.has(log_source_id))
        logger.warn({ log_source_id, reason: error.message }, `${what} can not be read`);
      away.add(log_source_id);
      return null;
    }
  };
}
