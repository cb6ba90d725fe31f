import { FEATURE_COUNT, HASHED_COUNT, type FeatureVector, type WindowInput } from './window-schema.ts';
import { asBeforeSplits, learnSplits, MINOR_SHARE, type SplitHistory } from './split-history.ts';
import { windowStatistics, STATISTICS, type Statistic } from './window-statistics.ts';
import { ERROR_RANK, WARN_RANK } from '../logstore/log-store.ts';
import { IGNORED_TEMPLATE_ID } from '../templates/template-edits.ts';

const HALF_LIFE_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;
export const SEASON_BINS = 48;
/** Templates of one service that a baseline remembers; the least used go first. 800 keep its JSON near 40 kB. */
const MAX_TEMPLATES = 800;
const KEPT_TEMPLATES = 700;
// Holt smoothing of the square-root volume: about 12 minutes of memory, a damped slope for a daily rhythm.
const LEVEL_GAIN = 0.08;
const SLOPE_GAIN = 0.01;
export const SLOPE_DAMPING = 0.9;
/** Memory, in minutes, of spreads and of the means of window statistics. */
const SPREAD_MEMORY = 120;
const NEW_RATE_MEMORY = 300;
/** A gap without judged windows after which the trend of the volume says nothing any more. */
const GAP_MS = 30 * 60_000;

/**
 * One template: [df, count, severity_rank, value_weight, value_mean, value_spread]; the last three only when its
 * lines carry durations. df = decayed minutes in which it occurred, count = decayed lines, values are ln(ms).
 */
export type TemplateUsage = number[];

/** Location and mean absolute deviation of something that varies from minute to minute, from `seen` (weighted) minutes. */
export interface Usual {
  seen: number;
  mean: number;
  spread: number;
}

/** Lines of one kind (errors, warnings): decayed minutes that have any, and what √lines usually is in those. */
export interface LineRate extends Usual {
  minutes: number;
}

/** What is normal for one service. Plain data: a JSON round trip changes nothing. */
export interface Baseline {
  version: 1;
  /** Minutes learned, whatever their weight. */
  minutes_seen: number;
  learned_until: number;
  /** Decayed sums are kept in units of a minute at this time (forward decay), so learning touches what it saw only. */
  landmark_at: number;
  /** Decayed weight of all minutes learned, and what the last one weighed: 1 at the landmark, 2 a half-life later. */
  weight: number;
  unit: number;
  /** √lines of a minute: Holt level and slope, mean absolute residual. */
  level: number;
  slope: number;
  spread: number;
  /** Time-of-day profile of √lines by 30 minutes: decayed weight and weighted mean. */
  season_weight: number[];
  season_mean: number[];
  error: LineRate;
  warn: LineRate;
  /** Share of recent minutes that brought a template never seen before. */
  new_rate: number;
  statistics: Record<Statistic, Usual>;
  /** Decayed lines of all templates, also of those that were evicted. */
  count: number;
  templates: Record<string, TemplateUsage>;
  /** By template that was split off lately; absent when there is none. */
  splits?: Record<string, SplitHistory>;
  /** Usual values of what the detector sees: the reference of explanations. */
  usual_features: number[];
  usual_hashed_counts: number[];
}

export function createBaseline(): Baseline {
  const usual = (): Usual => ({ seen: 0, mean: 0, spread: 0 });
  return {
    version: 1,
    minutes_seen: 0,
    learned_until: 0,
    landmark_at: 0,
    weight: 0,
    unit: 1,
    level: 0,
    slope: 0,
    spread: 0,
    season_weight: new Array<number>(SEASON_BINS).fill(0),
    season_mean: new Array<number>(SEASON_BINS).fill(0),
    error: { ...usual(), minutes: 0 },
    warn: { ...usual(), minutes: 0 },
    new_rate: 0,
    statistics: Object.fromEntries(STATISTICS.map((name) => [name, usual()])) as Record<Statistic, Usual>,
    count: 0,
    templates: {},
    usual_features: new Array<number>(FEATURE_COUNT).fill(0),
    usual_hashed_counts: new Array<number>(HASHED_COUNT).fill(0),
  };
}

