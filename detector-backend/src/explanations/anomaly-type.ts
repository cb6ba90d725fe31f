import type { FeatureName, FeatureVector } from '../windows/window-schema.ts';
import type { AnomalyType, ShapValue } from './explanation-schema.ts';

/** Which features speak for which kind; `warn_surprisal` alone is just unusual. */
const FEATURE_KINDS: Record<FeatureName | 'template_counts', AnomalyType> = {
  volume_high: 'traffic_spike',
  volume_low: 'silence',
  error_surprisal: 'error_surge',
  warn_surprisal: 'unusual_pattern',
  rarity_sum: 'rare_template',
  rarity_max: 'rare_template',
  new_templates: 'new_template',
  mix_divergence: 'mix_change',
  entropy_change: 'mix_change',
  expected_absent: 'silence',
  latency_shift: 'latency_shift',
  burstiness: 'unusual_pattern',
  template_counts: 'unusual_pattern',
};

/** Below this share of the usual volume, absent templates mean silence; above, another mix. */
const SILENT_SHARE = 0.5;

/** The kind whose features add most to the score. */
export function anomalyType(shap_values: readonly ShapValue[], vector: FeatureVector): AnomalyType {
  const sums = new Map<AnomalyType, number>();
  for (const { feature, shap_value } of shap_values) {
    const kind = kindOf(feature, vector);
    sums.set(kind, (sums.get(kind) ?? 0) + shap_value);
  }
  return [...sums].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}

function kindOf(feature: ShapValue['feature'], vector: FeatureVector): AnomalyType {
  const kind = FEATURE_KINDS[feature];
  if (feature === 'expected_absent' && vector.lines > SILENT_SHARE * vector.expected_lines)
    return 'mix_change';
  // Rarity of templates never seen before is the same news as their being new.
  if (kind === 'rare_template' && vector.evidence.some((evidence) => evidence.feature === 'new_templates'))
    return 'new_template';
  if (kind === 'error_surge' && areErrorsNew(vector)) return 'new_template';
  return kind;
}

/** True when most error lines belong to templates that the service did not know. */
function areErrorsNew({ evidence, errors }: FeatureVector): boolean {
  const unknown = new Set(
    evidence.filter(({ feature }) => feature === 'new_templates').map(({ template_id }) => template_id),
  );
  const lines = evidence
    .filter(({ feature, template_id }) => feature === 'error_surprisal' && unknown.has(template_id))
    .reduce((sum, { count }) => sum + count, 0);
  return lines > errors / 2;
}
