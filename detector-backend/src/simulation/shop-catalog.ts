import type { Severity } from '../logstore/log-store.ts';
import type { Draw } from './shop-draw.ts';

/** One kind of line that a service writes. */
export interface ShopTemplate {
  /** Share of the service's lines, relative to its other templates. */
  weight: number;
  severity: Severity;
  /** What a bad deploy does to the weight (cache misses instead of hits); 1 where nothing changes. */
  after_deploy: number;
  render: (draw: Draw) => string;
}

export const line = (
  weight: number,
  severity: Severity,
  render: (draw: Draw) => string,
  after_deploy = 1,
): ShopTemplate => ({ weight, severity, render, after_deploy });

/** Lines that come by a plan rather than by traffic: cron jobs, retries, the rare but normal. */
export interface ShopRoutine {
  /** 'clock': once in every period at a seeded moment of it; 'random': at any second, once a period on average. */
  mode: 'clock' | 'random';
  /** Length of the period in seconds; 'day' is one (compressed) day of the shop. */
  every_s: number | 'day';
  /** All steps of one run draw the same values in the same order, so ids agree. */
  steps: { after_s: number; severity: Severity; render: (draw: Draw) => string }[];
}

export interface ShopService {
  service: string;
  /** Pods that write the lines (`source` of the documents). */
  pods: readonly string[];
  /** Mean number of lines a second by traffic, over a day. */
  lines_per_second: number;
  /** Where in the day this service peaks, as a share of the day, against the others. */
  phase: number;
  templates: readonly ShopTemplate[];
  routines: readonly ShopRoutine[];
  /** The error that a bad release brings: written in an incident only, never in normal times. */
  fresh_error: ShopTemplate;
}

export const podsOf = (service: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${service}-${index}`);

export const HOUR_S = 3600;
