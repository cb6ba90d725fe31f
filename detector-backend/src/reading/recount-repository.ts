import type { Client } from '../platform/postgres.ts';
import { RECOUNT_AFTER_SECONDS, RECOUNT_BACKOFF_SECONDS, type ClaimedSlice } from './reading-schema.ts';
import { releaseSlice } from './slice-repository.ts';

const date = (ms: number) => new Date(ms);

/** Moves a slice whose re-count was due to its next one, or ends its re-counts; a job that came twice changes nothing. */
export async function advanceRecount(
  client: Client,
  log_source_id: string,
  slice_start: number,
): Promise<void> {
  await client.query(
    `update slices set recount_stage = recount_stage + 1,
       recount_at = completed_at + make_interval(secs => ($3::integer[])[recount_stage + 2])
     where log_source_id = $1 and slice_start = $2 and recount_at < now()`,
    [log_source_id, date(slice_start), [...RECOUNT_AFTER_SECONDS]],
  );
}

/**
 * Moves a re-count that failed on by as long as it is late already, within {@link RECOUNT_BACKOFF_SECONDS}: an exponential
 * back-off that needs no count of attempts. Its stage stays.
 */
export async function postponeRecount(
  client: Client,
  { log_source_id, slice_start }: { log_source_id: string; slice_start: number },
  claimed: ClaimedSlice | null,
): Promise<void> {
  if (claimed !== null) await releaseSlice(client, claimed);
  await client.query(
    `update slices set recount_at = greatest(recount_at, now() + greatest($4::interval, least($5::interval,
       now() - completed_at - make_interval(secs => ($3::integer[])[recount_stage + 1]))))
     where log_source_id = $1 and slice_start = $2 and recount_at is not null`,
    [
      log_source_id,
      date(slice_start),
      [...RECOUNT_AFTER_SECONDS],
      `${RECOUNT_BACKOFF_SECONDS.least} seconds`,
      `${RECOUNT_BACKOFF_SECONDS.most} seconds`,
    ],
  );
}

/**
 * Cancels the re-counts of a source and its shards, whose documents are selected in another way from now on: counted so, a
 * slice would be read again for documents that another slice has counted. What is being read as it was selected before loses
 * its lease: a first reading begins anew, a second one is given up. Runs in the transaction that changes the source, after its
 * lock.
 */
export async function cancelRecounts(client: Client, log_source_id: string): Promise<void> {
  await client.query('select from log_sources where shard_of = $1 order by id for no key update', [
    log_source_id,
  ]);
  await client.query(
    `with cancelled as (
       update slices s set fencing_token = s.fencing_token + (s.state = 'claimed')::integer, recount_at = null,
         state = case when s.completed_at is null then s.state else 'done' end,
         lease_until = case when s.completed_at is null then now() - interval '1 millisecond' end
       from slices old
       where s.log_source_id in (select id from log_sources where id = $1 or shard_of = $1)
         and (s.recount_at is not null or s.state = 'claimed')
         and old.log_source_id = s.log_source_id and old.slice_start = s.slice_start
       returning s.log_source_id, old.recount_at
     )
     update log_sources ls set recounts_missed = recounts_missed + missed.slices
     from (select log_source_id, count(recount_at) as slices from cancelled group by log_source_id) missed
     where ls.id = missed.log_source_id`,
    [log_source_id],
  );
}

/** How many lines the ledger has for a slice. */
export async function sliceLines(client: Client, log_source_id: string, slice_start: number) {
  const { rows } = await client.query<{ lines: number; slice_end: number }>(
    'select lines, slice_end from slices where log_source_id = $1 and slice_start = $2',
    [log_source_id, date(slice_start)],
  );
  return rows[0] ?? null;
}
