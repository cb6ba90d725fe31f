import type { Client } from '../platform/postgres.ts';
import { BLIND_AFTER_SECONDS, CATCH_UP_SECONDS, CATCH_UP_SHARE } from './reading-schema.ts';

/** Records why a source could not be read; after {@link BLIND_AFTER_SECONDS} without a good read it is blind. */
export async function recordReadFailure(
  client: Client,
  log_source_id: string,
  message: string,
): Promise<void> {
  await client.query(
    `update log_sources set last_error = $2, last_error_at = coalesce(last_error_at, now()),
       blind_since = case when blind_since is null and last_error_at < now() - make_interval(secs => $3) then now() else blind_since end
     where id = $1`,
    [log_source_id, message.slice(0, 500), BLIND_AFTER_SECONDS],
  );
}

/**
 * Writes down the outage that ends with the slice now completed, before the cursor moves past it: from what was read last
 * (lines of that time may have been on their way) until what was held back should have come. Without it, the windows in
 * between would be judged as soon as the source can be read again, while their lines wait in the queues of their writers.
 * Sources in log time have none: their clock says when everything is stored. Nor has a failure that was over before its
 * lines were late, as when the index of a new day is made.
 */
export async function endOutage(client: Client, slice: { log_source_id: string }): Promise<void> {
  await client.query(
    `insert into blind_spans (tenant_id, log_source_id, blind_from, blind_until, reason)
     select tenant_id, id,
       least(coalesce(cursor_at, last_error_at), last_error_at) - make_interval(secs => allowed_lateness_seconds),
       now() + greatest($2, least($3, $4 * (now() - last_error_at))), coalesce(last_error, '')
     from log_sources where id = $1 and clock_mode = 'wall'
       and last_error_at <= now() - make_interval(secs => greatest(0, allowed_lateness_seconds - slice_seconds))
     on conflict (log_source_id, blind_from) do update
       set blind_until = greatest(blind_spans.blind_until, excluded.blind_until), reason = excluded.reason`,
    [
      slice.log_source_id,
      `${CATCH_UP_SECONDS.least} seconds`,
      `${CATCH_UP_SECONDS.most} seconds`,
      CATCH_UP_SHARE,
    ],
  );
}

/** Forgets outages that ended before `before` (epoch ms): the windows that they touch are expired. */
export async function deleteOutagesBefore(client: Client, before: number): Promise<void> {
  await client.query('delete from blind_spans where blind_until < $1', [new Date(before)]);
}
