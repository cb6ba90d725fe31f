import type {
  AnomalyAlert,
  AnomalyDetail,
  AnomalyEvent,
  Change,
  SampleLine,
  Service,
  Session,
  SourceHealth,
  Status,
  SwimLanes,
} from '../api/types.ts';
import type { LogSource } from '../api/log-source-types.ts';
import { INCIDENTS } from './shop-incidents.ts';
import { shopLogSources, troubledLogSources } from './shop-log-sources.ts';
import { anomalyId, MINUTE, otherId, serviceId, SERVICES, type Incident } from './shop-services.ts';
import { minutesOf, shapOf, type ShopMinute } from './shop-windows.ts';

/** Everything the API says about the simulated shop at one moment. */
export interface Shop {
  now: number;
  services: Service[];
  minutes: Map<string, ShopMinute[]>;
  anomalies: AnomalyDetail[];
  changes: Change[];
  logSources: LogSource[];
  status: Status;
  session: Session;
}

const iso = (ms: number) => new Date(ms).toISOString();
const severityOf = (score: number) => (score >= 90 ? 'high' : score >= 75 ? 'medium' : 'low');

function eventsOf(incident: Incident, started: number, end: number): AnomalyEvent[] {
  const severity = severityOf(incident.score);
  const event = (name: AnomalyEvent['event'], score: number, at: number): AnomalyEvent => ({
    event: name,
    severity: severityOf(score),
    score,
    occurred_at: iso(at),
  });
  const opened = event('opened', Math.min(incident.score, 79.2), started + 70_000);
  const escalated = severity === 'high' ? [event('escalated', incident.score, started + 130_000)] : [];
  const ended = incident.status === 'open' ? [] : [event(incident.status, incident.score, end)];
  return [opened, ...escalated, ...ended];
}

const alertsOf = (events: AnomalyEvent[], index: number): AnomalyAlert[] =>
  events.flatMap((event, position) =>
    (['Ops webhook', 'Slack #shop-alerts'] as const).map((integration, channel) => {
      const isFailed = index === 1 && channel === 1;
      return {
        id: otherId(index * 100 + position * 10 + channel),
        policy: 'Medium and above',
        integration,
        event: event.event,
        status: isFailed ? ('failed' as const) : ('sent' as const),
        status_reason: isFailed ? 'The receiver answered 410' : null,
        sent_at: isFailed ? null : iso(Date.parse(event.occurred_at) + 1400 + channel * 230),
      };
    }),
  );

function sampleLinesOf(incident: Incident, started: number): SampleLine[] {
  const lines = incident.templates.filter(({ line }) => line !== '');
  return Array.from({ length: lines.length * 4 }, (_, index) => {
    const template = lines[index % lines.length];
    return {
      timestamp: iso(started + 1200 + index * 431),
      severity: template?.severity ?? 'info',
      source: 'shop',
      message: (template?.line ?? '').replace('{}', String(48_211 + index * 7)),
    };
  });
}

/** Lines as the service always writes them, one every half second from a moment on. */
export const usualLinesOf = (service: string, from: number, count: number): SampleLine[] =>
  Array.from({ length: count }, (_, index) => ({
    timestamp: iso(from + index * 500),
    severity: 'info',
    source: 'shop',
    message: `${service} request ${String(71_002 + index)} served`,
  }));

function anomalyOf(incident: Incident, index: number, end: number, minutes: ShopMinute[]): AnomalyDetail {
  const started = end - incident.started_ago * MINUTE + 4200;
  const last = end - (incident.started_ago - incident.minutes) * MINUTE;
  const resolved = incident.status === 'open' ? null : iso(last + 2 * MINUTE);
  const events = eventsOf(incident, started, last + 2 * MINUTE);
  const ofIncident = minutes.filter((minute) => minute.incident === incident);
  const worst = ofIncident.reduce<ShopMinute | undefined>(
    (best, next) => ((next.score ?? 0) > (best?.score ?? -1) ? next : best),
    undefined,
  );
  return {
    id: anomalyId(index),
    service_id: serviceId(incident.service),
    service: incident.service,
    environment: 'production',
    status: incident.status,
    anomaly_type: incident.kind,
    kinds: incident.kinds,
    severity: severityOf(incident.score),
    score: incident.score,
    summary: incident.summary,
    revision: 1,
    started_at: iso(started),
    opened_at: iso(started + 70_000),
    last_seen_at: iso(last),
    resolved_at: resolved,
    detected_at: iso(started + 73_000),
    feedback: index === 3 ? { true_positive: 1, false_positive: 0 } : { true_positive: 0, false_positive: 0 },
    simulated: true,
    explanation: {
      anomaly_type: incident.kind,
      summary: incident.summary,
      score: incident.score,
      ...shapOf(incident.score, incident.shares),
      lines: { actual: worst?.lines ?? 0, expected: worst?.expected_lines ?? 0 },
      templates: incident.templates.map((template, position) => ({
        template_id: index * 10 + position + 1,
        pattern: template.pattern,
        severity: template.severity,
        count: template.count,
        expected: template.expected,
        contribution: template.contribution,
        feature: template.feature,
        first_at: template.count > 0 ? iso(started + position * 2100) : null,
      })),
      sample_lines: sampleLinesOf(incident, started),
      lines_before: usualLinesOf(incident.service, started - 3000, 5),
      unread_sources: [],
      started_at: iso(started),
    },
    window: worst
      ? { id: worst.id, window_start: worst.window_start, window_seconds: worst.window_seconds }
      : null,
    model_version: { id: otherId(1), name: 'ensemble', version: 3 },
    events,
    alerts: incident.score >= 75 ? alertsOf(events, index) : [],
  };
}

