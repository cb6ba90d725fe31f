import { Type, type Static } from 'typebox';
import { ANOMALY_TYPES } from '../explanations/explanation-schema.ts';
import type { AnomalySeverity } from '../scoring/score-schema.ts';

/** What can happen to an anomaly, in the order in which it happens. */
export const ALERT_EVENTS = ['opened', 'escalated', 'resolved', 'withdrawn'] as const;
export type AlertEvent = (typeof ALERT_EVENTS)[number];

export const ALERT_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** How the severity of an anomaly is called in an alert, where the policy does not say otherwise. */
export const DEFAULT_SEVERITY_MAPPING: Record<AnomalySeverity, AlertSeverity> = {
  low: 'info',
  medium: 'warning',
  high: 'critical',
};

// Lower case only: ids are compared as text.
export const Uuid = Type.String({ format: 'uuid', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });
const listOf = <const Values extends string[]>(values: readonly [...Values]) =>
  Type.Array(Type.Enum(values), { minItems: 1, maxItems: values.length, uniqueItems: true });

/** What an anomaly must be for the policy to speak about it. What is left out does not restrict. */
export const PolicyConditions = Type.Object(
  {
    min_score: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
    severities: Type.Optional(listOf(['low', 'medium', 'high'])),
    service_ids: Type.Optional(Type.Array(Uuid, { minItems: 1, maxItems: 1000, uniqueItems: true })),
    anomaly_types: Type.Optional(listOf(ANOMALY_TYPES)),
    events: Type.Optional(listOf(ALERT_EVENTS)),
  },
  { additionalProperties: false },
);
export type PolicyConditions = Static<typeof PolicyConditions>;

export const SeverityMapping = Type.Object(
  {
    low: Type.Optional(Type.Enum(ALERT_SEVERITIES)),
    medium: Type.Optional(Type.Enum(ALERT_SEVERITIES)),
    high: Type.Optional(Type.Enum(ALERT_SEVERITIES)),
  },
  { additionalProperties: false },
);
export type SeverityMapping = Static<typeof SeverityMapping>;

const policyFields = {
  name: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
  is_enabled: Type.Optional(Type.Boolean()),
  conditions: Type.Optional(PolicyConditions),
  severity_mapping: Type.Optional(SeverityMapping),
  cooldown_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 604_800 })),
  integration_ids: Type.Optional(Type.Array(Uuid, { maxItems: 20, uniqueItems: true })),
};
export const NewPolicy = Type.Object(policyFields, { additionalProperties: false });
export type NewPolicy = Static<typeof NewPolicy>;

/** `updated_at` is the one that was read: a policy that changed since is not overwritten. */
export const PolicyUpdate = Type.Object(
  { ...policyFields, updated_at: Type.String({ format: 'date-time' }) },
  { additionalProperties: false },
);

export type PolicyUpdate = Static<typeof PolicyUpdate>;

export const PolicyView = Type.Object({
  id: Uuid,
  name: Type.String(),
  is_enabled: Type.Boolean(),
  conditions: PolicyConditions,
  severity_mapping: SeverityMapping,
  cooldown_seconds: Type.Integer(),
  integration_ids: Type.Array(Uuid),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});
export type PolicyView = Static<typeof PolicyView>;