/** Three decimals: enough for counts, and a third of the bytes of a full double. */
const short = (value: number): number => Math.round(value * 1000) / 1000;
const shorter = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Growth of the weight of a minute at `at` since the landmark: 2 after one half-life. */
const growth = (baseline: Baseline, at: number): number => 2 ** ((at - baseline.landmark_at) / HALF_LIFE_MS);

/** Moves the landmark once weights have doubled. */
function moveLandmark(baseline: Baseline, at: number): void {
  if (baseline.landmark_at === 0) baseline.landmark_at = at;
  const factor = 1 / growth(baseline, at);
  if (factor > 0.5) return;
  baseline.landmark_at = at;
  baseline.weight *= factor;
  baseline.count *= factor;
  baseline.error.minutes *= factor;
  baseline.warn.minutes *= factor;
  baseline.season_weight = baseline.season_weight.map((weight) => weight * factor);
  for (const usage of Object.values(baseline.templates)) {
    usage[0] = short(usage[0]! * factor);
    usage[1] = short(usage[1]! * factor);
  }
}

const seasonBin = (at: number): number =>
  Math.floor((((at % DAY_MS) + DAY_MS) % DAY_MS) / (DAY_MS / SEASON_BINS));

/**
 * Deviation of the time of day from the usual level, in √lines, for a window that ends at `at`. A bin counts once it
 * was seen on about three days, so one short (or compressed) day can not do harm.
 */
export function seasonOffset(baseline: Baseline, at: number): number {
  const bin = seasonBin(at - 1);
  const minutesOfThreeDays = 3 * (1440 / SEASON_BINS);
  const trust = Math.min(1, baseline.season_weight[bin]! / minutesOfThreeDays) ** 4;
  if (trust < 0.05) return 0;
  let weight = 0;
  let sum = 0;
  baseline.season_weight.forEach((binWeight, index) => {
    weight += binWeight;
    sum += binWeight * baseline.season_mean[index]!;
  });
  return weight === 0 ? 0 : trust * (baseline.season_mean[bin]! - sum / weight);
}

/** √lines expected in the minute that ends at `at`. */
export const expectedRoot = (baseline: Baseline, at: number): number =>
  Math.max(0, baseline.level + SLOPE_DAMPING * baseline.slope + seasonOffset(baseline, at));

/**
 * The baseline as it was about volume when it expected `expected_lines` of the minute that ends at `at`: the level follows a
 * service within minutes, so today's says nothing of an earlier window. All else changes slowly and is today's. A copy.
 */
export function withExpectation(baseline: Baseline, at: number, expected_lines: number): Baseline {
  return { ...baseline, level: Math.sqrt(expected_lines) - seasonOffset(baseline, at), slope: 0 };
}

function learnUsual(usual: Usual, value: number, weight: number): void {
  const gain = weight * Math.max(1 / SPREAD_MEMORY, 1 / (usual.seen + 1));
  if (usual.seen > 0)
    usual.spread = shorter(usual.spread + gain * (Math.abs(value - usual.mean) - usual.spread));
  usual.mean = shorter(usual.mean + gain * (value - usual.mean));
  usual.seen = short(Math.min(usual.seen + weight, 10_000));
}

