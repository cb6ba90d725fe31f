import { FEATURE_COUNT, FEATURE_NAMES, type FeatureName } from '../windows/window-schema.ts';
import type { Detector } from './detector.ts';
import type { DetectorRow } from './ensemble.ts';

/** Rows handed to the detector at once; it cuts them into its own batches. */
const CHUNK_ROWS = 2048;

/** A window, and the usual window of its service that it is compared with. */
export interface Comparison {
  features: number[];
  hashed_counts: number[];
  reference_features: number[];
  reference_hashed_counts: number[];
  calibration: number[];
}

export interface ShapleyResult {
  /** Score of the usual window. */
  base: number;
  score: number;
  /** Twelve features, then all hashed counts as one player. Their sum is score - base, exactly up to rounding. */
  values: number[];
}

/**
 * Exact Shapley values of the final 0–100 score (Shapley 1953; Lundberg & Lee 2017 with one reference row) by
 * enumerating coalitions of the 13 players: 2^n rows for the n players that differ from the reference, at most 8,192.
 * A player equal to its reference is a dummy, so its value is 0 and it need not be enumerated.
 */
export async function shapleyValues(detector: Detector, comparison: Comparison): Promise<ShapleyResult> {
  const players = differingPlayers(comparison);
  const scores = await coalitionScores(detector, comparison, players);
  const values = new Array<number>(FEATURE_COUNT + 1).fill(0);
  const weights = coalitionWeights(players.length);
  players.forEach((player, position) => {
    const bit = 1 << position;
    let sum = 0;
    for (let coalition = 0; coalition < scores.length; coalition++) {
      if ((coalition & bit) !== 0) continue;
      sum += weights[bitCount(coalition)]! * (scores[coalition | bit]! - scores[coalition]!);
    }
    values[player] = sum;
  });
  return { base: scores[0]!, score: scores.at(-1)!, values };
}

function differingPlayers(comparison: Comparison): number[] {
  const features = comparison.features.flatMap((value, index) =>
    value === comparison.reference_features[index] ? [] : [index],
  );
  const isSame = comparison.hashed_counts.every(
    (value, index) => value === comparison.reference_hashed_counts[index],
  );
  return isSame ? features : [...features, FEATURE_COUNT];
}

/** Score of every coalition; bit i of the index says whether player i takes its value from the window. */
async function coalitionScores(
  detector: Detector,
  comparison: Comparison,
  players: number[],
): Promise<number[]> {
  const scores: number[] = [];
  const total = 1 << players.length;
  for (let from = 0; from < total; from += CHUNK_ROWS) {
    const rows = Array.from({ length: Math.min(CHUNK_ROWS, total - from) }, (_, index) =>
      coalitionRow(comparison, players, from + index),
    );
    for (const { score } of await detector.detect(rows)) scores.push(score);
  }
  return scores;
}

function coalitionRow(comparison: Comparison, players: number[], coalition: number): DetectorRow {
  const features = [...comparison.reference_features];
  let hashed_counts = comparison.reference_hashed_counts;
  players.forEach((player, position) => {
    if ((coalition & (1 << position)) === 0) return;
    if (player === FEATURE_COUNT) hashed_counts = comparison.hashed_counts;
    else features[player] = comparison.features[player]!;
  });
  return { features, hashed_counts, calibration: comparison.calibration };
}

/** |S|! (n - |S| - 1)! / n! by the size of S. */
function coalitionWeights(players: number): number[] {
  const factorials = [1];
  for (let n = 1; n <= players; n++) factorials.push(factorials[n - 1]! * n);
  return Array.from(
    { length: players },
    (_, size) => (factorials[size]! * factorials[players - size - 1]!) / factorials[players]!,
  );
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export interface NamedValue {
  feature: FeatureName | 'template_counts';
  shap_value: number;
  actual: number;
  expected: number;
}

/** Shapley values with the names and values that people read. */
export function namedValues({ values }: ShapleyResult, comparison: Comparison): NamedValue[] {
  const total = (counts: number[]) => counts.reduce((sum, count) => sum + Math.expm1(count), 0);
  const round = (value: number) => Math.round(value * 100) / 100;
  return [
    ...FEATURE_NAMES.map((feature, index) => ({
      feature,
      shap_value: values[index]!,
      actual: comparison.features[index]!,
      expected: comparison.reference_features[index]!,
    })),
    {
      feature: 'template_counts' as const,
      shap_value: values[FEATURE_COUNT]!,
      actual: round(total(comparison.hashed_counts)),
      expected: round(total(comparison.reference_hashed_counts)),
    },
  ];
}
