import type { Baseline } from './baseline.ts';
import type { WindowInput } from './window-schema.ts';

/** Raw statistics whose usual value a baseline learns, so a feature is their distance from it. */
export const STATISTICS = ['mix_divergence', 'entropy', 'absence', 'burstiness'] as const;
export type Statistic = (typeof STATISTICS)[number];
/** A template belongs to the expected ones when more than this share of minutes has it. */
export const EXPECTED_SHARE = 0.5;

/** -ln P(template is absent), for templates that most minutes have; 0 for others. */
export function absenceSurprise(baseline: Baseline, df: number): number {
  const share = (df + 0.5 * baseline.unit) / (baseline.weight + baseline.unit);
  return share <= EXPECTED_SHARE ? 0 : -Math.log(1 - share) - Math.LN2;
}

/**
 * Raw statistics of a window; null where it has too few lines to say anything.
 * mix_divergence: root of the Jensen–Shannon divergence (nats) from the decayed mix. entropy: of the window's mix
 * (nats). absence: Σ surprise of absent usual templates (nats). burstiness: ln(1 + variance/mean) of lines per second.
 */
export function windowStatistics(input: WindowInput, baseline: Baseline): Record<Statistic, number | null> {
  const { counts } = input;
  const enough = counts.lines >= 8;
  return {
    mix_divergence: enough && baseline.count > 0 ? Math.sqrt(mixDivergence(input, baseline)) : null,
    entropy: enough ? entropy(input) : null,
    absence: absence(input, baseline),
    burstiness: enough ? burstiness(counts.second_counts) : null,
  };
}

function mixDivergence({ counts }: WindowInput, baseline: Baseline): number {
  let divergence = 0;
  let covered = 0;
  for (const [template_id, seen] of counts.templates) {
    const share = seen.count / counts.lines;
    const usual = (baseline.templates[template_id]?.[1] ?? 0) / baseline.count;
    const middle = (share + usual) / 2;
    divergence += (share * Math.log(share / middle)) / 2;
    if (usual > 0) divergence += (usual * Math.log(usual / middle)) / 2;
    covered += usual;
  }
  // Templates absent from the window: each adds usual · ln 2 / 2.
  return Math.max(0, divergence + (Math.max(0, 1 - covered) * Math.LN2) / 2);
}

function entropy({ counts }: WindowInput): number {
  let sum = 0;
  for (const seen of counts.templates.values()) sum -= (seen.count / counts.lines) * Math.log(seen.count / counts.lines);
  return sum;
}

function absence({ counts }: WindowInput, baseline: Baseline): number {
  let sum = 0;
  const least = EXPECTED_SHARE * (baseline.weight + baseline.unit) - 0.5 * baseline.unit;
  for (const template_id in baseline.templates) {
    const df = baseline.templates[template_id]![0]!;
    if (df > least && !counts.templates.has(Number(template_id))) sum += absenceSurprise(baseline, df);
  }
  return sum;
}

function burstiness(seconds: number[]): number {
  const mean = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  if (mean === 0) return 0;
  const variance = seconds.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seconds.length;
  return Math.log1p(variance / mean);
}
