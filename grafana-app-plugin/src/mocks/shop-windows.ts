import type { Explanation, FeatureWindow } from '../api/types.ts';
import { INCIDENTS } from './shop-incidents.ts';
import { BLIND, MINUTE, serviceId, SERVICES, SPAN, type Incident } from './shop-services.ts';

/** Repeatable numbers in [0, 1): mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface ShopMinute extends FeatureWindow {
  incident: Incident | undefined;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Rises to the peak in the first third of an incident and falls in the last. */
const shape = (position: number): number => Math.min(1, 0.62 + 1.4 * position, 0.55 + 1.6 * (1 - position));

function incidentAt(service: string, ago: number): Incident | undefined {
  return INCIDENTS.find(
    (incident) =>
      incident.service === service &&
      ago <= incident.started_ago &&
      ago > incident.started_ago - incident.minutes,
  );
}

function scoreOf(incident: Incident | undefined, ago: number, noise: number, is_cold: boolean): number {
  if (!incident) {
    const usual = 4 + 18 * noise ** 2;
    return noise > 0.985 ? 28 + 1400 * (noise - 0.985) : is_cold ? usual / 2 : usual;
  }
  const position = (incident.started_ago - ago + 0.5) / incident.minutes;
  return Math.min(
    incident.score,
    incident.score * (incident.status === 'open' ? Math.min(1, 0.8 + position) : shape(position)),
  );
}

/** Windows of full minutes of one service, oldest first. `end` is a full minute in epoch ms. */
export function minutesOf(service: string, end: number): ShopMinute[] {
  const spec = SERVICES.find(({ name }) => name === service);
  const random = randomFrom([...service].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  if (!spec) {
    return [];
  }
  const service_id = serviceId(service);
  return Array.from({ length: Math.min(SPAN, spec.window_count) }, (_, index) => {
    const ago = Math.min(SPAN, spec.window_count) - index;
    const start = end - ago * MINUTE;
    const incident = incidentAt(service, ago);
    const rhythm = 1 + 0.12 * Math.sin((start / MINUTE / 55) * Math.PI);
    const expected = spec.lines_per_minute * rhythm;
    const is_blind = service === BLIND.service && ago <= BLIND.from && ago > BLIND.to;
    const lines = Math.round(expected * (incident?.volume ?? 1) * (0.93 + 0.14 * random()));
    const score = scoreOf(incident, ago, random(), spec.state === 'cold');
    return {
      id: `${service_id}.${start}.60`,
      service_id,
      window_start: iso(start),
      window_end: iso(start + MINUTE),
      window_seconds: 60,
      lines: is_blind ? 0 : lines,
      errors: incident?.kind === 'error_surge' ? Math.round(lines * 0.45) : Math.round(lines * 0.008),
      expected_lines: Number(expected.toFixed(1)),
      score: is_blind ? null : Number(score.toFixed(2)),
      revision: 1,
      is_minute: true,
      is_blind,
      incident,
    };
  });
}

const BASE = 5.8;

/** Splits score − base over the features by their shares; the last one takes what rounding leaves. */
export function shapOf(score: number, shares: Incident['shares']): Pick<Explanation, 'base' | 'shap_values'> {
  const whole = score - BASE;
  let left = whole;
  const shap_values = shares.map(({ feature, share, actual, expected }, index) => {
    const shap_value = index === shares.length - 1 ? left : whole * share;
    left -= shap_value;
    return { feature, shap_value, actual, expected };
  });
  return { base: BASE, shap_values };
}

const QUIET: Incident['shares'] = [
  { feature: 'rarity_sum', share: 0.4, actual: 6.6, expected: 6.1 },
  { feature: 'volume_high', share: 0.3, actual: 0.9, expected: 0.7 },
  { feature: 'template_counts', share: 0.2, actual: 0.45, expected: 0.44 },
  { feature: 'burstiness', share: 0.1, actual: 1.5, expected: 1.4 },
];

/** Why any minute got its score. */
export function explainMinute(minute: ShopMinute, service: string): Explanation {
  const score = minute.score ?? 0;
  const { incident } = minute;
  return {
    anomaly_type: incident?.kind ?? 'unusual_pattern',
    summary: incident
      ? incident.summary
      : `${service} was as usual: ${minute.lines} lines, ${Math.round(minute.expected_lines ?? 0)} expected`,
    score,
    ...shapOf(score, incident?.shares ?? QUIET),
    lines: { actual: minute.lines, expected: minute.expected_lines ?? 0 },
    templates: [],
    sample_lines: [],
    lines_before: [],
    unread_sources: [],
    started_at: minute.window_start,
  };
}
