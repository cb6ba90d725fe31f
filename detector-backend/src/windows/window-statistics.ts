import type { WindowInput } from './window-schema.ts';

/** Raw statistics whose usual value a baseline learns, so a feature is their distance from it. */
export const STATISTICS = ['mix_divergence', 'entropy', 'absence', 'burstiness'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** What a baseline knows of templates: [decayed minutes with it, decayed lines] each, and the sums of all. */
export interface KnownMix {
  weight: number;
  unit: number;
  count: number;
  templates: Readonly<Record<string, readonly number[]>>;
}

/** A template belongs to the expected ones when more than this share of minutes has it. */
export const EXPECTED_SHARE = 0.5;

/**
 * -ln P(template is absent), for templates that most minutes have; 0 for others. At an hour with few lines (`expected`
 * of them) absence is no surprise: Poisson with the template's share.
 */
export function absenceSurprise(
  known: KnownMix,
  [df = 0, count = 0]: readonly number[],
  expected: number,
): number {
  const share = (df + 0.5 * known.unit) / (known.weight + known.unit);
  if (share <= EXPECTED_SHARE) return 0;
  return Math.max(0, Math.min(-Math.log(1 - share), (count / known.count) * expected) - Math.LN2);
}

/**
 * Raw statistics of a window in which `expected` lines are usual; null where it has too few lines to say anything.
 * mix_divergence: root of the Jensen–Shannon divergence (nats) from the decayed mix, times that of the number of lines
 * that matter. entropy: of the window's mix (nats), corrected for few lines (Miller 1955). absence: Σ surprise of absent
 * usual templates (nats). burstiness: ln(1 + variance/mean) of lines per second.
 */
export function windowStatistics(
  input: WindowInput,
  known: KnownMix,
  expected: number,
): Record<Statistic, number | null> {
  const { counts } = input;
  const enough = counts.lines >= 8;
  return {
    mix_divergence:
      enough && known.count > 0 ? Math.sqrt(mixDivergence(input, known) * mattering(counts.lines)) : null,
    entropy: enough ? entropy(input) : null,
    absence: absence(input, known, expected),
    burstiness: enough ? burstiness(counts.second_counts) : null,
  };
}

/** The divergence of few lines is mostly chance, which falls with their number; that of many is real and does not. */
const mattering = (lines: number): number => lines / (1 + lines / 300);

function mixDivergence({ counts }: WindowInput, known: KnownMix): number {
  let divergence = 0;
  let covered = 0;
  for (const [template_id, seen] of counts.templates) {
    const share = seen.count / counts.lines;
    const usual = (known.templates[template_id]?.[1] ?? 0) / known.count;
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
  for (const seen of counts.templates.values())
    sum -= (seen.count / counts.lines) * Math.log(seen.count / counts.lines);
  return sum + (counts.templates.size - 1) / (2 * counts.lines);
}

function absence({ counts }: WindowInput, known: KnownMix, expected: number): number {
  let sum = 0;
  for (const template_id in known.templates) {
    const surprise = absenceSurprise(known, known.templates[template_id]!, expected);
    if (surprise > 0 && !counts.templates.has(Number(template_id))) sum += surprise;
  }
  return sum;
}

function burstiness(seconds: number[]): number {
  const mean = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  if (mean === 0) return 0;
  const variance = seconds.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seconds.length;
  return Math.log1p(variance / mean);
}
