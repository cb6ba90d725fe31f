import type { Client } from '../platform/postgres.ts';
import type { LineQuery, LogLine, SampleLine, SliceRange, SliceTally } from './log-store.ts';

const PAGE_LINES = 5000;
const FIRST_EVENT = '00000000-0000-0000-0000-000000000000';

/** Where a page begins: behind the line with this ingest time (epoch ms) and id. */
export interface PagePosition {
  ingested_at: number;
  event_id: string;
}
export type PageRow = [string, number, string, LogLine['severity'], string, number, string | null];

/** Reads go by index even where the planner, on a young partition without statistics, prefers to sort a whole slice for a page. */
export const READ_BY_INDEX = `select set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)`;

// The lines of a slice; the fourth and fifth parameter are null where the slice takes all services.
const IN_SLICE = `log_source_id = $1 and ingested_at >= to_timestamp($2::double precision / 1000)
    and ingested_at < to_timestamp($3::double precision / 1000)
    and ($4::uuid[] is null or service_id = any($4)) and ($5::uuid[] is null or service_id <> all($5))`;

const sliceValues = ({ log_source_id, slice_start, slice_end, services }: SliceRange): unknown[] => [
  log_source_id,
  slice_start,
  slice_end,
  services && 'only' in services ? services.only : null,
  services && 'except' in services ? services.except : null,
];

// Times come as epoch ms, so that no text of a date is parsed here.
const SELECT_PAGE = `
  select event_id, round(date_part('epoch', timestamp) * 1000), service_id, severity, message,
         round(date_part('epoch', ingested_at) * 1000), nullif(left(metadata ->> 'release', 100), '')
  from embedded_logs
  where ${IN_SLICE}
    and (ingested_at, event_id) > (to_timestamp($6::double precision / 1000), $7::uuid)
    and ($8 = 1 or mod(abs(hashtext(event_id::text)::bigint), $8) = 0)
  order by ingested_at, event_id limit ${PAGE_LINES}`;

/** The lines of a slice behind `after`, at most a page; with `sample_of` n > 1 about one of n. */
export async function selectPage(
  client: Client,
  range: SliceRange,
  after: PagePosition,
  sample_of: number,
): Promise<PageRow[]> {
  const { rows } = await client.query<PageRow>({
    name: 'select-log-page',
    text: SELECT_PAGE,
    values: [...sliceValues(range), after.ingested_at, after.event_id, sample_of],
    rowMode: 'array',
  });
  return rows;
}

/** Pages of a slice; the next one is read while the caller works on this one. */
export async function* readPages(
  slice_start: number,
  readPage: (after: PagePosition) => Promise<PageRow[]>,
): AsyncGenerator<LogLine[]> {
  let pending = readPage({ ingested_at: slice_start, event_id: FIRST_EVENT });
  try {
    for (;;) {
      const rows = await pending;
      const last = rows.at(-1);
      if (last === undefined) return;
      const is_last_page = rows.length < PAGE_LINES;
      if (!is_last_page) pending = readPage({ ingested_at: last[5], event_id: last[0] });
      yield rows.map(toLine);
      if (is_last_page) return;
    }
  } finally {
    // A caller that stops early must not leave a rejection behind.
    await pending.catch(() => undefined);
  }
}

const toLine = ([event_id, timestamp, service_id, severity, message, , release]: PageRow): LogLine => ({
  event_id,
  timestamp,
  service_id,
  severity,
  message,
  release,
});

export async function countLines(client: Client, range: SliceRange): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*) as count from embedded_logs where ${IN_SLICE}`,
    sliceValues(range),
  );
  return rows[0]?.count ?? 0;
}

export async function tallyLines(
  client: Client,
  range: SliceRange,
  bucket_ms: number,
): Promise<SliceTally[]> {
  const { rows } = await client.query<SliceTally>(
    `select service_id, floor(date_part('epoch', timestamp) * 1000 / $6) * $6 as bucket_start, severity, count(*) as count
     from embedded_logs where ${IN_SLICE} group by 1, 2, 3 order by 1, 2, 3`,
    [...sliceValues(range), bucket_ms],
  );
  return rows;
}

export async function selectFirstIngestedAt(
  client: Client,
  log_source_id: string,
  from: number,
): Promise<number | null> {
  const { rows } = await client.query<{ ingested_at: number }>(
    `select ingested_at from embedded_logs
     where log_source_id = $1 and ingested_at >= to_timestamp($2::double precision / 1000)
     order by ingested_at, event_id limit 1`,
    [log_source_id, from],
  );
  return rows[0]?.ingested_at ?? null;
}

const linesSql = (order: string) => `
  select timestamp, severity, source, message from embedded_logs
  where service_id = $1 and timestamp >= to_timestamp($2::double precision / 1000)
    and timestamp < to_timestamp($3::double precision / 1000)
  order by ${order} limit $4`;
const OLDEST_LINES = linesSql('timestamp, event_id');
const NEWEST_LINES = linesSql('timestamp desc, event_id desc');

/** Oldest first. */
export async function selectLines(client: Client, query: LineQuery): Promise<SampleLine[]> {
  const { service_id, from, to, limit, newest = false } = query;
  const { rows } = await client.query<SampleLine>(newest ? NEWEST_LINES : OLDEST_LINES, [
    service_id,
    from,
    to,
    limit,
  ]);
  return newest ? rows.reverse() : rows;
}
