import type { Client } from '../platform/postgres.ts';
import type { AlertedAnomaly, AlertPayload } from './alert-payload.ts';
import { ALERT_EVENTS, type AlertEvent, type SeverityMapping } from './policy-schema.ts';
import type { Policy } from './policy.ts';

/** One row of the outbox, as it is written. */
export interface NewAlert {
  id: string;
  anomaly_id: string;
  policy_id: string;
  integration_id: string;
  event: AlertEvent;
  channel: string;
  payload: AlertPayload;
  status: 'pending' | 'suppressed';
  status_reason: string;
  /** Log time, epoch ms. */
  occurred_at: number;
}

export interface PolicyTarget {
  integration_id: string;
  type: string;
  is_enabled: boolean;
}

export interface PolicyWithTargets extends Policy {
  id: string;
  name: string;
  severity_mapping: SeverityMapping;
  targets: PolicyTarget[];
}

/**
 * Holds back other evaluations of the tenant until this transaction ends: an event must see the alerts of all events
 * before it, or cooldowns would depend on the number of workers.
 */
export async function lockEvaluation(client: Client): Promise<void> {
  await client.query(
    "select pg_advisory_xact_lock(hashtextextended('alerting.evaluate.' || app_tenant_id(), 0))",
  );
}

/** Undecided events in the order in which they happened in log time, with what an alert says about their anomaly. */
export async function undecidedEvents(client: Client, limit: number): Promise<AlertedAnomaly[]> {
  const { rows } = await client.query<AlertedAnomaly>(
    `select e.anomaly_id, e.event, e.severity, e.score, e.occurred_at,
       a.anomaly_type, a.kinds, a.explanation, a.started_at, a.opened_at,
       s.id as service_id, s.name as service, s.environment,
       exists (select from log_source_services l join log_sources o on o.id = l.log_source_id
               where l.service_id = s.id and o.source_type = 'simulated') as simulated
     from anomaly_events e
     join anomalies a on a.id = e.anomaly_id
     join services s on s.id = a.service_id
     where e.decided_at is null
     order by e.occurred_at, e.anomaly_id, array_position($1::text[], e.event)
     limit $2`,
    [ALERT_EVENTS, limit],
  );
  return rows;
}

export async function markDecided(client: Client, events: AlertedAnomaly[]): Promise<void> {
  await client.query(
    `update anomaly_events e set decided_at = now()
     from unnest($1::uuid[], $2::text[]) as d (anomaly_id, event)
     where e.anomaly_id = d.anomaly_id and e.event = d.event and e.decided_at is null`,
    [events.map((event) => event.anomaly_id), events.map((event) => event.event)],
  );
}

/** Enabled policies with their integrations, in the order of their ids. A policy without integrations is left out. */
export async function enabledPolicies(client: Client): Promise<PolicyWithTargets[]> {
  const { rows } = await client.query<PolicyWithTargets>(
    `select p.id, p.name, p.conditions, p.severity_mapping, p.cooldown_seconds,
       json_agg(json_build_object('integration_id', i.id, 'type', i.type, 'is_enabled', i.is_enabled)
                order by i.id) as targets
     from alert_policies p
     join alert_policy_integrations pi on pi.policy_id = p.id
     join integrations i on i.id = pi.integration_id
     where p.is_enabled
     group by p.id
     order by p.id`,
  );
  return rows;
}

/** Pairs of anomaly and policy of which an opened or escalated alert was not suppressed. */
export async function firedPairs(
  client: Client,
  anomaly_ids: string[],
): Promise<{ anomaly_id: string; policy_id: string }[]> {
  const { rows } = await client.query<{ anomaly_id: string; policy_id: string }>(
    `select distinct anomaly_id, policy_id from alerts
     where anomaly_id = any($1::uuid[]) and event in ('opened', 'escalated') and status <> 'suppressed'`,
    [anomaly_ids],
  );
  return rows;
}

/** Log times of opened alerts about these services that were not suppressed, by policy, from `since` on (epoch ms). */
export async function openedSince(
  client: Client,
  service_ids: string[],
  since: number,
): Promise<{ policy_id: string; service_id: string; occurred_at: number }[]> {
  const { rows } = await client.query<{ policy_id: string; service_id: string; occurred_at: number }>(
    `select distinct al.policy_id, an.service_id, al.occurred_at
     from alerts al join anomalies an on an.id = al.anomaly_id
     where al.event = 'opened' and al.status <> 'suppressed'
       and al.policy_id in (select id from alert_policies where cooldown_seconds > 0)
       and an.service_id = any($1::uuid[]) and al.occurred_at >= to_timestamp($2::double precision / 1000)`,
    [service_ids, since],
  );
  return rows;
}

/** Writes outbox rows; returns the ids of new pending ones. A row that exists already is left as it is. */
export async function insertAlerts(client: Client, alerts: NewAlert[]): Promise<string[]> {
  if (alerts.length === 0) return [];
  const { rows } = await client.query<{ id: string; status: string }>(
    `insert into alerts (id, tenant_id, anomaly_id, policy_id, integration_id, event, channel, payload, status,
       status_reason, occurred_at, next_attempt_at)
     select id, app_tenant_id(), anomaly_id, policy_id, integration_id, event, channel, payload, status,
       status_reason, to_timestamp(occurred_at / 1000), case status when 'pending' then now() end
     from json_to_recordset($1::json) as n (id uuid, anomaly_id uuid, policy_id uuid, integration_id uuid,
       event text, channel text, payload jsonb, status text, status_reason text, occurred_at double precision)
     on conflict do nothing
     returning id, status`,
    [JSON.stringify(alerts)],
  );
  return rows.filter((row) => row.status === 'pending').map((row) => row.id);
}
