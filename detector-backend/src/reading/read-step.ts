import type { Database } from '../platform/postgres.ts';
import type { LogLine, LogStore } from '../logstore/log-store.ts';
import { completeUntil, nextSlice } from './slice.ts';
import {
  claimSlice,
  loadLogSource,
  recordReadFailure,
  reclaimSlice,
  renewLease,
} from './slice-repository.ts';
import { LEASE_SECONDS, type ClaimedSlice } from './reading-schema.ts';

export interface ReadDeps {
  database: Database;
  log_store: LogStore;
  /** How long a claimed slice belongs to a worker that says nothing; default {@link LEASE_SECONDS}. */
  lease_seconds?: number | undefined;
}

/**
 * Claims the next due slice of a source; null when nothing is due or another worker is at it.
 * `span_ms`: how long a slice may be when the reader is behind, as far as `nextSlice` lets it.
 */
export const claimStep =
  ({ database, log_store, lease_seconds = LEASE_SECONDS }: ReadDeps) =>
  async (input: {
    tenant_id: string;
    log_source_id: string;
    wall_now: number;
    span_ms: number;
  }): Promise<ClaimedSlice | null> => {
    const source = await database.withTenant(input.tenant_id, (client) =>
      loadLogSource(client, input.log_source_id),
    );
    if (!source?.is_enabled) return null;
    const complete_until = completeUntil(source, input.wall_now);
    // The cheap answer first: most calls find nothing due.
    if (source.cursor_at !== null && complete_until < source.cursor_at + source.slice_seconds * 1000)
      return null;
    const first = await log_store.firstIngestedAt(source.tenant_id, source.id, source.cursor_at ?? 0);
    if (first === null && source.cursor_at === null) return null;
    const slice = nextSlice({ ...source, complete_until }, first, input.span_ms);
    if (!slice) return null;
    return database.withTenant(source.tenant_id, (client) =>
      claimSlice(client, source, slice, lease_seconds),
    );
  };

/** Claims a slice that was read before, to read it again. */
export const reclaimStep =
  ({ database, lease_seconds = LEASE_SECONDS }: ReadDeps) =>
  (input: { tenant_id: string; log_source_id: string; slice_start: number }): Promise<ClaimedSlice | null> =>
    database.withTenant(input.tenant_id, async (client) => {
      const source = await loadLogSource(client, input.log_source_id);
      return source && reclaimSlice(client, source, input.slice_start, lease_seconds);
    });

/** The lines of a claimed slice, page by page; keeps the lease alive while the caller works. */
export const readStep = ({ database, log_store, lease_seconds = LEASE_SECONDS }: ReadDeps) =>
  async function* (slice: ClaimedSlice): AsyncGenerator<LogLine[]> {
    let renewed_at = performance.now();
    for await (const page of log_store.readSlice(slice)) {
      yield page;
      if (performance.now() - renewed_at > (lease_seconds * 1000) / 3) {
        renewed_at = performance.now();
        await database.withTenant(slice.tenant_id, (client) => renewLease(client, slice, lease_seconds));
      }
    }
  };

/** Keeps the reason why a source could not be read, for its health and its blindness. */
export const readFailureStep =
  ({ database }: ReadDeps) =>
  (slice: { tenant_id: string; log_source_id: string }, message: string): Promise<void> =>
    database.withTenant(slice.tenant_id, (client) => recordReadFailure(client, slice.log_source_id, message));
