import { hashOf } from './random.ts';

/** Kinds of incident, named like the anomaly types that they should be found as. */
export const INCIDENT_KINDS = [
  'error_surge',
  'new_template',
  'latency_shift',
  'traffic_spike',
  'silence',
  'mix_change',
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** Ground truth: what was wrong in the half-open interval [started_at, ended_at), epoch ms on whole seconds. */
export interface Incident {
  kind: IncidentKind;
  service: string;
  started_at: number;
  ended_at: number;
}

/** Incidents that overlap [from_ms, to_ms), in the order of their start. A live shop never runs out of them. */
export type IncidentSchedule = (from_ms: number, to_ms: number) => Incident[];

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** Services of each round, in the order of {@link INCIDENT_KINDS}: no service twice in a round, all eight over four. */
const ROUNDS: readonly (readonly string[])[] = [
  ['payment', 'checkout', 'catalog', 'storefront', 'shipping', 'cart'],
  ['inventory', 'auth', 'payment', 'cart', 'catalog', 'storefront'],
  ['auth', 'shipping', 'inventory', 'checkout', 'cart', 'catalog'],
  ['cart', 'payment', 'checkout', 'auth', 'inventory', 'shipping'],
];

function incident(index: number, started_at: number, duration_ms: number): Incident {
  const kind = INCIDENT_KINDS[index % INCIDENT_KINDS.length] as IncidentKind;
  const round = ROUNDS[Math.floor(index / INCIDENT_KINDS.length) % ROUNDS.length] as readonly string[];
  const service = round[index % INCIDENT_KINDS.length] as string;
  return { kind, service, started_at, ended_at: started_at + duration_ms };
}

const LIVE_FIRST_MS = MINUTE_MS;
const LIVE_SPACING_MS = 6 * MINUTE_MS;
/** Three minutes of trouble, three to resolve before the next (a window of one minute and two of quiet). */
const LIVE_DURATION_MS = 3 * MINUTE_MS;

/** Endless: the first incident a minute after `live_from` (whole second), then one every six minutes. */
export function liveIncidents(live_from: number): IncidentSchedule {
  const first = live_from + LIVE_FIRST_MS;
  return (from_ms, to_ms) => {
    const incidents: Incident[] = [];
    const from_index = Math.max(0, Math.floor((from_ms - first) / LIVE_SPACING_MS));
    for (let index = from_index; first + index * LIVE_SPACING_MS < to_ms; index++) {
      const next = incident(index, first + index * LIVE_SPACING_MS, LIVE_DURATION_MS);
      if (next.ended_at > from_ms) incidents.push(next);
    }
    return incidents;
  };
}

const CHECK_FIRST_MS = 5 * MINUTE_MS;
const CHECK_SPACING_MS = 12 * MINUTE_MS;
const CHECK_DURATIONS_MINUTES = [4, 3, 5, 4, 4, 6];
const CHECK_JITTER_S = 50;

/** Log time of a check after the back-fill: all six incidents, and time to resolve the last. */
export const CHECK_LIVE_MS = 76 * MINUTE_MS;

/** One incident of each kind, each on another service; the seed shifts the starts off the minute grid. */
export function checkIncidents(seed: number, live_from: number): Incident[] {
  return CHECK_DURATIONS_MINUTES.map((minutes, index) => {
    const jitter_ms = (hashOf(seed, index) % CHECK_JITTER_S) * SECOND_MS;
    return incident(
      index,
      live_from + CHECK_FIRST_MS + index * CHECK_SPACING_MS + jitter_ms,
      minutes * MINUTE_MS,
    );
  });
}

export const scheduleOf =
  (incidents: readonly Incident[]): IncidentSchedule =>
  (from_ms, to_ms) =>
    incidents.filter((item) => item.started_at < to_ms && item.ended_at > from_ms);
