import type { Client } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import {
  RECOUNT_AFTER_SECONDS,
  type ClaimedSlice,
  type LogSource,
  type ReadLines,
} from './reading-schema.ts';
import { endOutage } from './outage-repository.ts';
import { readRange } from './shard.ts';
import type { SliceInterval } from './slice.ts';

const date = (ms: number) => new Date(ms);

export async function loadLogSource(client: Client, log_source_id: string): Promise<LogSource | null> {
  const { rows } = await client.query<LogSource>(
    `select id, tenant_id, name, source_type, is_enabled, slice_seconds, read_lag_seconds, clock_mode, clock_at, cursor_at,
       backfill_hours, shard_of,
       coalesce((select json_agg(own.service_id) from log_source_shards own where own.log_source_id = ls.id), '[]')
         as shard_service_ids,
       coalesce((select json_agg(s.service_id) from log_sources shard join log_source_shards s on s.log_source_id = shard.id
         where shard.shard_of = ls.shard_of and (shard.split_at, shard.created_at, shard.id) < (ls.split_at, ls.created_at, ls.id)), '[]')
         as earlier_service_ids,
       coalesce((select json_agg(json_build_object('service_id', s.service_id,
           'split_at', round(date_part('epoch', shard.split_at) * 1000)))
         from log_sources shard join log_source_shards s on s.log_source_id = shard.id where shard.shard_of = ls.id), '[]')
         as split_services
     from log_sources ls where id = $1`,
    [log_source_id],
  );
  return rows[0] ?? null;
}

// Templates of a source have one writer: while any slice of it is held, for the first time or again, no other is given out.
const OTHER_IS_LEASED = `exists (select from slices o where o.log_source_id = $1 and o.slice_start <> $2
  and o.state = 'claimed' and o.lease_until > now())`;

/**
 * Two claims of one source are made one after the other, so each sees the lease of the other. Always the first lock of a
 * transaction on slices: the other order would let a claim and a completion wait for each other.
 */
export const lockSource = (client: Client, log_source_id: string) =>
  client.query('select from log_sources where id = $1 for no key update', [log_source_id]);

/**
 * The source as it is under the lock: one that was loaded before may have been split meanwhile, and would read services that its
 * new shard reads from the same moment on.
 */
async function lockedSource(client: Client, log_source_id: string): Promise<LogSource | null> {
  await lockSource(client, log_source_id);
  return loadLogSource(client, log_source_id);
}

/**
 * Claims a slice, or takes it over when its lease has run out; null when another worker holds it or has read it.
 * Two workers always ask for the same start (the source's cursor), so one slice of a source is read at a time.
 */
export async function claimSlice(
  client: Client,
  log_source_id: string,
  slice: SliceInterval,
  lease_seconds: number,
): Promise<ClaimedSlice | null> {
  const source = await lockedSource(client, log_source_id);
  if (!source) return null;
  const { rows } = await client.query<{ fencing_token: number; slice_end: number }>(
    `insert into slices (tenant_id, log_source_id, slice_start, slice_end, state, fencing_token, lease_until)
     select tenant_id, id, $2, $3, 'claimed', 1, now() + make_interval(secs => $4)
     from log_sources where id = $1 and (cursor_at is null or cursor_at = $2) and not ${OTHER_IS_LEASED}
     on conflict (log_source_id, slice_start) do update
       set fencing_token = slices.fencing_token + 1, lease_until = excluded.lease_until
       where slices.state = 'claimed' and slices.lease_until < now() and slices.completed_at is null
     returning fencing_token, slice_end`,
    [source.id, date(slice.slice_start), date(slice.slice_end), lease_seconds],
  );
  const row = rows[0];
  if (!row) return null;
  return claimed(source, slice.slice_start, row, false);
}

function claimed(
  source: LogSource,
  slice_start: number,
  { slice_end, fencing_token }: { slice_end: number; fencing_token: number },
  is_reread: boolean,
): ClaimedSlice {
  const { tenant_id, id: log_source_id } = source;
  const range = { tenant_id, slice_start, slice_end, ...readRange(source, slice_start) };
  return { tenant_id, log_source_id, slice_start, slice_end, fencing_token, is_reread, range };
}

/** Claims a slice again whose document count grew, or whose second reading was interrupted. */
export async function reclaimSlice(
  client: Client,
  log_source_id: string,
  slice_start: number,
  lease_seconds: number,
): Promise<ClaimedSlice | null> {
  const source = await lockedSource(client, log_source_id);
  if (!source) return null;
  const { rows } = await client.query<{ fencing_token: number; slice_end: number }>(
    `update slices set state = 'claimed', fencing_token = fencing_token + 1, lease_until = now() + make_interval(secs => $3)
     where log_source_id = $1 and slice_start = $2 and completed_at is not null
       and (state = 'done' or lease_until < now()) and recount_at is not null and not ${OTHER_IS_LEASED}
     returning fencing_token, slice_end`,
    [source.id, date(slice_start), lease_seconds],
  );
  const row = rows[0];
  if (!row) return null;
  return claimed(source, slice_start, row, true);
}

