import { createHash } from 'node:crypto';
import type { FeatureName } from '../windows/window-schema.ts';

/** The one model of a tenant: all heads in one graph, see ensemble.ts. */
export const MODEL_NAME = 'ensemble';
export const MODEL_TYPE = 'onnx-ensemble';

/** `model_versions.card`: what must be known to run and judge the artefact. */
export interface ModelCard {
  feature_names: FeatureName[];
  hashed_counts: number;
  calibration_width: number;
  trees: number;
  sample_size: number;
  /** Windows that the forest was grown from, and the span of their ends (epoch ms). */
  rows: number;
  trained_from: number;
  opset: string;
  artefact_bytes: number;
}

/** A row of `model_versions`; times in epoch ms. */
export interface ModelVersion {
  id: string;
  name: string;
  version: number;
  model_type: string;
  artifact_path: string;
  card: ModelCard;
  trained_until: number;
  window_count: number;
  is_active: boolean;
  created_at: number;
}

/** A version with its bytes, ready for the detector. */
export interface LoadedModel {
  model_version_id: string;
  version: number;
  sha256: string;
  content: Uint8Array;
  feature_names: readonly string[];
}

/** Training is due first with this many minute windows, again when they doubled, then after this much log time. */
export const FIRST_TRAINING_WINDOWS = 256;
const RETRAIN_AFTER_MS = 6 * 3_600_000;

/**
 * @param latest the newest version of the tenant, or null
 * @param window_count minute windows that the tenant's services learned so far
 * @param at log time, epoch ms
 */
export function modelDue(
  latest: Pick<ModelVersion, 'window_count' | 'trained_until'> | null,
  window_count: number,
  at: number,
): boolean {
  if (latest === null) return window_count >= FIRST_TRAINING_WINDOWS;
  return window_count >= 2 * latest.window_count || at - latest.trained_until >= RETRAIN_AFTER_MS;
}

/** Same tenant, name and version, same id: a training that is repeated after a crash adds nothing. */
export function modelVersionId(tenant_id: string, name: string, version: number): string {
  const hex = createHash('sha256').update(`model ${tenant_id} ${name} ${version}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
