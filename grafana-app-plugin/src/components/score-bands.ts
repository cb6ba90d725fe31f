import type { GrafanaTheme2 } from '@grafana/data';
import type { AnomalySeverity } from '../api/types.ts';

export interface ScoreBand {
  /** Lower bound, inclusive; it ends where the next band begins. */
  from: number;
  label: string;
  meaning: string;
}

export const SCORE_BANDS: readonly ScoreBand[] = [
  { from: 0, label: '0–25', meaning: 'usual' },
  { from: 25, label: '25–50', meaning: 'uncommon' },
  { from: 50, label: '50–75', meaning: 'low' },
  { from: 75, label: '75–90', meaning: 'medium, an anomaly opens' },
  { from: 90, label: '90–100', meaning: 'high' },
];

/** Index of the band of a score. */
export const bandOf = (score: number): number =>
  SCORE_BANDS.reduce((found, band, index) => (score >= band.from ? index : found), 0);

// Every colour from band 50 on has a contrast of at least 3:1 against the panel, in both themes (a test measures it).
// Colour is never the only sign: a swim lane cell is also as high as its score.
const DARK = ['#4f6072', '#5794f2', '#eac21b', '#ff8833', '#f2495c'] as const;
const LIGHT = ['#9aa7b5', '#3274d9', '#a67c00', '#c9520a', '#b3122b'] as const;

export const bandColors = (theme: GrafanaTheme2): readonly string[] => (theme.isDark ? DARK : LIGHT);

export const scoreColor = (score: number, theme: GrafanaTheme2): string =>
  bandColors(theme)[bandOf(score)] ?? '';

const SEVERITY_SCORES: Record<AnomalySeverity, number> = { low: 50, medium: 75, high: 90 };

export const severityColor = (severity: AnomalySeverity, theme: GrafanaTheme2): string =>
  scoreColor(SEVERITY_SCORES[severity], theme);

export const formatScore = (score: number): string => String(Math.floor(score));
