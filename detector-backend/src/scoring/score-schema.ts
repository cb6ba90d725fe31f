/** The three heads, in the order of `head_p`. */
export const HEADS = ['rarity', 'volume', 'isolation'] as const;

/** Judgement of one window. Score 0–100 = 12.5 · log10(1/p): 50, 75, 100 are tail probabilities 1e-4, 1e-6, 1e-8. */
export interface Score {
  service_id: string;
  window_start: number;
  window_end: number;
  score: number;
  /** Tail probability of each head, in the order of {@link HEADS}. */
  head_p: number[];
  /** Raw evidence of rarity, volume, isolation, and their fusion -ln p_R - ln p_V - λ ln p_I before its calibration. */
  margins: number[];
  /** The fused one of `margins`. */
  margin: number;
  /** True when the window must be stored although it is not on a minute boundary. */
  keep: boolean;
  /** How much the baseline may learn from it, 0–1: little while something is wrong. */
  learn_weight: number;
  model_version_id: string | null;
}

/** A window opens an episode from here on. */
export const OPEN_SCORE = 75;
/** An open episode ends once no window reached this score for {@link RESOLVE_AFTER_MS}. */
export const CLOSE_SCORE = 50;
export const RESOLVE_AFTER_MS = 120_000;
/** Windows between minute boundaries are stored from here on. */
export const KEEP_SCORE = 25;

export type AnomalySeverity = 'low' | 'medium' | 'high';

/** Severity of a score: low from 50, medium from 75, high from 90. */
export const severityOf = (score: number): AnomalySeverity =>
  score >= 90 ? 'high' : score >= 75 ? 'medium' : 'low';
