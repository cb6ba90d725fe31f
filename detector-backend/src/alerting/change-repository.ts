import type { Client } from '../platform/postgres.ts';
import { isoTime } from '../platform/http/time-range.ts';
import type { ChangeView } from './change-schema.ts';

/** Times in epoch ms; `occurred_us` is the sort key in µs. */
export interface ChangeRow {
  id: string;
  service_id: string | null;
  kind: ChangeView['kind'];
  title: string;
  occurred_at: number;
  occurred_us: number;
  actor: string;
  created_at: number;
}

const COLUMNS = `id, service_id, kind, title, occurred_at, actor, created_at,
  (extract(epoch from occurred_at) * 1000000)::bigint as occurred_us`;

export interface ChangeQuery {
  /** Changes of this service and those that concern every service. */
  service_id: string | null;
  /** Half-open, epoch ms; null is open. */
  from: number | null;
  to: number | null;
  after: { occurred_us: number; id: string } | null;
  limit: number;
}

/** Newest first. */
export async function listChanges(client: Client, query: ChangeQuery): Promise<ChangeRow[]> {
  const { rows } = await client.query<ChangeRow>(
    `select ${COLUMNS} from changes
     where ($1::uuid is null or service_id is null or service_id = $1)
       and ($2::double precision is null or occurred_at >= to_timestamp($2::double precision / 1000))
       and ($3::double precision is null or occurred_at < to_timestamp($3::double precision / 1000))
       and ($4::bigint is null or (occurred_at, id) <
            ('epoch'::timestamptz + $4::bigint * interval '1 microsecond', $5::uuid))
     order by occurred_at desc, id desc limit $6`,
    [
      query.service_id,
      query.from,
      query.to,
      query.after?.occurred_us ?? null,
      query.after?.id ?? null,
      query.limit,
    ],
  );
  return rows;
}

export async function insertChange(
  client: Client,
  change: { service_id: string | null; kind: string; title: string; occurred_at: number; actor: string },
): Promise<ChangeRow> {
  const { rows } = await client.query<ChangeRow>(
    `insert into changes (tenant_id, service_id, kind, title, occurred_at, actor)
     values (app_tenant_id(), $1, $2, $3, to_timestamp($4::double precision / 1000), $5) returning ${COLUMNS}`,
    [change.service_id, change.kind, change.title, change.occurred_at, change.actor],
  );
  const [row] = rows;
  if (!row) throw new Error('insert into changes returned no row');
  return row;
}

export const changeView = ({ occurred_us: _, ...row }: ChangeRow): ChangeView => ({
  ...row,
  occurred_at: isoTime(row.occurred_at),
  created_at: isoTime(row.created_at),
});