function learnVolume(baseline: Baseline, input: WindowInput, weight: number, grown: number): void {
  const root = Math.sqrt(input.counts.lines);
  const season = seasonOffset(baseline, input.window_end);
  const value = root - season;
  const warming = 1 / (baseline.minutes_seen + 1);
  const forecast = baseline.level + SLOPE_DAMPING * baseline.slope;
  const residual = value - forecast;
  // A single wild minute moves the level by what three usual ones would.
  const bounded =
    baseline.minutes_seen < 10
      ? residual
      : Math.sign(residual) * Math.min(Math.abs(residual), 4 * Math.max(0.5, baseline.spread));
  baseline.level = shorter(forecast + weight * Math.max(LEVEL_GAIN, warming) * bounded);
  baseline.slope = shorter(SLOPE_DAMPING * baseline.slope + weight * SLOPE_GAIN * bounded);
  if (baseline.minutes_seen > 0) {
    const gain = weight * Math.max(1 / SPREAD_MEMORY, warming);
    baseline.spread = shorter(baseline.spread + gain * (Math.abs(residual) - baseline.spread));
  }
  const bin = seasonBin(input.window_end - 1);
  const binWeight = baseline.season_weight[bin]! + weight * grown;
  baseline.season_mean[bin] = shorter(
    baseline.season_mean[bin]! + ((weight * grown) / binWeight) * (root - baseline.season_mean[bin]!),
  );
  baseline.season_weight[bin] = shorter(binWeight);
}

function learnTemplates(baseline: Baseline, input: WindowInput, weight: number, grown: number): void {
  for (const [template_id, seen] of input.counts.templates) {
    const usage = (baseline.templates[template_id] ??= [0, 0, seen.severity_rank]);
    usage[0] = short(usage[0]! + weight * grown);
    usage[1] = short(usage[1]! + weight * grown * seen.count);
    usage[2] = Math.max(usage[2]!, seen.severity_rank);
    baseline.count += weight * grown * seen.count;
    if (seen.value_count > 0) learnDurations(usage, seen.value_logsum / seen.value_count, weight);
  }
  if (Object.keys(baseline.templates).length > MAX_TEMPLATES) evictTemplates(baseline);
}

function learnDurations(usage: TemplateUsage, value: number, weight: number): void {
  const seen = usage[3] ?? 0;
  const gain = weight * Math.max(1 / SPREAD_MEMORY, 1 / (seen + 1));
  const mean = usage[4] ?? value;
  const residual = value - mean;
  usage[5] = short((usage[5] ?? 0) + gain * (Math.abs(residual) - (usage[5] ?? 0)));
  usage[4] = Math.round((mean + gain * residual) * 1e4) / 1e4;
  usage[3] = short(Math.min(seen + weight, 10_000));
}

function evictTemplates(baseline: Baseline): void {
  const kept = Object.entries(baseline.templates)
    .sort(([, a], [, b]) => b[0]! - a[0]!)
    .slice(0, KEPT_TEMPLATES);
  baseline.templates = Object.fromEntries(kept);
}

/**
 * Errors are compared with the usual minute, so a burst of them stays a surprise however often it came before. Warnings
 * are compared with minutes that have any (`inBursts`): services write a burst of them at every start.
 */
function learnRate(rate: LineRate, lines: number, weight: number, grown: number, inBursts: boolean): void {
  if (lines > 0) rate.minutes = shorter(rate.minutes + weight * grown);
  if (lines > 0 || !inBursts) learnUsual(rate, Math.sqrt(lines), weight);
}

const linesBetween = (input: WindowInput, from: number, below: number): number => {
  let lines = 0;
  for (const seen of input.counts.templates.values())
    if (seen.severity_rank >= from && seen.severity_rank < below) lines += seen.count;
  return lines;
};
export const errorLines = (input: WindowInput): number => linesBetween(input, ERROR_RANK, Infinity);
export const warnLines = (input: WindowInput): number => linesBetween(input, WARN_RANK, ERROR_RANK);

/**
 * Learns one full minute (mutates). Blind minutes teach nothing.
 * @param vector the features of the same minute, judged before this call
 * @param weight 0–1; small while something is wrong, so incidents do not become normal
 */
