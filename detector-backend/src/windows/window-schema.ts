import type { Counts } from './tile.ts';

/** The model's input contract: names and order of the fixed features. All are >= 0 and 0 where nothing is unusual. */
export const FEATURE_NAMES = [
  'volume_high',
  'volume_low',
  'error_surprisal',
  'warn_surprisal',
  'rarity_sum',
  'rarity_max',
  'new_templates',
  'mix_divergence',
  'entropy_change',
  'expected_absent',
  'latency_shift',
  'burstiness',
] as const;
export type FeatureName = (typeof FEATURE_NAMES)[number];
export const FEATURE_COUNT = FEATURE_NAMES.length;
/** Buckets of the hashed log1p template counts that the forest sees besides the features. */
export const HASHED_COUNT = 64;

/** A window to be judged: counts of [window_start, window_end) of one service. */
export interface WindowInput {
  service_id: string;
  window_start: number;
  window_end: number;
  counts: Counts;
  /** A source of the service could not be read: heads that judge volume must stay silent. */
  is_blind: boolean;
}

/** How much one template adds to a feature, for explanations. */
export interface TemplateEvidence {
  template_id: number;
  feature: FeatureName;
  /** Share of the feature's value, >= 0. */
  weight: number;
  count: number;
  /** Count that the baseline expects in such a window. */
  expected: number;
  /** Epoch ms of the template's first line in the window; null when it is absent. */
  first_at: number | null;
}

/** A window turned into numbers. */
export interface FeatureVector {
  service_id: string;
  window_start: number;
  window_end: number;
  is_blind: boolean;
  lines: number;
  errors: number;
  features: number[];
  hashed_counts: number[];
  expected_lines: number;
  /** Strongest templates first, at most 20. */
  evidence: TemplateEvidence[];
}