function serviceOf(spec: (typeof SERVICES)[number], end: number, minutes: ShopMinute[]): Service {
  const open = INCIDENTS.findIndex(({ service, status }) => service === spec.name && status === 'open');
  const latest = minutes.at(-1);
  return {
    id: serviceId(spec.name),
    name: spec.name,
    slug: spec.name,
    environment: 'production',
    state: spec.state,
    window_count: spec.window_count,
    ready_at_window_count: 200,
    last_line_at: iso(end - 1800),
    judged_until: iso(end),
    latest_score: latest?.score ?? null,
    open_anomaly_id: open < 0 ? null : anomalyId(open),
    is_blind: false,
    lines_per_minute: latest?.lines ?? 0,
    simulated: true,
  };
}

const changesOf = (end: number): Change[] => [
  {
    id: otherId(900),
    service_id: serviceId('auth'),
    kind: 'deploy',
    title: 'auth 2.14.0',
    occurred_at: iso(end - 49 * MINUTE),
    actor: 'ci',
    created_at: iso(end - 49 * MINUTE),
  },
  {
    id: otherId(901),
    service_id: serviceId('checkout'),
    kind: 'config',
    title: 'payment timeout 2 s',
    occurred_at: iso(end - 11 * MINUTE),
    actor: 'dana',
    created_at: iso(end - 11 * MINUTE),
  },
];

const statusOf = (end: number, services: Service[], logSources: LogSource[]): Status => ({
  now: iso(end + 4000),
  sources: logSources.map(healthOf),
  services: {
    total: services.length,
    ready: services.filter(({ state }) => state === 'ready').length,
    warming: services.filter(({ state }) => state === 'warming').length,
    cold: services.filter(({ state }) => state === 'cold').length,
    blind: services.filter(({ is_blind }) => is_blind).length,
  },
  open_anomalies: INCIDENTS.filter(({ status }) => status === 'open').length,
  queue: { backend: 'postgres', waiting: 3, failed: 0 },
  models: { active_version: 3, trained_until: iso(end - 55 * MINUTE) },
  lines_per_second: services.reduce((sum, { lines_per_minute }) => sum + lines_per_minute, 0) / 60,
});

const healthOf = (source: LogSource): SourceHealth => {
  const { id, name, source_type, status, lag_seconds, cursor_at, last_error } = source;
  return { id, name, source_type, status, lag_seconds, cursor_at, last_error };
};

/** The shop with log sources in every other state, and two services that are blind by them. */
export function withTrouble(shop: Shop): Shop {
  const end = Date.parse(shop.status.now) - 4000;
  const blind = ['shipping', 'catalog'];
  const services = shop.services.map((service) => ({ ...service, is_blind: blind.includes(service.name) }));
  const logSources = [...shop.logSources, ...troubledLogSources(end)];
  return { ...shop, services, logSources, status: statusOf(end, services, logSources) };
}

/** The shop as it stands at `now` (epoch ms): the last two hours end at the full minute before it. */
export function createShop(now: number): Shop {
  const end = Math.floor(now / MINUTE) * MINUTE;
  const minutes = new Map(SERVICES.map(({ name }) => [serviceId(name), minutesOf(name, end)]));
  const services = SERVICES.map((spec) => serviceOf(spec, end, minutes.get(serviceId(spec.name)) ?? []));
  const logSources = shopLogSources(end);
  return {
    now,
    services,
    minutes,
    anomalies: INCIDENTS.map((incident, index) =>
      anomalyOf(incident, index, end, minutes.get(serviceId(incident.service)) ?? []),
    ),
    changes: changesOf(end),
    logSources,
    status: statusOf(end, services, logSources),
    session: {
      tenant: { slug: 'acme', name: 'Acme' },
      actor: 'preview',
      permissions: ['*'],
      mode: 'embedded',
      simulated: true,
    },
  };
}

/** Peak score, blindness and lines of every service and bucket of [from, to). */
export function swimLanesOf(shop: Shop, from: number, to: number, bucket_seconds: number): SwimLanes {
  const size = bucket_seconds * 1000;
  const count = Math.ceil((to - from) / size);
  const lanes = shop.services.map((service) => {
    const cells = Array<number | null>(count).fill(null);
    const blind = Array<boolean>(count).fill(false);
    const lines = Array<number>(count).fill(0);
    for (const minute of shop.minutes.get(service.id) ?? []) {
      const index = Math.floor((Date.parse(minute.window_start) - from) / size);
      if (index >= 0 && index < count) {
        const before = cells[index] ?? null;
        cells[index] = minute.score === null ? before : Math.max(before ?? 0, minute.score);
        blind[index] = blind[index] || minute.is_blind;
        lines[index] = (lines[index] ?? 0) + minute.lines;
      }
    }
    return {
      service_id: service.id,
      service: service.name,
      environment: service.environment,
      cells,
      blind,
      lines,
    };
  });
  return { from: iso(from), to: iso(to), bucket_seconds, lanes };
}
