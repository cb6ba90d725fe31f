import { logSourceId } from '../ingest/service-identity.ts';
import { AppError } from '../platform/errors.ts';
import type { Client } from '../platform/postgres.ts';
import { lockSource } from './slice-repository.ts';

/** A shard of a log source as the API shows it; times in epoch ms of ingest time. */
export interface Shard {
  id: string;
  name: string;
  shard_of: string;
  split_at: number;
  service_ids: string[];
}

/**
 * Splits services off a log source into a new shard: a log source of its own with its own cursor, that any worker can read
 * beside the first one. The parent reads up to `split_at` with these services and from there on without them, so no line is
 * lost or counted twice. Templates keep their history by their service-wide id.
 * Throws `not_found`, or `conflict` when the source can not be split so.
 */
export async function splitSource(
  client: Client,
  {
    tenant_id,
    log_source_id,
    service_ids,
  }: { tenant_id: string; log_source_id: string; service_ids: string[] },
): Promise<Shard> {
  // Claims and completions of slices wait meanwhile: the cursor and the claimed slice are those of one moment.
  await lockSource(client, log_source_id);
  const { split_at, ...parent } = await loadParent(client, log_source_id);
  await checkServices(client, { log_source_id, service_ids });
  const name = `${parent.name}/${parent.shards + 1}`;
  const id = logSourceId(tenant_id, name);
  const { rowCount } = await client.query(INSERT_SHARD, [id, name, log_source_id, new Date(split_at)]);
  if (rowCount === 0) throw new AppError('conflict', `There is a log source named "${name}" already.`);
  for (const table of ['log_source_shards', 'log_source_services']) {
    await client.query(
      `insert into ${table} (tenant_id, log_source_id, service_id) select $1, $2, unnest($3::uuid[])`,
      [tenant_id, id, service_ids],
    );
  }
  return { id, name, shard_of: log_source_id, split_at, service_ids };
}

// By the clock: the start of a transaction that waited for another split would be the earlier one.
const INSERT_SHARD = `
  insert into log_sources (id, tenant_id, name, source_type, connection_config, is_enabled, slice_seconds, read_lag_seconds,
    allowed_lateness_seconds, shard_of, split_at, cursor_at, created_at)
  select $1, tenant_id, $2, source_type, connection_config, is_enabled, slice_seconds, read_lag_seconds,
    allowed_lateness_seconds, id, $4, $4, clock_timestamp()
  from log_sources where id = $3
  on conflict do nothing`;

async function loadParent(client: Client, log_source_id: string) {
  const { rows } = await client.query<{
    name: string;
    clock_mode: string;
    shard_of: string | null;
    split_at: number | null;
    shards: number;
  }>(
    // A claimed slice is read with all its services, whoever finishes it: the shard begins behind it.
    `select name, clock_mode, shard_of,
       greatest(cursor_at, (select max(slice_end) from slices where log_source_id = $1 and state = 'claimed')) as split_at,
       (select count(*) from log_sources shard where shard.shard_of = $1) as shards
     from log_sources where id = $1`,
    [log_source_id],
  );
  const parent = rows[0];
  if (!parent) throw new AppError('not_found', 'There is no such log source.');
  const refuse = (detail: string) => new AppError('conflict', detail);
  if (parent.shard_of) throw refuse('This is a shard: split the source that it belongs to.');
  if (parent.clock_mode === 'log') throw refuse('A replayed or simulated source is read as one.');
  if (parent.split_at === null) throw refuse('The source was not read yet: split it after its first slice.');
  return { ...parent, split_at: parent.split_at };
}

async function checkServices(
  client: Client,
  { log_source_id, service_ids }: { log_source_id: string; service_ids: string[] },
): Promise<void> {
  const { rows } = await client.query<{ id: string; is_split: boolean }>(
    `select id, exists (select from log_source_shards own join log_sources shard on shard.id = own.log_source_id
       where own.service_id = services.id and shard.shard_of = $2) as is_split
     from services where id = any($1)`,
    [service_ids, log_source_id],
  );
  const field = 'service_ids';
  const missing = service_ids.find((id) => !rows.some((row) => row.id === id));
  if (missing) throw new AppError('not_found', `There is no service ${missing}.`, { field });
  const split = rows.find(({ is_split }) => is_split);
  if (split) throw new AppError('conflict', `A shard reads service ${split.id} already.`, { field });
}

export async function listShards(client: Client, log_source_id: string): Promise<Shard[]> {
  const { rows } = await client.query<Shard>(
    `select id, name, shard_of, split_at,
       (select coalesce(json_agg(service_id order by service_id), '[]') from log_source_shards own where own.log_source_id = ls.id)
         as service_ids
     from log_sources ls where shard_of = $1 order by split_at, name`,
    [log_source_id],
  );
  return rows;
}
