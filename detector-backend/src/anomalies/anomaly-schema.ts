import { Type, type Static } from 'typebox';
import { ANOMALY_TYPES, ShownExplanation } from '../explanations/explanation-schema.ts';

const Iso = Type.String({ format: 'date-time' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const AnomalySummary = Type.Object({
  id: Type.String({ format: 'uuid' }),
  service_id: Type.String({ format: 'uuid' }),
  service: Type.String(),
  environment: Type.String(),
  status: Type.Enum(['open', 'resolved', 'withdrawn']),
  anomaly_type: Type.Enum(ANOMALY_TYPES),
  kinds: Type.Array(Type.String()),
  severity: Type.Enum(['low', 'medium', 'high']),
  score: Type.Number({ minimum: 0, maximum: 100 }),
  summary: Type.String(),
  started_at: Iso,
  opened_at: Iso,
  last_seen_at: Iso,
  resolved_at: Nullable(Iso),
  detected_at: Iso,
  feedback: Type.Object({ true_positive: Type.Integer(), false_positive: Type.Integer() }),
  simulated: Type.Boolean(),
});
export type AnomalySummary = Static<typeof AnomalySummary>;

export const AnomalyDetail = Type.Intersect([
  AnomalySummary,
  Type.Object({
    explanation: ShownExplanation,
    window: Nullable(Type.Object({ id: Type.String(), window_start: Iso, window_seconds: Type.Integer() })),
    model_version: Nullable(Type.Object({ id: Type.String(), name: Type.String(), version: Type.Integer() })),
    revision: Type.Integer(),
    events: Type.Array(
      Type.Object({ event: Type.String(), severity: Type.String(), score: Type.Number(), occurred_at: Iso }),
    ),
    alerts: Type.Array(
      Type.Object({
        id: Type.String(),
        policy: Type.String(),
        integration: Type.String(),
        event: Type.String(),
        status: Type.String(),
        status_reason: Nullable(Type.String()),
        sent_at: Nullable(Iso),
      }),
    ),
  }),
]);
export type AnomalyDetail = Static<typeof AnomalyDetail>;

export const AnomalyQuery = Type.Object({
  status: Type.Optional(Type.Enum(['open', 'resolved', 'withdrawn'])),
  service_id: Type.Optional(Type.String({ format: 'uuid' })),
  severity: Type.Optional(Type.Enum(['low', 'medium', 'high'])),
  from: Type.Optional(Type.String({ description: 'ISO 8601 or epoch ms; episodes that reach past it' })),
  to: Type.Optional(Type.String({ description: 'ISO 8601 or epoch ms; episodes that started before it' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});
export type AnomalyQuery = Static<typeof AnomalyQuery>;

export const FeedbackInput = Type.Object(
  {
    anomaly_id: Type.String({ format: 'uuid' }),
    is_true_positive: Type.Boolean(),
    comment: Type.Optional(Type.String({ maxLength: 4000 })),
  },
  { additionalProperties: false },
);
export type FeedbackInput = Static<typeof FeedbackInput>;

export const Feedback = Type.Object({
  id: Type.String({ format: 'uuid' }),
  anomaly_id: Type.String({ format: 'uuid' }),
  actor: Type.String(),
  is_true_positive: Type.Boolean(),
  comment: Nullable(Type.String()),
  created_at: Iso,
});
export type Feedback = Static<typeof Feedback>;
