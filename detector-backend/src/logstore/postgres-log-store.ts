import type { Client, Database } from '../platform/postgres.ts';
import type { LogStore } from './log-store.ts';
import { deleteDaysBefore } from './postgres-log-deletes.ts';
import { createLogWriter } from './postgres-log-writer.ts';
import {
  countLines,
  READ_BY_INDEX,
  readPages,
  selectFirstIngestedAt,
  selectLines,
  selectPage,
  tallyLines,
} from './postgres-log-reads.ts';
import { reachable } from './unavailable.ts';

/** The log store of the embedded stack: table `embedded_logs`, one partition a UTC day of event time. */
export function createPostgresLogStore({ database }: { database: Database }): LogStore {
  const writer = createLogWriter(database);
  const read = <T>(tenant_id: string, work: (client: Client) => Promise<T>) =>
    reachable(() =>
      database.withTenant(tenant_id, async (client) => {
        await client.query(READ_BY_INDEX);
        return work(client);
      }),
    );

  return {
    read_lag_seconds: 2,
    write: (tenant_id, documents) => reachable(() => writer.write(tenant_id, documents)),
    // A transaction a page: none stays open while the caller works.
    readSlice: (range, { sample_of = 1 } = {}) =>
      readPages(range.slice_start, (after) =>
        read(range.tenant_id, (client) => selectPage(client, range, after, sample_of)),
      ),
    tallySlice: (range, bucket_ms) => read(range.tenant_id, (client) => tallyLines(client, range, bucket_ms)),
    countSlice: (range) => read(range.tenant_id, (client) => countLines(client, range)),
    firstIngestedAt: (tenant_id, log_source_id, from) =>
      read(tenant_id, (client) => selectFirstIngestedAt(client, log_source_id, from)),
    readLines: (query) => read(query.tenant_id, (client) => selectLines(client, query)),
    dropDaysBefore: (tenant_id, before, shared_from) =>
      reachable(() => deleteDaysBefore(database, tenant_id, { before, shared_from })),
    ping: () => reachable(() => database.ping()),
  };
}
