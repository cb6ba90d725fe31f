import type { AnomalySeverity } from '../scoring/score-schema.ts';
import type { AlertEvent, PolicyConditions } from './policy-schema.ts';

/** The part of an alert policy that decides. */
export interface Policy {
  conditions: PolicyConditions;
  /** Log time that must pass between two opened alerts of this policy about one service. */
  cooldown_seconds: number;
}

/** One thing that happened to an anomaly, with the severity (low … high) and score (0–100) it had then. */
export interface AnomalyEvent {
  event: AlertEvent;
  severity: AnomalySeverity;
  score: number;
  service_id: string;
  anomaly_type: string;
  /** Log time, epoch ms. */
  occurred_at: number;
}

/** What this policy did before, in log time. */
export interface Recent {
  /** `occurred_at` of its newest opened alert about the same service that was not suppressed; epoch ms. */
  last_opened_at: number | null;
  /** It let an opened or escalated alert of the same anomaly pass. */
  has_fired: boolean;
}

export interface Decision {
  decision: 'fire' | 'suppress';
  /** For people; says which condition decided. */
  reason: string;
}

const suppress = (reason: string): Decision => ({ decision: 'suppress', reason });

/**
 * Whether a policy speaks about an event. Opened and escalated must meet every condition; resolved and withdrawn end
 * what the receiver heard of, so they only follow an alert that fired, whatever the score is by then. Log time only.
 */
export function decide(policy: Policy, event: AnomalyEvent, recent: Recent): Decision {
  const { conditions } = policy;
  if (conditions.events && !conditions.events.includes(event.event)) {
    return suppress(`the policy does not send ${event.event} events`);
  }
  if (event.event === 'resolved' || event.event === 'withdrawn') {
    return recent.has_fired
      ? { decision: 'fire', reason: `the anomaly that was alerted is ${event.event}` }
      : suppress('no earlier alert of this anomaly fired');
  }
  const unmet = unmetCondition(conditions, event);
  if (unmet !== null) return suppress(unmet);
  if (event.event === 'opened') {
    const remaining = cooldownRemaining(policy, event, recent);
    if (remaining > 0) return suppress(`cooldown: ${Math.ceil(remaining / 1000)} s of log time remain`);
  }
  return { decision: 'fire', reason: 'all conditions are met' };
}

function unmetCondition(conditions: PolicyConditions, event: AnomalyEvent): string | null {
  const { min_score, severities, service_ids, anomaly_types } = conditions;
  if (service_ids && !service_ids.includes(event.service_id)) return 'the service is not among service_ids';
  if (anomaly_types && !(anomaly_types as readonly string[]).includes(event.anomaly_type)) {
    return `anomaly type ${event.anomaly_type} is not among anomaly_types`;
  }
  if (severities && !severities.includes(event.severity)) {
    return `severity ${event.severity} is not among severities`;
  }
  if (min_score !== undefined && event.score < min_score) {
    return `score ${Math.round(event.score * 10) / 10} is below min_score ${min_score}`;
  }
  return null;
}

/** Milliseconds of log time left; an alert later than the event (late revision) does not hold it back. */
function cooldownRemaining(policy: Policy, event: AnomalyEvent, recent: Recent): number {
  const { last_opened_at } = recent;
  if (last_opened_at === null || last_opened_at > event.occurred_at) return 0;
  return last_opened_at + policy.cooldown_seconds * 1000 - event.occurred_at;
}
