import type { LogDocument, LogStore } from '../src/logstore/log-store.ts';

export const BATCH = 5_000;
export const CALLERS = 3;

/** Writes `documents` in batches of 5,000, three callers at a time. Throws unless all of them were created. */
export async function writeBatches(
  log_store: LogStore,
  tenant_id: string,
  documents: number,
  batchOf: (first: number, last: number) => LogDocument[],
): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < documents) {
      const first = next;
      next = Math.min(documents, first + BATCH);
      const { created, errors } = await log_store.write(tenant_id, batchOf(first, next));
      if (created !== Math.min(documents, first + BATCH) - first)
        throw new Error(`${created} were created: ${JSON.stringify(errors.slice(0, 3))}`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}