/** Prolongs the lease of a slice that takes long to read. Throws `lost_lease` when another worker took over. */
export async function renewLease(client: Client, slice: ClaimedSlice, lease_seconds: number): Promise<void> {
  const { rowCount } = await client.query(
    `update slices set lease_until = now() + make_interval(secs => $4)
     where log_source_id = $1 and slice_start = $2 and fencing_token = $3 and state = 'claimed'`,
    [slice.log_source_id, date(slice.slice_start), slice.fencing_token, lease_seconds],
  );
  if (rowCount === 0) throw new AppError('lost_lease', 'The slice was taken over while it was read.');
}

/** Ends the lease of a slice that could not be read; one that was read before stays as that reading left it. */
export async function releaseSlice(client: Client, slice: ClaimedSlice): Promise<void> {
  await client.query(
    `update slices set lease_until = now() - interval '1 millisecond',
       state = case when completed_at is null then state else 'done' end
     where log_source_id = $1 and slice_start = $2 and fencing_token = $3 and state = 'claimed'`,
    [slice.log_source_id, date(slice.slice_start), slice.fencing_token],
  );
}

/**
 * Marks a slice as read and moves the source's cursor, in the transaction that writes its tiles. A source that could not be
 * read before this has its outage written down.
 * Throws `lost_lease` when the fencing token is no longer the slice's: then nothing of this reading may be written.
 */
export async function completeSlice(client: Client, slice: ClaimedSlice, read: ReadLines): Promise<void> {
  await lockSource(client, slice.log_source_id);
  const { rows } = await client.query<{ lines_before: number; unmined_before: number }>(
    `update slices s set state = 'done', lease_until = null, lines = $4, lines_mined = $6, read_count = s.read_count + 1,
       completed_at = coalesce(s.completed_at, now()),
       recount_at = case when ls.clock_mode = 'wall' and s.completed_at is null then now() + make_interval(secs => $5) else s.recount_at end
     from slices old, log_sources ls
     where s.log_source_id = $1 and s.slice_start = $2 and s.fencing_token = $3 and s.state = 'claimed'
       and old.log_source_id = s.log_source_id and old.slice_start = s.slice_start and ls.id = s.log_source_id
     returning old.lines as lines_before, old.lines - coalesce(old.lines_mined, old.lines) as unmined_before`,
    [
      slice.log_source_id,
      date(slice.slice_start),
      slice.fencing_token,
      read.lines,
      RECOUNT_AFTER_SECONDS[0],
      read.lines_mined,
    ],
  );
  const row = rows[0];
  if (!row) throw new AppError('lost_lease', 'The slice was taken over while it was read.');
  await endOutage(client, slice);
  const more = read.lines - row.lines_before;
  await client.query(
    `update log_sources set cursor_at = greatest(cursor_at, $2), lines_read = lines_read + $3,
       lines_late = lines_late + $4, lines_unmined = lines_unmined + $5, slices_reread = slices_reread + $6,
       last_read_at = now(), read_from = coalesce(read_from, $7), first_read_at = coalesce(first_read_at, now()),
       last_error = null, last_error_at = null, blind_since = null
     where id = $1`,
    [
      slice.log_source_id,
      date(slice.slice_end),
      more,
      slice.is_reread ? more : 0,
      read.lines - read.lines_mined - row.unmined_before,
      slice.is_reread ? 1 : 0,
      date(slice.slice_start),
    ],
  );
}

/**
 * Forgets slices that ended before `before`: their lines are expired. Re-counts that were not made until then are counted as
 * missed. Returns how many slices went.
 */
export async function deleteSlicesBefore(client: Client, before: number): Promise<number> {
  // Sources before their shards, as a change of a source locks them: the other order would let the two wait for each other.
  await client.query(
    `select from log_sources where id in (select log_source_id from slices where recount_at is not null and slice_end < $1)
     order by shard_of nulls first, id for no key update`,
    [date(before)],
  );
  const { rows } = await client.query<{ slices: number }>(
    `with gone as (
       delete from slices where slice_end < $1 and state = 'done' returning log_source_id, recount_at
     ), missed as (
       update log_sources ls set recounts_missed = recounts_missed + late.slices
       from (select log_source_id, count(*) as slices from gone where recount_at is not null group by log_source_id) late
       where ls.id = late.log_source_id
     )
     select count(*)::integer as slices from gone`,
    [date(before)],
  );
  return rows[0]?.slices ?? 0;
}
