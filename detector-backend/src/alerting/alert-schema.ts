import { Type, type Static } from 'typebox';
import { ALERT_EVENTS, Uuid } from './policy-schema.ts';

export const ALERT_STATUSES = ['pending', 'sent', 'failed', 'suppressed'] as const;

const Time = Type.String({ format: 'date-time' });
const NullableTime = Type.Union([Time, Type.Null()]);
const NullableText = Type.Union([Type.String(), Type.Null()]);

/** One alert as the list shows it. `occurred_at` is log time, the other times are of the wall clock. */
export const AlertView = Type.Object({
  id: Uuid,
  anomaly_id: Uuid,
  summary: Type.String(),
  service_id: Uuid,
  service: Type.String(),
  policy_id: Uuid,
  policy: Type.String(),
  integration_id: Uuid,
  integration: Type.String(),
  channel: Type.String(),
  event: Type.Enum(ALERT_EVENTS),
  severity: Type.String(),
  score: Type.Number(),
  status: Type.Enum(ALERT_STATUSES),
  status_reason: NullableText,
  attempts: Type.Integer(),
  next_attempt_at: NullableTime,
  last_error: NullableText,
  occurred_at: Time,
  sent_at: NullableTime,
  created_at: Time,
});
export type AlertView = Static<typeof AlertView>;
