import type { Client } from '../platform/postgres.ts';

/** How a service is judged now. */
export interface ServiceReference {
  calibration: number[] | null;
  usual_features: number[] | null;
  usual_hashed_counts: number[] | null;
}

/** Calibration row and usual window of a service (null before it learned any); null when there is no such service. */
export async function findServiceReference(
  client: Client,
  service_id: string,
): Promise<ServiceReference | null> {
  const { rows } = await client.query<ServiceReference>(
    `select c.state->'row' as calibration, b.state->'usual_features' as usual_features,
       b.state->'usual_hashed_counts' as usual_hashed_counts
     from services s left join calibrations c on c.service_id = s.id left join baselines b on b.service_id = s.id
     where s.id = $1`,
    [service_id],
  );
  return rows[0] ?? null;
}
