import { Type, type Static } from 'typebox';
import { FEATURE_COUNT, HASHED_COUNT } from '../windows/window-schema.ts';

const Iso = Type.String({ format: 'date-time' });

export const ModelVersionView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  version: Type.Integer(),
  model_type: Type.String(),
  artifact_path: Type.String(),
  /** Feature names in the order that the model expects, and how it was trained. */
  card: Type.Record(Type.String(), Type.Unknown()),
  trained_until: Iso,
  window_count: Type.Integer(),
  is_active: Type.Boolean(),
  created_at: Iso,
});
export type ModelVersionView = Static<typeof ModelVersionView>;

/** Each row is explained by up to 8,192 evaluations (some 60 ms), so a call takes a second at most. */
const MAX_ROWS = 16;

export const PredictBody = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          features: Type.Union([
            Type.Record(Type.String(), Type.Number()),
            Type.Array(Type.Number(), { minItems: FEATURE_COUNT, maxItems: FEATURE_COUNT }),
          ]),
          hashed_counts: Type.Optional(
            Type.Array(Type.Number(), { minItems: HASHED_COUNT, maxItems: HASHED_COUNT }),
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: MAX_ROWS },
    ),
    /** Whose calibration and usual window to judge by; a new service's when absent. */
    service_id: Type.Optional(Type.String({ format: 'uuid' })),
  },
  { additionalProperties: false },
);
export type PredictBody = Static<typeof PredictBody>;

const Probability = Type.Number({ minimum: 0, maximum: 1 });
export const PredictReply = Type.Object({
  model_version_id: Type.Union([Type.String(), Type.Null()]),
  feature_names: Type.Array(Type.String()),
  predictions: Type.Array(
    Type.Object({
      score: Type.Number({ minimum: 0, maximum: 100 }),
      base: Type.Number(),
      head_p: Type.Object({ rarity: Probability, volume: Probability, isolation: Probability }),
      shap_values: Type.Array(
        Type.Object({
          feature: Type.String(),
          shap_value: Type.Number(),
          actual: Type.Number(),
          expected: Type.Number(),
        }),
      ),
    }),
  ),
});
export type PredictReply = Static<typeof PredictReply>;
