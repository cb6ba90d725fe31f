import { AppError } from '../platform/errors.ts';
import type { Database } from '../platform/postgres.ts';
import { FEATURE_COUNT, FEATURE_NAMES, HASHED_COUNT } from '../windows/window-schema.ts';
import { uncalibratedRow } from './ensemble.ts';
import type { PredictBody, PredictReply } from './model-schema.ts';
import type { Models } from './models.ts';
import { findServiceReference } from './prediction-read-model.ts';
import { namedValues, shapleyValues, type Comparison } from './shapley.ts';

/** Twelve numbers in the model's order; a feature that is not named is 0. Throws `invalid_request` for an unknown name. */
function orderedFeatures(features: PredictBody['rows'][number]['features'], row: number): number[] {
  if (Array.isArray(features)) return features;
  const unknown = Object.keys(features).find((name) => !FEATURE_NAMES.some((known) => known === name));
  if (unknown !== undefined)
    throw new AppError(
      'invalid_request',
      `The model knows no feature ${unknown}; it expects ${FEATURE_NAMES.join(', ')}.`,
      {
        field: `rows[${row}].features.${unknown}`,
      },
    );
  return FEATURE_NAMES.map((name) => features[name] ?? 0);
}

const zeros = (length: number): number[] => new Array<number>(length).fill(0);

/** Scores and explains rows with the tenant's active model. */
export const predictStep =
  ({ database, models }: { database: Database; models: Models }) =>
  async (tenant_id: string, { rows, service_id }: PredictBody): Promise<PredictReply> => {
    const ordered = rows.map(({ features }, row) => orderedFeatures(features, row));
    const reference =
      service_id === undefined
        ? null
        : await database.withTenant(tenant_id, (client) => findServiceReference(client, service_id));
    if (service_id !== undefined && reference === null)
      throw new AppError('invalid_request', `There is no service ${service_id}.`, { field: 'service_id' });
    const detector = models.detector(await models.active(tenant_id));
    const usual_hashed_counts = reference?.usual_hashed_counts ?? zeros(HASHED_COUNT);
    const predictions: PredictReply['predictions'] = [];
    for (const [index, features] of ordered.entries()) {
      const comparison: Comparison = {
        features,
        hashed_counts: rows[index]?.hashed_counts ?? usual_hashed_counts,
        reference_features: reference?.usual_features ?? zeros(FEATURE_COUNT),
        reference_hashed_counts: usual_hashed_counts,
        calibration: reference?.calibration ?? uncalibratedRow(),
      };
      const [result] = await detector.detect([comparison]);
      const shapley = await shapleyValues(detector, comparison);
      const [rarity = 1, volume = 1, isolation = 1] = result?.head_p ?? [];
      predictions.push({
        score: shapley.score,
        base: shapley.base,
        head_p: { rarity, volume, isolation },
        shap_values: namedValues(shapley, comparison),
      });
    }
    return {
      model_version_id: detector.model_version_id,
      feature_names: [...detector.feature_names],
      predictions,
    };
  };
