import type { FeatureName, FeatureVector, TemplateEvidence } from '../windows/window-schema.ts';
import type { AnomalyType, ContributingTemplate, ShapValue } from './explanation-schema.ts';

/** Features that speak of single templates which are there (not absent). */
const POINTING: ReadonlySet<FeatureName> = new Set([
  'error_surprisal',
  'warn_surprisal',
  'rarity_max',
  'new_templates',
  'mix_divergence',
  'latency_shift',
]);
/** A template counts as strong evidence from this share of the strongest. */
const STRONG_SHARE = 0.5;
/** These kinds are about the window as a whole. */
const WHOLE_WINDOW: ReadonlySet<AnomalyType> = new Set(['silence', 'traffic_spike']);

/**
 * Start of the evidence in epoch ms: first line of the strongest templates that are unusual; the window's start for
 * silence, for volume, and where no template stands out.
 */
export function evidenceStart(vector: FeatureVector, type: AnomalyType): number {
  if (WHOLE_WINDOW.has(type)) return vector.window_start;
  const pointing = vector.evidence.filter(
    ({ feature, first_at }) => first_at !== null && POINTING.has(feature),
  );
  const strongest = Math.max(0, ...pointing.map(({ weight }) => weight));
  const starts = pointing
    .filter(({ weight }) => weight >= STRONG_SHARE * strongest)
    .map(({ first_at }) => first_at ?? Infinity);
  return starts.length === 0 ? vector.window_start : Math.min(...starts);
}

/** What is known of a template besides its numbers. */
export interface TemplateText {
  pattern: string;
  severity: string;
}

const MAX_TEMPLATES = 8;

/**
 * The templates that the score rests on, one entry each, strongest first. `contribution` is the template's share of what
 * all features added to the score, 0–1: a feature's positive SHAP value is split by the weights of its evidence.
 */
export function contributingTemplates(
  vector: FeatureVector,
  shap_values: readonly ShapValue[],
  texts: ReadonlyMap<number, TemplateText>,
): ContributingTemplate[] {
  const explained = shap_values.reduce((sum, { shap_value }) => sum + Math.max(0, shap_value), 0);
  const weights = new Map<FeatureName, number>();
  for (const { feature, weight } of vector.evidence)
    weights.set(feature, (weights.get(feature) ?? 0) + weight);
  const shareOf = ({ feature, weight }: TemplateEvidence): number => {
    const value = Math.max(0, shap_values.find((shap) => shap.feature === feature)?.shap_value ?? 0);
    return explained === 0 ? 0 : (value / explained) * (weight / Math.max(weights.get(feature) ?? 0, 1e-9));
  };
  const merged = new Map<number, { evidence: TemplateEvidence; contribution: number }>();
  for (const evidence of vector.evidence) {
    const known = merged.get(evidence.template_id);
    if (known) known.contribution += shareOf(evidence);
    else merged.set(evidence.template_id, { evidence, contribution: shareOf(evidence) });
  }
  return [...merged.values()]
    .sort((a, b) => b.contribution - a.contribution || b.evidence.weight - a.evidence.weight)
    .slice(0, MAX_TEMPLATES)
    .map(({ evidence, contribution }) => ({
      template_id: evidence.template_id,
      pattern: texts.get(evidence.template_id)?.pattern ?? '(template no longer stored)',
      severity: texts.get(evidence.template_id)?.severity ?? 'unknown',
      count: evidence.count,
      expected: evidence.expected,
      contribution: Math.round(Math.min(1, contribution) * 1e4) / 1e4,
      feature: evidence.feature,
      first_at: evidence.first_at,
    }));
}
