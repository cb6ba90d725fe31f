import type { Client } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import type { ChangedLogSource, LogSourceRow, NewLogSource, SourceType } from './log-source-schema.ts';
import { logSourceId } from './service-identity.ts';

const COLUMNS = `id, name, source_type, connection_config, is_enabled, slice_seconds, read_lag_seconds,
  allowed_lateness_seconds, clock_mode, clock_at, cursor_at, last_read_at, last_error, last_error_at, blind_since,
  lines_read, lines_late, lines_unmined, slices_reread, recounts_missed, backfill_hours, read_from, first_read_at, shard_of, created_at`;

export async function findLogSource(client: Client, name: string): Promise<LogSourceRow | null> {
  const { rows } = await client.query<LogSourceRow>(`select ${COLUMNS} from log_sources where name = $1`, [
    name,
  ]);
  return rows[0] ?? null;
}

export async function getLogSource(client: Client, id: string): Promise<LogSourceRow> {
  const { rows } = await client.query<LogSourceRow>(`select ${COLUMNS} from log_sources where id = $1`, [id]);
  if (rows[0] === undefined) throw new AppError('not_found', 'There is no such log source.');
  return rows[0];
}

export async function listLogSources(
  client: Client,
  after: { name: string; limit: number },
): Promise<LogSourceRow[]> {
  const { rows } = await client.query<LogSourceRow>(
    `select ${COLUMNS} from log_sources where name > $1 order by name limit $2`,
    [after.name, after.limit],
  );
  return rows;
}

const INSERT_SOURCE = `
  insert into log_sources (id, tenant_id, name, source_type, connection_config, clock_mode, slice_seconds, read_lag_seconds,
    allowed_lateness_seconds, backfill_hours)
  select $9, $1, $2, $3, coalesce($10::jsonb, '{}'), coalesce($4, 'wall'), coalesce($5, 5), coalesce($6, 2), coalesce($7, 10), $11
  where (select count(*) from log_sources) < $8
  on conflict do nothing
  returning ${COLUMNS}`;

/**
 * Throws `conflict` when the name is taken or the tenant has `max` sources.
 * The id is a hash of the name: of two requests at a time, the second may meet either of the two unique keys.
 */
export async function createLogSource(
  client: Client,
  source: {
    tenant_id: string;
    name: string;
    source_type: SourceType;
    clock_mode?: 'wall' | 'log';
  } & Partial<NewLogSource>,
  max: number,
): Promise<LogSourceRow> {
  const { rows } = await client.query<LogSourceRow>(INSERT_SOURCE, [
    source.tenant_id,
    source.name,
    source.source_type,
    source.clock_mode,
    source.slice_seconds,
    source.read_lag_seconds,
    source.allowed_lateness_seconds,
    max,
    logSourceId(source.tenant_id, source.name),
    source.connection_config === undefined ? null : JSON.stringify(source.connection_config),
    source.backfill_hours,
  ]);
  if (rows[0] !== undefined) return rows[0];
  throw new AppError(
    'conflict',
    `There is a log source named "${source.name}", or there are ${max} already.`,
    {
      field: 'name',
    },
  );
}

/**
 * Changes what is given of a source. Throws `not_found`, or `conflict` when `backfill_hours` is given after the first read:
 * where reading began can not change any more.
 */
export async function updateLogSource(
  client: Client,
  id: string,
  change: ChangedLogSource,
): Promise<{ before: LogSourceRow; after: LogSourceRow }> {
  // A first slice that is claimed meanwhile waits, or is seen here.
  await client.query('select from log_sources where id = $1 for no key update', [id]);
  const before = await getLogSource(client, id);
  if (change.backfill_hours !== undefined && before.cursor_at !== null) {
    throw new AppError('conflict', 'The source is being read already: where that began can not change.', {
      field: 'backfill_hours',
    });
  }
  const { rows } = await client.query<LogSourceRow>(
    `update log_sources set is_enabled = coalesce($2, is_enabled), read_lag_seconds = coalesce($3, read_lag_seconds),
       allowed_lateness_seconds = coalesce($4, allowed_lateness_seconds), backfill_hours = coalesce($5, backfill_hours),
       connection_config = coalesce($6::jsonb, connection_config), updated_at = now()
     where id = $1 returning ${COLUMNS}`,
    [
      id,
      change.is_enabled,
      change.read_lag_seconds,
      change.allowed_lateness_seconds,
      change.backfill_hours,
      change.connection_config === undefined ? null : JSON.stringify(change.connection_config),
    ],
  );
  return { before, after: rows[0] ?? before };
}

/** Moves the clock of a replayed or simulated source forward: everything before it is stored. Never moves it back. */
export async function advanceClock(client: Client, log_source_id: string, clock_at: number): Promise<void> {
  await client.query(
    `update log_sources set clock_at = greatest(clock_at, to_timestamp($2::double precision / 1000)), updated_at = now()
     where id = $1 and clock_mode = 'log'`,
    [log_source_id, clock_at],
  );
}

/** How far the clock of a source has come; null for wall sources and before its first move. */
export async function readClock(client: Client, log_source_id: string): Promise<number | null> {
  const { rows } = await client.query<{ clock_at: number | null }>(
    `select clock_at from log_sources where id = $1`,
    [log_source_id],
  );
  return rows[0]?.clock_at ?? null;
}

/** Stops reading a source; its services no longer wait for its clock. */
export async function disableLogSource(client: Client, log_source_id: string): Promise<void> {
  await client.query('update log_sources set is_enabled = false, updated_at = now() where id = $1', [
    log_source_id,
  ]);
}
