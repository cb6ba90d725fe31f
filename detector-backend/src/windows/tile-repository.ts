import type { Client } from '../platform/postgres.ts';
import type { Counts } from './tile.ts';
import { addCounts, type TileMap } from './tile-map.ts';

const utcDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Makes the day partitions that rows at these times need. */
export async function ensureDays(
  client: Client,
  parent: 'tiles' | 'feature_windows',
  times: Iterable<number>,
) {
  const days = [...new Set(Array.from(times, utcDay))];
  if (days.length > 0) await client.query('select ensure_day_partitions($1, $2::date[])', [parent, days]);
}

/** Replaces the tiles of one slice, never adds to them, so reading a slice again changes nothing. */
export async function replaceTiles(
  client: Client,
  slice: { tenant_id: string; log_source_id: string; slice_start: number },
  tiles: TileMap,
): Promise<void> {
  const rows = [...tiles].flatMap(([service_id, of_service]) =>
    [...of_service].map(([tile_start, counts]) => tileRow(service_id, tile_start, counts)),
  );
  await ensureDays(
    client,
    'tiles',
    rows.map((row) => Date.parse(row.tile_start)),
  );
  await client.query('delete from tiles where log_source_id = $1 and slice_start = $2', [
    slice.log_source_id,
    new Date(slice.slice_start),
  ]);
  if (rows.length === 0) return;
  await client.query(
    `insert into tiles (tenant_id, log_source_id, slice_start, service_id, tile_start, lines, second_counts, template_ids,
       template_counts, template_first_ms, template_severities, template_value_counts, template_value_logsums)
     select $1, $2, $3, service_id, tile_start, lines, second_counts, template_ids,
       template_counts, template_first_ms, template_severities, template_value_counts, template_value_logsums
     from json_to_recordset($4) as row (service_id uuid, tile_start timestamptz, lines integer, second_counts integer[],
       template_ids bigint[], template_counts integer[], template_first_ms integer[], template_severities smallint[],
       template_value_counts integer[], template_value_logsums double precision[])`,
    [slice.tenant_id, slice.log_source_id, new Date(slice.slice_start), JSON.stringify(rows)],
  );
}

function tileRow(service_id: string, tile_start: number, counts: Counts) {
  const templates = [...counts.templates];
  return {
    service_id,
    tile_start: new Date(tile_start).toISOString(),
    lines: counts.lines,
    second_counts: counts.second_counts,
    template_ids: templates.map(([id]) => id),
    template_counts: templates.map(([, t]) => t.count),
    template_first_ms: templates.map(([, t]) => t.first_at - tile_start),
    template_severities: templates.map(([, t]) => t.severity_rank),
    template_value_counts: templates.map(([, t]) => t.value_count),
    template_value_logsums: templates.map(([, t]) => t.value_logsum),
  };
}

interface TileRow {
  service_id: string;
  tile_start: number;
  lines: number;
  second_counts: number[];
  template_ids: number[];
  template_counts: number[];
  template_first_ms: number[];
  template_severities: number[];
  template_value_counts: number[];
  template_value_logsums: number[];
}

/** Tiles with a start in [from, to) of the given services, rows of different slices added up. */
export async function loadTiles(
  client: Client,
  service_ids: string[],
  from: number,
  to: number,
): Promise<TileMap> {
  const { rows } = await client.query<TileRow>({
    name: 'load-tiles',
    text: `select service_id, tile_start, lines, second_counts, template_ids, template_counts, template_first_ms,
             template_severities, template_value_counts, template_value_logsums
           from tiles where service_id = any($1) and tile_start >= $2 and tile_start < $3
           order by service_id, tile_start, log_source_id, slice_start`,
    values: [service_ids, new Date(from), new Date(to)],
  });
  const tiles: TileMap = new Map();
  for (const row of rows) {
    let of_service = tiles.get(row.service_id);
    if (!of_service) tiles.set(row.service_id, (of_service = new Map()));
    const counts = countsOf(row);
    const known = of_service.get(row.tile_start);
    if (known) addCounts(known, row.tile_start, counts, row.tile_start);
    else of_service.set(row.tile_start, counts);
  }
  return tiles;
}

function countsOf(row: TileRow): Counts {
  const templates: Counts['templates'] = new Map();
  row.template_ids.forEach((id, i) => {
    templates.set(id, {
      count: row.template_counts[i] ?? 0,
      first_at: row.tile_start + (row.template_first_ms[i] ?? 0),
      severity_rank: row.template_severities[i] ?? 0,
      value_count: row.template_value_counts[i] ?? 0,
      value_logsum: row.template_value_logsums[i] ?? 0,
    });
  });
  return { lines: row.lines, second_counts: row.second_counts, templates };
}
