import type { Client, Database } from '../platform/postgres.ts';
import { alertId, type AlertKey } from './alert-key.ts';
import { alertPayload, type AlertedAnomaly } from './alert-payload.ts';
import {
  enabledPolicies,
  firedPairs,
  insertAlerts,
  lockEvaluation,
  markDecided,
  openedSince,
  undecidedEvents,
  type NewAlert,
  type PolicyTarget,
  type PolicyWithTargets,
} from './alert-repository.ts';
import { decide, type Decision, type Recent } from './policy.ts';

const EVENTS_PER_RUN = 500;

export interface Evaluated {
  /** Events that are now decided. When it is {@link EVENTS_PER_RUN}, more may be waiting. */
  decided: number;
  /** New alerts to be delivered. */
  matched: number;
  /** Their ids, in the order in which they should be sent. */
  alert_ids: string[];
}

/**
 * Asks every enabled policy about every undecided anomaly event of a tenant and fills the outbox, in one transaction.
 * Rows are named by their key and events are marked, so any number of runs, at once or again, gives the same rows.
 */
export const evaluateStep =
  (deps: { database: Database }) =>
  ({ tenant_id }: { tenant_id: string }): Promise<Evaluated> =>
    deps.database.withTenant(tenant_id, async (client) => {
      await lockEvaluation(client);
      const events = await undecidedEvents(client, EVENTS_PER_RUN);
      if (events.length === 0) return { decided: 0, matched: 0, alert_ids: [] };
      const policies = await enabledPolicies(client);
      const history = await loadHistory(client, events, policies);
      const alerts = events.flatMap((event) =>
        policies.flatMap((policy) => decidePolicy(policy, event, history)),
      );
      const alert_ids = await insertAlerts(client, alerts);
      await markDecided(client, events);
      return { decided: events.length, matched: alert_ids.length, alert_ids };
    });

/** What fired before, by policy; grows while the batch is decided, so that its events see each other. */
interface History {
  /** `policy.anomaly` of pairs with an opened or escalated alert. */
  fired: Set<string>;
  /** `policy.service` to log times of opened alerts. */
  opened: Map<string, number[]>;
}

const pair = (a: string, b: string) => `${a}.${b}`;

async function loadHistory(
  client: Client,
  events: AlertedAnomaly[],
  policies: PolicyWithTargets[],
): Promise<History> {
  const history: History = { fired: new Set(), opened: new Map() };
  for (const row of await firedPairs(client, [...new Set(events.map((event) => event.anomaly_id))])) {
    history.fired.add(pair(row.policy_id, row.anomaly_id));
  }
  const longest = Math.max(0, ...policies.map((policy) => policy.cooldown_seconds)) * 1000;
  if (longest === 0) return history;
  const since = Math.min(...events.map((event) => event.occurred_at)) - longest;
  const service_ids = [...new Set(events.map((event) => event.service_id))];
  for (const row of await openedSince(client, service_ids, since)) {
    remember(history.opened, pair(row.policy_id, row.service_id), row.occurred_at);
  }
  return history;
}

function remember(opened: Map<string, number[]>, key: string, occurred_at: number): void {
  const times = opened.get(key);
  if (times) times.push(occurred_at);
  else opened.set(key, [occurred_at]);
}

function decidePolicy(policy: PolicyWithTargets, event: AlertedAnomaly, history: History): NewAlert[] {
  const decision = decide(policy, event, recentOf(policy, event, history));
  const alerts = policy.targets.map((target) => alertFor(policy, target, event, decision));
  if (alerts.some((alert) => alert.status === 'pending')) {
    if (event.event === 'opened' || event.event === 'escalated') {
      history.fired.add(pair(policy.id, event.anomaly_id));
    }
    if (event.event === 'opened') {
      remember(history.opened, pair(policy.id, event.service_id), event.occurred_at);
    }
  }
  return alerts;
}

function recentOf(policy: PolicyWithTargets, event: AlertedAnomaly, history: History): Recent {
  const earlier = (history.opened.get(pair(policy.id, event.service_id)) ?? []).filter(
    (occurred_at) => occurred_at <= event.occurred_at,
  );
  return {
    last_opened_at: earlier.length > 0 ? Math.max(...earlier) : null,
    has_fired: history.fired.has(pair(policy.id, event.anomaly_id)),
  };
}

function alertFor(
  policy: PolicyWithTargets,
  target: PolicyTarget,
  event: AlertedAnomaly,
  { decision, reason }: Decision,
): NewAlert {
  const key: AlertKey = {
    anomaly_id: event.anomaly_id,
    policy_id: policy.id,
    integration_id: target.integration_id,
    event: event.event,
  };
  const isMuted = decision === 'fire' && !target.is_enabled;
  return {
    ...key,
    id: alertId(key),
    channel: target.type,
    payload: alertPayload(key, event, policy),
    status: decision === 'fire' && target.is_enabled ? 'pending' : 'suppressed',
    status_reason: isMuted ? 'the integration is disabled' : reason,
    occurred_at: event.occurred_at,
  };
}
