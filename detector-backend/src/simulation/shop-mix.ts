import type { IncidentKind } from './shop-incidents.ts';
import type { ShopService, ShopTemplate } from './shop-catalog.ts';

/** How a service behaves at a moment: how much, how fast, and which lines. */
export interface ShopMix {
  rate_factor: number;
  latency_factor: number;
  templates: readonly ShopTemplate[];
  /** Running sums of the weights of `templates`: the last one is the total. */
  cumulative: Float64Array;
}

/** Share of error lines in an error surge. */
const SURGE_ERROR_SHARE = 0.25;
const SURGE_WARN_FACTOR = 5;
/** Share of the lines of a bad release that are its new error. */
const FRESH_ERROR_SHARE = 0.12;
const SPIKE_FACTOR = 4.5;
const LATENCY_FACTOR = 6;

const total = (weights: readonly number[]): number => weights.reduce((sum, weight) => sum + weight, 0);

function mixOf(
  templates: readonly ShopTemplate[],
  weights: number[],
  factors: Partial<ShopMix> = {},
): ShopMix {
  let sum = 0;
  const cumulative = Float64Array.from(weights, (weight) => (sum += weight));
  return { rate_factor: 1, latency_factor: 1, ...factors, templates, cumulative };
}

/** Failing requests take the place of good ones, so the error share rises and the volume stays. */
function surgeWeights(templates: readonly ShopTemplate[]): number[] {
  const weights = templates.map((item) =>
    item.severity === 'warn' ? item.weight * SURGE_WARN_FACTOR : item.weight,
  );
  const isError = (index: number): boolean => templates[index]?.severity === 'error';
  const errors = total(weights.filter((_, index) => isError(index)));
  const others = total(weights) - errors;
  const factor = (others * SURGE_ERROR_SHARE) / (1 - SURGE_ERROR_SHARE) / errors;
  return weights.map((weight, index) => (isError(index) ? weight * factor : weight));
}

/** What a service does in normal times and in each kind of incident. */
export function mixesOf(service: ShopService): Record<IncidentKind | 'normal', ShopMix> {
  const { templates, fresh_error } = service;
  const weights = templates.map((item) => item.weight);
  const fresh_weight = (total(weights) * FRESH_ERROR_SHARE) / (1 - FRESH_ERROR_SHARE);
  return {
    normal: mixOf(templates, weights),
    error_surge: mixOf(templates, surgeWeights(templates)),
    new_template: mixOf([...templates, fresh_error], [...weights, fresh_weight]),
    latency_shift: mixOf(templates, weights, { latency_factor: LATENCY_FACTOR }),
    traffic_spike: mixOf(templates, weights, { rate_factor: SPIKE_FACTOR }),
    silence: mixOf(templates, weights, { rate_factor: 0 }),
    mix_change: mixOf(
      templates,
      templates.map((item) => item.weight * item.after_deploy),
    ),
  };
}
