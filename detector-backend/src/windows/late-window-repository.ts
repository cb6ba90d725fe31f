import type { Client } from '../platform/postgres.ts';
import type { TileMap } from './tile-map.ts';

interface Slice {
  tenant_id: string;
  log_source_id: string;
  slice_start: number;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Those of the tiles that differ from what the slice wrote before: what a second reading added. Asked before they are replaced. */
export async function changedTiles(client: Client, slice: Slice, tiles: TileMap): Promise<TileMap> {
  const { rows } = await client.query<{ service_id: string; tile_start: number; lines: number }>(
    'select service_id, tile_start, lines from tiles where log_source_id = $1 and slice_start = $2',
    [slice.log_source_id, new Date(slice.slice_start)],
  );
  const before = new Map(rows.map((row) => [`${row.service_id} ${row.tile_start}`, row.lines]));
  const changed: TileMap = new Map();
  for (const [service_id, of_service] of tiles) {
    const differing = [...of_service].filter(
      ([start, counts]) => before.get(`${service_id} ${start}`) !== counts.lines,
    );
    if (differing.length > 0) changed.set(service_id, new Map(differing));
  }
  return changed;
}

/**
 * Marks the windows that late tiles touch as due for a new revision: the full minute of each tile, stored or not, and the
 * stored windows between minutes. In the transaction that writes the tiles. `late_marks` is raised first, so a judge that
 * read its tiles earlier and has not saved yet marks its own windows ({@link markJudgedMeanwhile}).
 * Windows whose other tiles are expired stay as they are: one late line would be all that is left of them.
 */
export async function markLateWindows(client: Client, slice: Slice, tiles: TileMap): Promise<void> {
  const late = [...tiles].flatMap(([service_id, of_service]) =>
    [...of_service.keys()].map((tile_start) => ({ service_id, tile_start: iso(tile_start) })),
  );
  if (late.length === 0) return;
  await client.query('update baselines set late_marks = late_marks + 1 where service_id = any($1)', [
    [...tiles.keys()],
  ]);
  await client.query(
    `insert into dirty_windows (tenant_id, service_id, window_start)
     select distinct $1::uuid, t.service_id, w.window_start
     from json_to_recordset($2) as t (service_id uuid, tile_start timestamptz)
     join baselines b on b.service_id = t.service_id
     cross join lateral (
       select date_trunc('minute', t.tile_start) as window_start
       union select f.window_start from feature_windows f
         where f.tenant_id = $1 and f.service_id = t.service_id
           and f.window_start > t.tile_start - interval '60 seconds' and f.window_start <= t.tile_start
     ) w
     left join feature_windows f on f.tenant_id = $1 and f.service_id = t.service_id and f.window_start = w.window_start
     where w.window_start + interval '60 seconds' <= b.judged_until
       and (coalesce(f.lines, 0) = 0 or exists (
         select from tiles o where o.service_id = t.service_id and (o.log_source_id, o.slice_start) <> ($3, $4)
           and o.tile_start >= w.window_start and o.tile_start < w.window_start + interval '60 seconds'))
     on conflict do nothing`,
    [slice.tenant_id, JSON.stringify(late), slice.log_source_id, new Date(slice.slice_start)],
  );
}

/** What a judge knew of a service when it read the tiles of a block, and which windows it judged from them (epoch ms). */
export interface JudgedSpan {
  service_id: string;
  late_marks: number;
  judged_from: number;
  judged_until: number;
}

/**
 * Marks the minutes of a block for which late lines were written between reading the tiles and saving the windows. After
 * `saveBaselines` in its transaction, whose row locks keep further late lines out until both are visible.
 */
export async function markJudgedMeanwhile(
  client: Client,
  tenant_id: string,
  spans: JudgedSpan[],
): Promise<void> {
  const rows = spans.map((span) => ({
    ...span,
    judged_from: iso(span.judged_from),
    judged_until: iso(span.judged_until),
  }));
  await client.query(
    `insert into dirty_windows (tenant_id, service_id, window_start)
     select $1, s.service_id, w.window_start
     from json_to_recordset($2) as s (service_id uuid, late_marks bigint, judged_from timestamptz, judged_until timestamptz)
     join baselines b on b.service_id = s.service_id and b.late_marks <> s.late_marks
     cross join lateral generate_series(date_trunc('minute', s.judged_from - interval '60 seconds'),
       s.judged_until - interval '60 seconds', interval '60 seconds') as w (window_start)
     on conflict do nothing`,
    [tenant_id, JSON.stringify(rows)],
  );
}
