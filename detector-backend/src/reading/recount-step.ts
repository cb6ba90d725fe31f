import { readRange } from './shard.ts';
import { advanceRecount, postponeRecount, sliceLines } from './recount-repository.ts';
import { loadLogSource } from './slice-repository.ts';
import type { ReadDeps } from './read-step.ts';
import type { ClaimedSlice } from './reading-schema.ts';

interface CountedSlice {
  tenant_id: string;
  log_source_id: string;
  slice_start: number;
}

/**
 * Counts a slice's documents again and says how many there are, if it must be read again: what became visible after the lag
 * is found here. Fewer documents than before (retention) are no reason.
 */
export const recountStep =
  ({ database, log_store }: ReadDeps) =>
  async (input: CountedSlice): Promise<{ grown_to: number | null }> => {
    const { tenant_id, slice_start } = input;
    const [known, source] = await database.withTenant(tenant_id, async (client) => [
      await sliceLines(client, input.log_source_id, slice_start),
      await loadLogSource(client, input.log_source_id),
    ]);
    // What was queued before the source was disabled waits as well.
    if (!known || !source?.is_enabled) return { grown_to: null };
    const { slice_end } = known;
    const count = await log_store.countSlice({
      tenant_id,
      slice_start,
      slice_end,
      ...readRange(source, slice_start),
    });
    // A slice that grew stays due until it was read again and a re-count agrees, whatever happens in between.
    if (count > known.lines) return { grown_to: count };
    await database.withTenant(tenant_id, (client) =>
      advanceRecount(client, input.log_source_id, slice_start),
    );
    return { grown_to: null };
  };

/** Gives a slice back whose re-count failed, until a back-off has passed: no re-count is given up by this. */
export const postponeStep =
  ({ database }: ReadDeps) =>
  (failed: CountedSlice, claimed: ClaimedSlice | null): Promise<void> =>
    database.withTenant(failed.tenant_id, (client) => postponeRecount(client, failed, claimed));