export function learnMinute(
  baseline: Baseline,
  minute: WindowInput,
  vector: FeatureVector,
  weight: number,
): void {
  if (minute.is_blind || weight <= 0) return;
  const input = asBeforeSplits(minute, baseline);
  if (input.window_end - baseline.learned_until > GAP_MS) baseline.slope = 0;
  moveLandmark(baseline, input.window_end);
  const grown = growth(baseline, input.window_end);
  const gain = Math.max(1 / SPREAD_MEMORY, 1 / (baseline.minutes_seen + 1));
  const statistics = windowStatistics(input, baseline, expectedRoot(baseline, input.window_end) ** 2);
  for (const name of STATISTICS) {
    const value = statistics[name];
    if (value !== null) learnUsual(baseline.statistics[name], value, weight);
  }
  const isNew = [...input.counts.templates.keys()].some(
    (template_id) => baseline.templates[template_id] === undefined,
  );
  const newGain = weight * Math.max(1 / NEW_RATE_MEMORY, 1 / (baseline.minutes_seen + 1));
  baseline.new_rate = shorter(baseline.new_rate + newGain * ((isNew ? 1 : 0) - baseline.new_rate));
  learnRate(baseline.error, errorLines(input), weight, grown, false);
  learnRate(baseline.warn, warnLines(input), weight, grown, true);
  learnVolume(baseline, input, weight, grown);
  learnTemplates(baseline, input, weight, grown);
  learnSplits(baseline, minute, weight);
  learnProfile(baseline, vector, weight * gain);
  baseline.weight = shorter(baseline.weight + weight * grown);
  baseline.count = short(baseline.count);
  baseline.unit = grown;
  baseline.minutes_seen += 1;
  baseline.learned_until = input.window_end;
}

function learnProfile(baseline: Baseline, vector: FeatureVector, gain: number): void {
  const learn = (usual: number[], values: number[], most: number) =>
    values.forEach((value, index) => {
      usual[index] = short(usual[index]! + gain * (Math.min(value, most) - usual[index]!));
    });
  // Extremes say nothing about the usual window.
  learn(baseline.usual_features, vector.features, 3);
  learn(baseline.usual_hashed_counts, vector.hashed_counts, Infinity);
}

/**
 * Lets what is known of templates follow the decisions of people (mutates): the lines of a merged template become those of
 * its target, those of an ignored one nobody's. That the template was seen stays known, so it is no news when the decision
 * is undone, and nobody waits for its lines. Doing it again changes nothing.
 * @param redirects template → the one that it counts as, or IGNORED_TEMPLATE_ID
 */
export function redirectTemplates(baseline: Baseline, redirects: ReadonlyMap<number, number>): void {
  for (const [from, to] of redirects) {
    const usage = baseline.templates[from];
    if (usage === undefined || usage[1] === 0) continue;
    // The mix as a whole is another one now: what was usual of it says nothing.
    if (usage[1]! > MINOR_SHARE * baseline.count) {
      for (const name of ['mix_divergence', 'entropy', 'absence'] as const)
        baseline.statistics[name] = { seen: 0, mean: 0, spread: 0 };
    }
    if (to === IGNORED_TEMPLATE_ID) baseline.count = short(Math.max(0, baseline.count - usage[1]!));
    else joinUsage((baseline.templates[to] ??= [0, 0, usage[2]!]), usage);
    usage[1] = 0;
  }
}

function joinUsage(target: TemplateUsage, usage: TemplateUsage): void {
  target[0] = Math.max(target[0]!, usage[0]!);
  target[1] = short(target[1]! + usage[1]!);
  target[2] = Math.max(target[2]!, usage[2]!);
  // Durations of two kinds do not add up to one spread: those that more lines carried stay.
  if ((usage[3] ?? 0) > (target[3] ?? 0)) target.splice(3, 3, ...usage.slice(3));
}

/** Probability that a minute contains the template, from its document frequency; 0.5 minutes of prior evidence. */
export function documentFrequency(baseline: Baseline, template_id: number | string): number {
  const usage = baseline.templates[template_id];
  return ((usage?.[0] ?? 0) + 0.5 * baseline.unit) / (baseline.weight + baseline.unit);
}
