import type { Client } from '../platform/postgres.ts';
import type { Calibration } from './calibration.ts';

/** Calibrations of the given services; one that has learned nothing yet is absent. */
export async function loadCalibrations(
  client: Client,
  service_ids: string[],
): Promise<Map<string, Calibration>> {
  if (service_ids.length === 0) return new Map();
  const { rows } = await client.query<{ service_id: string; state: Calibration }>(
    'select service_id, state from calibrations where service_id = any($1)',
    [service_ids],
  );
  return new Map(rows.map((row) => [row.service_id, row.state]));
}

export async function saveCalibrations(
  client: Client,
  tenant_id: string,
  calibrations: ReadonlyMap<string, Calibration>,
): Promise<void> {
  if (calibrations.size === 0) return;
  const rows = [...calibrations].map(([service_id, state]) => ({ service_id, state }));
  await client.query(
    `insert into calibrations (tenant_id, service_id, state)
     select $1, service_id, state from json_to_recordset($2) as row (service_id uuid, state json)
     on conflict (service_id) do update set state = excluded.state, updated_at = now()`,
    [tenant_id, JSON.stringify(rows)],
  );
}
