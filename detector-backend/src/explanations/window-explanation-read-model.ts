import type { Client } from '../platform/postgres.ts';
import { createCalibration, type Calibration } from '../scoring/calibration.ts';
import { loadCalibrations } from '../scoring/calibration-repository.ts';
import { createBaseline, type Baseline } from '../windows/baseline.ts';
import { loadBaselines } from '../windows/baseline-repository.ts';
import { featureVector } from '../windows/feature-vector.ts';
import { windowCounts } from '../windows/tile-map.ts';
import { loadTiles } from '../windows/tile-repository.ts';
import type { FeatureVector } from '../windows/window-schema.ts';
import type { KeptExplanation } from './explanation-schema.ts';

export interface WindowKey {
  service_id: string;
  window_start: number;
  window_seconds: number;
}

/** What a window can be explained from. */
export interface WindowEvidence {
  service: string;
  vector: FeatureVector;
  baseline: Baseline;
  calibration: Calibration;
  /** Score that the window got when it was judged; null when it was not kept. */
  judged_score: number | null;
  /** The explanation that an anomaly keeps of exactly this window. */
  kept: KeptExplanation | null;
}

interface StoredRow {
  service: string;
  features: number[] | null;
  hashed_counts: number[] | null;
  lines: number | null;
  errors: number | null;
  expected_lines: number | null;
  is_blind: boolean | null;
  score: number | null;
  kept: KeptExplanation | null;
}

/**
 * The window as it was judged, where it is stored; else computed from its tiles and today's baseline. Which templates
 * stand behind a feature is always computed from the tiles. Null when there is no such service.
 */
export async function findWindowEvidence(client: Client, key: WindowKey): Promise<WindowEvidence | null> {
  const stored = await findStored(client, key);
  if (stored === null) return null;
  const { service_id, window_start } = key;
  const window_end = window_start + key.window_seconds * 1000;
  const baseline = (await loadBaselines(client, [service_id]))[0]?.state ?? createBaseline();
  const calibration = (await loadCalibrations(client, [service_id])).get(service_id) ?? createCalibration();
  const tiles = await loadTiles(client, [service_id], window_start, window_end);
  const counts = windowCounts(tiles.get(service_id), window_start, window_end);
  const computed = featureVector(
    { service_id, window_start, window_end, counts, is_blind: stored.is_blind ?? false },
    baseline,
  );
  return {
    service: stored.service,
    vector: {
      ...computed,
      features: stored.features ?? computed.features,
      hashed_counts: stored.hashed_counts ?? computed.hashed_counts,
      lines: stored.lines ?? computed.lines,
      errors: stored.errors ?? computed.errors,
      expected_lines: stored.expected_lines ?? computed.expected_lines,
    },
    baseline,
    calibration,
    judged_score: stored.score,
    kept: stored.kept,
  };
}

async function findStored(
  client: Client,
  { service_id, window_start, window_seconds }: WindowKey,
): Promise<StoredRow | null> {
  const { rows } = await client.query<StoredRow>(
    `select s.name as service, w.features, w.hashed_counts, w.lines, w.errors, w.expected_lines, w.is_blind, w.score,
       (select a.explanation from anomalies a where a.service_id = s.id and a.window_start = $2 and a.window_seconds = $3
        order by a.opened_at limit 1) as kept
     from services s left join feature_windows w
       on w.tenant_id = app_tenant_id() and w.service_id = s.id and w.window_start = $2 and w.window_seconds = $3
     where s.id = $1`,
    [service_id, new Date(window_start), window_seconds],
  );
  return rows[0] ?? null;
}
