import type { Explanation } from '../explanations/explanation-schema.ts';
import type { AnomalySeverity } from '../scoring/score-schema.ts';
import { isoTime } from '../platform/http/time-range.ts';
import { idempotencyKey, type AlertKey } from './alert-key.ts';
import {
  DEFAULT_SEVERITY_MAPPING,
  type AlertEvent,
  type AlertSeverity,
  type SeverityMapping,
} from './policy-schema.ts';

const TOP_TEMPLATES = 3;
const TOP_SHAP_VALUES = 5;
const MAX_PATTERN_CHARACTERS = 300;

/** What a receiver gets, and what the alert's row keeps. Times are ISO 8601 UTC. No log line is in it, only patterns. */
export interface AlertPayload {
  version: 1;
  event: AlertEvent | 'test';
  idempotency_key: string;
  severity: AlertSeverity;
  /** Log time. */
  occurred_at: string;
  policy: { id: string; name: string } | null;
  anomaly: {
    id: string;
    anomaly_type: string;
    kinds: string[];
    severity: AnomalySeverity;
    score: number;
    summary: string;
    service: { id: string; name: string; environment: string };
    started_at: string;
    opened_at: string;
    resolved_at: string | null;
    simulated: boolean;
  };
  explanation: {
    base: number;
    shap_values: { feature: string; shap_value: number; actual: number; expected: number }[];
    templates: { template_id: number; pattern: string; severity: string; count: number; expected: number }[];
  };
  /** Path of the anomaly's page, to be put behind the address under which the reader opens Seismolog. */
  link: string;
}

/** The anomaly of an event as its payload shows it; times in epoch ms, severity and score as of the event. */
export interface AlertedAnomaly {
  anomaly_id: string;
  event: AlertEvent;
  severity: AnomalySeverity;
  score: number;
  occurred_at: number;
  anomaly_type: string;
  kinds: string[];
  explanation: Explanation;
  started_at: number;
  opened_at: number;
  service_id: string;
  service: string;
  environment: string;
  simulated: boolean;
}

/** Builds the payload of one alert; the same for every attempt. */
export const alertPayload = (
  key: AlertKey,
  anomaly: AlertedAnomaly,
  policy: { id: string; name: string; severity_mapping: SeverityMapping },
): AlertPayload => ({
  version: 1,
  event: key.event,
  idempotency_key: idempotencyKey(key),
  severity: policy.severity_mapping[anomaly.severity] ?? DEFAULT_SEVERITY_MAPPING[anomaly.severity],
  occurred_at: isoTime(anomaly.occurred_at),
  policy: { id: policy.id, name: policy.name },
  anomaly: anomalyOf(anomaly),
  explanation: topOf(anomaly.explanation),
  link: `/a/seismolog-detector-app/anomalies/${anomaly.anomaly_id}`,
});

const anomalyOf = (anomaly: AlertedAnomaly): AlertPayload['anomaly'] => ({
  id: anomaly.anomaly_id,
  anomaly_type: anomaly.anomaly_type,
  kinds: anomaly.kinds,
  severity: anomaly.severity,
  score: anomaly.score,
  summary: anomaly.explanation.summary,
  service: { id: anomaly.service_id, name: anomaly.service, environment: anomaly.environment },
  started_at: isoTime(anomaly.started_at),
  opened_at: isoTime(anomaly.opened_at),
  // Of the event, not of the row: the row may have moved on before the event is decided.
  resolved_at:
    anomaly.event === 'resolved' || anomaly.event === 'withdrawn' ? isoTime(anomaly.occurred_at) : null,
  simulated: anomaly.simulated,
});

function topOf(explanation: Explanation): AlertPayload['explanation'] {
  const shap_values = [...explanation.shap_values]
    .sort((a, b) => Math.abs(b.shap_value) - Math.abs(a.shap_value))
    .slice(0, TOP_SHAP_VALUES)
    .map(({ feature, shap_value, actual, expected }) => ({ feature, shap_value, actual, expected }));
  const templates = [...explanation.templates]
    .sort((a, b) => b.contribution - a.contribution)
    .slice(0, TOP_TEMPLATES)
    .map(({ template_id, pattern, severity, count, expected }) => ({
      template_id,
      pattern: pattern.slice(0, MAX_PATTERN_CHARACTERS),
      severity,
      count,
      expected,
    }));
  return { base: explanation.base, shap_values, templates };
}

/** What the test button sends: the form of a real alert, about nothing. */
export function testPayload(integration_id: string, idempotency_key: string, now: number): AlertPayload {
  return {
    version: 1,
    event: 'test',
    idempotency_key,
    severity: 'info',
    occurred_at: isoTime(now),
    policy: null,
    anomaly: {
      id: integration_id,
      anomaly_type: 'unusual_pattern',
      kinds: ['unusual_pattern'],
      severity: 'low',
      score: 50,
      summary: 'This is a test of the integration; nothing happened.',
      service: { id: integration_id, name: 'test', environment: 'default' },
      started_at: isoTime(now),
      opened_at: isoTime(now),
      resolved_at: null,
      simulated: true,
    },
    explanation: { base: 0, shap_values: [], templates: [] },
    link: '/integrations',
  };
}
