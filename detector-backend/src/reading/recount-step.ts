import { readRange } from './shard.ts';
import { advanceRecount, loadLogSource, sliceLines } from './slice-repository.ts';
import type { ReadDeps } from './read-step.ts';

/**
 * Counts a slice's documents again and says whether it must be read again: what became visible after the lag is found
 * here. Fewer documents than before (retention) are no reason.
 */
export const recountStep =
  ({ database, log_store }: ReadDeps) =>
  async (input: {
    tenant_id: string;
    log_source_id: string;
    slice_start: number;
  }): Promise<{ grew: boolean }> => {
    const { tenant_id, slice_start } = input;
    const [known, source] = await database.withTenant(tenant_id, async (client) => [
      await sliceLines(client, input.log_source_id, slice_start),
      await loadLogSource(client, input.log_source_id),
    ]);
    if (!known || !source) return { grew: false };
    const { slice_end } = known;
    const count = await log_store.countSlice({
      tenant_id,
      slice_start,
      slice_end,
      ...readRange(source, slice_start),
    });
    // A slice that grew stays due until it was read again and a re-count agrees, whatever happens in between.
    if (count > known.lines) return { grew: true };
    await database.withTenant(input.tenant_id, (client) =>
      advanceRecount(client, input.log_source_id, input.slice_start),
    );
    return { grew: false };
  };
