import type { AnomalyStatus, AnomalyType, LogSeverity, Service } from '../api/types.ts';

export const MINUTE = 60_000;
/** Minutes of windows that the shop has. */
export const SPAN = 120;

interface ServiceSpec {
  name: string;
  lines_per_minute: number;
  state: Service['state'];
  window_count: number;
}

const uuid = (group: string, index: number): string =>
  `0192f000-${group}-7000-8000-${String(index).padStart(12, '0')}`;

export const serviceId = (name: string): string =>
  uuid('0001', SERVICES.findIndex((service) => service.name === name) + 1);
export const anomalyId = (index: number): string => uuid('0002', index + 1);
export const sourceId = (index: number): string => uuid('0003', index + 1);
export const otherId = (index: number): string => uuid('0009', index + 1);

export const SERVICES: readonly ServiceSpec[] = [
  { name: 'storefront', lines_per_minute: 1240, state: 'ready', window_count: 1612 },
  { name: 'checkout', lines_per_minute: 318, state: 'ready', window_count: 1612 },
  { name: 'payments', lines_per_minute: 142, state: 'ready', window_count: 1612 },
  { name: 'catalog', lines_per_minute: 860, state: 'ready', window_count: 1612 },
  { name: 'inventory', lines_per_minute: 214, state: 'ready', window_count: 1592 },
  { name: 'auth', lines_per_minute: 405, state: 'ready', window_count: 1612 },
  { name: 'shipping', lines_per_minute: 73, state: 'warming', window_count: 164 },
  { name: 'notifications', lines_per_minute: 46, state: 'cold', window_count: 22 },
];

export interface TemplateSpec {
  severity: LogSeverity;
  pattern: string;
  /** A line of it; `{}` gets a number. */
  line: string;
  count: number;
  expected: number;
  contribution: number;
  feature: string;
}

export interface Incident {
  service: string;
  kind: AnomalyType;
  kinds: AnomalyType[];
  status: AnomalyStatus;
  /** Minutes before the end of the shop's time. */
  started_ago: number;
  minutes: number;
  score: number;
  /** Factor on the lines of a minute. */
  volume: number;
  summary: string;
  /** Shares of (score − base) by feature; what is left goes to the last. */
  shares: { feature: string; share: number; actual: number; expected: number }[];
  templates: TemplateSpec[];
}

/** Minutes before the end at which inventory's source could not be read. */
export const BLIND = { service: 'inventory', from: 34, to: 27 } as const;
