import { FEATURE_COUNT, FEATURE_NAMES, HASHED_COUNT, type FeatureName } from '../windows/window-schema.ts';
import { forestScore, type Forest } from './forest.ts';

/** Names of the calibrated margins, in the order of a calibration row: the three heads, then their fusion. */
export const MARGINS = ['rarity', 'volume', 'isolation', 'fused'] as const;
/** Parameters of a margin in a calibration row: knot, slope below it, slope above it, cap. */
export const MARGIN_PARAMETERS = 4;
export const CALIBRATION_WIDTH = MARGINS.length * MARGIN_PARAMETERS;
export const INPUT_WIDTHS = {
  features: FEATURE_COUNT,
  hashed_counts: HASHED_COUNT,
  calibration: CALIBRATION_WIDTH,
} as const;

/** Above this knot the tail begins: -ln of the 15 % of minutes that lie above the 85 % quantile. */
export const TAIL_SHARE = 0.15;

/** A cap that no margin reaches. */
export const NO_CAP = 1000;
/** Calibration row before anything was learned: p = exp(-margin), `cap` the largest -ln p. */
export const uncalibratedRow = (cap = NO_CAP): number[] =>
  MARGINS.flatMap(() => [-Math.log(TAIL_SHARE), 1, 1, cap]);

/** Weight of each feature in the additive heads; a head judges what has a weight in it. */
export const RARITY_WEIGHTS: Partial<Record<FeatureName, number>> = {
  error_surprisal: 1,
  warn_surprisal: 0.4,
  rarity_sum: 0.4,
  rarity_max: 0.3,
  new_templates: 0.6,
};
export const VOLUME_WEIGHTS: Partial<Record<FeatureName, number>> = {
  volume_high: 1,
  volume_low: 1,
  mix_divergence: 1,
  entropy_change: 0.4,
  expected_absent: 0.5,
  latency_shift: 1,
  burstiness: 0.4,
};
/** Below one nat a feature is noise; only what exceeds it counts. */
export const NOISE = 1;
/** Weight of the forest in the fusion: at 1 it costs precision on windows (measured on fault-injection logs). */
export const ISOLATION_WEIGHT = 0.5;
/** A forest score of 0.4 is usual; its excess times 25 is on the scale of nats. */
export const FOREST_USUAL = 0.4;
export const FOREST_SCALE = 25;
export const SCORE_PER_NAT = 12.5 / Math.LN10;

export const headWeights = (weights: Partial<Record<FeatureName, number>>): number[] =>
  FEATURE_NAMES.map((name) => weights[name] ?? 0);
const rarityWeights = headWeights(RARITY_WEIGHTS);
const volumeWeights = headWeights(VOLUME_WEIGHTS);

/** What a detector is asked: one window and the calibration of its service. */
export interface DetectorRow {
  features: number[];
  hashed_counts: number[];
  /** {@link CALIBRATION_WIDTH} numbers, see {@link MARGINS}. */
  calibration: number[];
}

/** What a detector answers for one row. */
export interface DetectorResult {
  /** 0–100, three decimals. */
  score: number;
  /** Tail probabilities of rarity, volume, isolation. */
  head_p: number[];
  /** Raw margins of rarity, volume, isolation and the fusion, in nats: what calibrations learn from. */
  margins: number[];
}

/** -ln p of a margin: piecewise linear with one knot, capped. Row = [knot, slope below, slope above, cap]. */
export function negativeLog(margin: number, calibration: number[], head: number): number {
  const at = head * MARGIN_PARAMETERS;
  const [knot, below, above, cap] = calibration.slice(at, at + MARGIN_PARAMETERS) as [
    number,
    number,
    number,
    number,
  ];
  return Math.min(cap, below * Math.min(margin, knot) + above * Math.max(0, margin - knot));
}

const additive = (features: number[], weights: number[]): number =>
  features.reduce((sum, value, index) => sum + weights[index]! * Math.max(0, value - NOISE), 0);

export const roundScore = (score: number): number =>
  Math.round(Math.min(100, Math.max(0, score)) * 1000) / 1000;

/** The ensemble in plain TypeScript: without a forest its isolation head says nothing (p = 1). */
export function judge(row: DetectorRow, forest: Forest | null): DetectorResult {
  const rarity = additive(row.features, rarityWeights);
  const volume = additive(row.features, volumeWeights);
  const isolation =
    forest === null
      ? 0
      : FOREST_SCALE *
        Math.max(0, forestScore(forest, [...row.features, ...row.hashed_counts]) - FOREST_USUAL);
  const logs = [rarity, volume, isolation].map((margin, head) => negativeLog(margin, row.calibration, head));
  const fused = logs[0]! + logs[1]! + ISOLATION_WEIGHT * logs[2]!;
  return {
    score: roundScore(SCORE_PER_NAT * negativeLog(fused, row.calibration, 3)),
    head_p: logs.map((value) => Math.exp(-value)),
    margins: [rarity, volume, isolation, fused],
  };
}
