import type { Detector } from '../models/detector.ts';
import type { LoadedModel } from '../models/model.ts';
import { namedValues, shapleyValues, type Comparison } from '../models/shapley.ts';
import type { Database } from '../platform/postgres.ts';
import type { Calibration } from '../scoring/calibration.ts';
import type { Baseline } from '../windows/baseline.ts';
import type { FeatureVector } from '../windows/window-schema.ts';
import { anomalyType } from './anomaly-type.ts';
import { contributingTemplates, evidenceStart, type TemplateText } from './evidence.ts';
import type { Explanation } from './explanation-schema.ts';
import { summarise } from './summary.ts';
import { findTemplateTexts } from './template-text-read-model.ts';

export interface ExplainInput {
  tenant_id: string;
  /** Name of the service, for the summary. */
  service: string;
  vector: FeatureVector;
  calibration: Calibration;
  /** As it was when the window was judged, before the window was learned. */
  baseline: Baseline;
  model: LoadedModel | null;
}

/** Why a window got its score, without lines (`sample-step.ts` adds them). Σ shap_value + base = score to 1e-6. */
export type ExplainStep = (input: ExplainInput) => Promise<Explanation>;

interface ExplainDeps {
  database: Database;
  detector: (model: LoadedModel | null) => Detector;
}

/** Explains any window, however low its score, and asks no log source. Errors of the database and the detector pass through. */
export const explainStep =
  (deps: ExplainDeps): ExplainStep =>
  async (input) => {
    const { vector, baseline, service } = input;
    const comparison: Comparison = {
      features: vector.features,
      hashed_counts: vector.hashed_counts,
      reference_features: baseline.usual_features,
      reference_hashed_counts: baseline.usual_hashed_counts,
      calibration: input.calibration.row,
    };
    const shapley = await shapleyValues(deps.detector(input.model), comparison);
    const shap_values = namedValues(shapley, comparison);
    const anomaly_type = anomalyType(shap_values, vector);
    const templates = contributingTemplates(vector, shap_values, await templateTexts(deps, input));
    const started_at = evidenceStart(vector, anomaly_type);
    return {
      anomaly_type,
      summary: summarise({ anomaly_type, service, vector, baseline, templates }),
      score: shapley.score,
      base: shapley.base,
      shap_values,
      lines: { actual: vector.lines, expected: vector.expected_lines },
      templates,
      sample_lines: [],
      lines_before: [],
      unread_sources: [],
      started_at,
    };
  };

function templateTexts(
  { database }: ExplainDeps,
  { tenant_id, vector }: ExplainInput,
): Promise<Map<number, TemplateText>> {
  const ids = [...new Set(vector.evidence.map(({ template_id }) => template_id))];
  return database.withTenant(tenant_id, (client) => findTemplateTexts(client, vector.service_id, ids));
}
