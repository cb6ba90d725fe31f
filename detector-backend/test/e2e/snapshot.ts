import type { ShopWorld } from './shop-world.ts';
import { FROM, TO } from './shop-world.ts';
import { loadTiles } from '../../src/windows/tile-repository.ts';

const WALL_CLOCK = ['created_at', 'updated_at', 'detected_at', 'decided_at', 'sent_at'];
const without = (columns: string[]) => [...WALL_CLOCK, ...columns].map((column) => `'${column}'`).join(', ');
const rowsOf = (table: string, key: string, left_out: string[] = []) =>
  `select to_jsonb(t) - array[${without(left_out)}] as row from ${table} t order by ${key}`;

/** What two runs over the same lines must agree on, but for the wall clock and for how often something was tried. */
const TABLES: Record<string, string> = {
  // An embedding weighs words by the templates known when it was made, so it may differ by how lines were cut into slices.
  log_templates: rowsOf('log_templates', 'id', ['embedding']),
  feature_windows: rowsOf('feature_windows', 'service_id, window_start, window_seconds'),
  baselines: rowsOf('baselines', 'service_id'),
  calibrations: rowsOf('calibrations', 'service_id'),
  model_versions: rowsOf('model_versions', 'name, version'),
  anomalies: rowsOf('anomalies', 'id', ['revision']),
  anomaly_events: rowsOf('anomaly_events', 'anomaly_id, event'),
  alerts: `select jsonb_build_object('id', id, 'anomaly_id', anomaly_id, 'policy_id', policy_id, 'integration_id', integration_id,
      'event', event, 'status', status, 'occurred_at', occurred_at) as row from alerts order by id`,
};

export type Snapshot = Record<string, unknown[]>;

/** Everything that the detector made of its lines, by table, in a fixed order. */
export async function takeSnapshot({ db, receiver }: ShopWorld): Promise<Snapshot> {
  const snapshot: Snapshot = {};
  for (const [table, sql] of Object.entries(TABLES)) {
    const { rows } = await db.owner.query<{ row: unknown }>(sql);
    snapshot[table] = rows.map(({ row }) => row);
  }
  snapshot['tiles'] = await tilesOf(db);
  snapshot['received'] = [...new Set(receiver.received.map((alert) => alert.idempotency_key))].sort();
  return snapshot;
}

/** Tiles added up over the slices that they were cut into: where slices end depends on when a worker came by. */
async function tilesOf({ database, owner, tenant_id }: ShopWorld['db']): Promise<unknown[]> {
  const { rows } = await owner.query<{ id: string }>('select id from services order by id');
  const ids = rows.map(({ id }) => id);
  const tiles = await database.withTenant(tenant_id, (client) =>
    loadTiles(client, ids, FROM - 86_400_000, TO + 86_400_000),
  );
  return [...tiles].flatMap(([service_id, of_service]) =>
    [...of_service].map(([tile_start, { templates, ...counts }]) => ({
      service_id,
      tile_start,
      ...counts,
      templates: [...templates].sort(([a], [b]) => a - b),
    })),
  );
}
