import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import type { Client } from '../platform/postgres.ts';
import { loadProgress, saveBaselines } from './baseline-repository.ts';
import { changedTiles, markJudgedMeanwhile, markLateWindows } from './late-window-repository.ts';
import { addHits, type TileMap } from './tile-map.ts';
import { replaceTiles } from './tile-repository.ts';

const service_id = '00000000-0000-8000-8000-00000000000a';
const log_source_id = '00000000-0000-8000-8000-00000000000b';
const START = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  const { owner, tenant_id } = db;
  await owner.query("insert into services (id, tenant_id, name, slug) values ($1, $2, 'a', 'a')", [
    service_id,
    tenant_id,
  ]);
  await owner.query(
    "insert into log_sources (id, tenant_id, name, source_type, cursor_at) values ($1, $2, 's', 'push', $3)",
    [log_source_id, tenant_id, new Date(START + 10 * MINUTE)],
  );
  await owner.query(
    'insert into log_source_services (tenant_id, log_source_id, service_id) values ($1, $2, $3)',
    [tenant_id, log_source_id, service_id],
  );
});
afterAll(() => db.close());
beforeEach(() => db.owner.query('delete from dirty_windows; delete from tiles; delete from baselines'));

const inTenant = <T>(work: (client: Client) => Promise<T>) => db.database.withTenant(db.tenant_id, work);
const slice = (minute: number) => ({
  tenant_id: db.tenant_id,
  log_source_id,
  slice_start: START + minute * MINUTE,
});
const tilesAt = (...minutes: number[]): TileMap => {
  const tiles: TileMap = new Map();
  addHits(
    tiles,
    minutes.map((minute) => ({
      service_id,
      timestamp: START + minute * MINUTE,
      template_id: 1,
      severity_rank: 3,
      duration_ms: null,
    })),
  );
  return tiles;
};
const write = (minute: number, tiles: TileMap) =>
  inTenant(async (client) => {
    await replaceTiles(client, slice(minute), tiles);
    await markLateWindows(client, slice(minute), tiles);
  });
const dirtyMinutes = async () => {
  const { rows } = await db.owner.query<{ minute: string }>(
    'select extract(epoch from window_start - $1)::integer / 60 as minute from dirty_windows order by 1',
    [new Date(START)],
  );
  return rows.map((row) => Number(row.minute));
};
const judge = (from: number, until: number) =>
  inTenant(async (client) => {
    const [progress] = await loadProgress(client);
    if (!progress) throw new Error('no service to judge');
    return {
      progress,
      span: { ...progress, judged_from: START + from * MINUTE, judged_until: START + until * MINUTE },
    };
  });
const save = ({ progress, span }: Awaited<ReturnType<typeof judge>>) =>
  inTenant(async (client) => {
    await saveBaselines(client, [
      {
        ...progress,
        judged_from: progress.judged_until,
        judged_until: span.judged_until,
        minute_scores: [],
        state: null,
      },
    ]);
    await markJudgedMeanwhile(client, db.tenant_id, [span]);
  });

test('late lines mark the full minute of their tile, also when no window of it is stored', async () => {
  await write(0, tilesAt(0, 1, 2, 3));
  await save(await judge(0, 4));
  await write(5, tilesAt(2));
  expect(await dirtyMinutes()).toEqual([2]);
});

test('late lines that are written while a block is judged are not lost: its windows are judged again', async () => {
  await write(0, tilesAt(0, 1, 2, 3));
  const block = await judge(0, 4);
  await write(5, tilesAt(2));
  expect(await dirtyMinutes()).toEqual([]);
  await save(block);
  expect(await dirtyMinutes()).toContain(2);
});

test('a block that nobody disturbed marks nothing', async () => {
  await write(0, tilesAt(0, 1, 2, 3));
  await save(await judge(0, 4));
  expect(await dirtyMinutes()).toEqual([]);
});

test('a slice read again marks the tiles that changed, not the others', async () => {
  await write(0, tilesAt(0, 1));
  const changed = await inTenant((client) => changedTiles(client, slice(0), tilesAt(0, 1, 1)));
  expect([...(changed.get(service_id)?.keys() ?? [])]).toEqual([START + MINUTE]);
});
