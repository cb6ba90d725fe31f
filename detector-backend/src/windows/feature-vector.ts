import {
  documentFrequency,
  errorLines,
  expectedRoot,
  warnLines,
  type Baseline,
  type LineRate,
  type Usual,
} from './baseline.ts';
import { ERROR_RANK, WARN_RANK } from '../logstore/log-store.ts';
import {
  FEATURE_NAMES,
  HASHED_COUNT,
  type FeatureName,
  type FeatureVector,
  type TemplateEvidence,
  type WindowInput,
} from './window-schema.ts';
import { asBeforeSplits } from './split-history.ts';
import { absenceSurprise, windowStatistics } from './window-statistics.ts';
import type { TemplateCount } from './tile.ts';

/** A template is rare below this document frequency: -ln df > 2. */
const RARE_SURPRISE = 2;
const MAX_FEATURE = 60;
const MAX_EVIDENCE = 20;
/** Half a line more or less per √line is what Poisson noise does; a smaller spread is luck. */
const POISSON_SPREAD = 0.5;

/**
 * Surprise in nats of being `z` robust standard deviations out: quadratic (normal) near zero, linear (exponential
 * tail) beyond 2.5, Huber 1964. Never quite as sure as a normal distribution.
 */
const KNEE = 2.5;
const surprise = (z: number): number => (z <= 0 ? 0 : z < KNEE ? (z * z) / 2 : KNEE * z - (KNEE * KNEE) / 2);

/** Long sums grow logarithmically: forty new templates of one restart are not forty times one. */
const damped = (value: number): number => 8 * Math.log1p(value / 8);

/** Robust standard deviation from a mean absolute deviation, wider while few minutes were seen. */
const deviation = (spread: number, least: number, minutes: number): number =>
  Math.max(least, 1.25 * spread) * (1 + 10 / (minutes + 1));

interface Draft {
  values: Record<FeatureName, number>;
  evidence: TemplateEvidence[];
}

/**
 * Turns a window into the twelve features, all in nats of surprise against the baseline, and hashed template counts.
 * Pure and finite for every input; a blind window has zero in every feature that judges volume.
 */
export function featureVector(window: WindowInput, baseline: Baseline): FeatureVector {
  const input = asBeforeSplits(window, baseline);
  const draft: Draft = {
    values: Object.fromEntries(FEATURE_NAMES.map((name) => [name, 0])) as Record<FeatureName, number>,
    evidence: [],
  };
  if (baseline.minutes_seen > 0) {
    judgeTemplates(draft, input, baseline);
    judgeLines(draft, input, baseline, 'error_surprisal');
    judgeLines(draft, input, baseline, 'warn_surprisal');
    judgeLatency(draft, input, baseline);
    if (!input.is_blind) judgeShape(draft, input, baseline);
  }
  const expected = expectedRoot(baseline, input.window_end);
  return {
    service_id: input.service_id,
    window_start: input.window_start,
    window_end: input.window_end,
    is_blind: input.is_blind,
    lines: input.counts.lines,
    errors: errorLines(input),
    features: FEATURE_NAMES.map((name) => Math.round(Math.min(draft.values[name], MAX_FEATURE) * 1e4) / 1e4),
    // Half-read counts would look isolated to the forest.
    hashed_counts: input.is_blind ? [...baseline.usual_hashed_counts] : hashedCounts(input),
    expected_lines: Math.round(expected * expected * 10) / 10,
    evidence: draft.evidence
      .sort((a, b) => b.weight - a.weight || a.template_id - b.template_id)
      .slice(0, MAX_EVIDENCE),
  };
}

const expectedCount = (baseline: Baseline, template_id: number): number =>
  Math.round(((baseline.templates[template_id]?.[1] ?? 0) / Math.max(1, baseline.weight)) * 100) / 100;

function addEvidence(
  draft: Draft,
  baseline: Baseline,
  feature: FeatureName,
  template_id: number,
  seen: TemplateCount | null,
  weight: number,
): void {
  draft.evidence.push({
    template_id,
    feature,
    weight,
    count: seen?.count ?? 0,
    expected: expectedCount(baseline, template_id),
    first_at: seen?.first_at ?? null,
  });
}

function judgeTemplates(draft: Draft, input: WindowInput, baseline: Baseline): void {
  let sum = 0;
  let news = 0;
  for (const [template_id, seen] of input.counts.templates) {
    const usage = baseline.templates[template_id];
    const rarity = -Math.log(documentFrequency(baseline, template_id)) - RARE_SURPRISE;
    if (rarity <= 0) continue;
    // Known from several minutes: rare, but no news.
    const novelty = rarity / (1 + (usage?.[0] ?? 0) / (3 * baseline.unit));
    sum += novelty;
    draft.values.rarity_max = Math.max(draft.values.rarity_max, novelty);
    if (usage === undefined) news += 1;
    addEvidence(
      draft,
      baseline,
      usage === undefined ? 'new_templates' : 'rarity_max',
      template_id,
      seen,
      novelty,
    );
  }
  draft.values.rarity_sum = damped(sum);
  if (news > 0) {
    const rate = Math.max(baseline.new_rate, 0.5 / (baseline.minutes_seen + 1));
    draft.values.new_templates = -Math.log(Math.min(1, rate)) + Math.log(news);
  }
}

/**
 * Errors or warnings. -ln P(n or more) = -ln P(any) - ln P(n or more | any), for all of them together and for the most
 * surprising template alone, whichever is larger: an unknown error must not hide among the usual ones.
 */
function judgeLines(
  draft: Draft,
  input: WindowInput,
  baseline: Baseline,
  feature: 'error_surprisal' | 'warn_surprisal',
): void {
  const isError = feature === 'error_surprisal';
  const rate: LineRate = isError ? baseline.error : baseline.warn;
  const lines = isError ? errorLines(input) : warnLines(input);
  if (lines === 0) return;
  const seldom = -Math.log(
    Math.min(1, (rate.minutes + 0.5 * baseline.unit) / (baseline.weight + baseline.unit)),
  );
  const many = surprise((Math.sqrt(lines) - rate.mean) / deviation(rate.spread, POISSON_SPREAD, rate.seen));
  let strongest = isError ? Math.max(seldom, many) + Math.min(seldom, many) / 4 : seldom + many;
  const own: [number, TemplateCount, number][] = [];
  for (const [template_id, seen] of input.counts.templates) {
    if (isError ? seen.severity_rank < ERROR_RANK : seen.severity_rank !== WARN_RANK) continue;
    const value = templateSurprise(baseline, template_id, seen.count);
    own.push([template_id, seen, value]);
    strongest = Math.max(strongest, value);
  }
  draft.values[feature] = strongest;
  for (const [template_id, seen, value] of own) {
    const excess = Math.max(0, seen.count - expectedCount(baseline, template_id)) / lines;
    const weight = Math.max(strongest * excess, value);
    if (weight > RARE_SURPRISE) addEvidence(draft, baseline, feature, template_id, seen, weight);
  }
}

/** -ln of how often a template occurs, plus how many more lines than usual where it does (a power law of index 1.5). */
function templateSurprise(baseline: Baseline, template_id: number, count: number): number {
  const usage = baseline.templates[template_id];
  const usual = usage === undefined ? 1 : Math.max(1, usage[1]! / Math.max(usage[0]!, 1e-3));
  return (
    -Math.log(Math.min(1, documentFrequency(baseline, template_id))) +
    1.5 * Math.log(Math.max(1, count / usual))
  );
}

function judgeShape(draft: Draft, input: WindowInput, baseline: Baseline): void {
  const { values } = draft;
  const expected = expectedRoot(baseline, input.window_end);
  const z =
    (Math.sqrt(input.counts.lines) - expected) /
    deviation(baseline.spread, POISSON_SPREAD, baseline.minutes_seen);
  values.volume_high = surprise(z);
  values.volume_low = surprise(-z);
  const statistics = windowStatistics(input, baseline, expected * expected);
  const distance = (value: number | null, usual: Usual, least: number): number =>
    value === null || usual.seen < 5 ? 0 : (value - usual.mean) / deviation(usual.spread, least, usual.seen);
  values.mix_divergence = surprise(
    distance(statistics.mix_divergence, baseline.statistics.mix_divergence, 0.2),
  );
  values.entropy_change = surprise(Math.abs(distance(statistics.entropy, baseline.statistics.entropy, 0.15)));
  const absence = baseline.statistics.absence;
  // Already nats: what absences usually add up to is taken off.
  values.expected_absent = damped(
    Math.max(0, (statistics.absence ?? 0) - absence.mean - 1.25 * absence.spread),
  );
  values.burstiness = surprise(distance(statistics.burstiness, baseline.statistics.burstiness, 0.15));
  if (values.mix_divergence > 1) addMixEvidence(draft, input, baseline);
  if (values.expected_absent > 1) addAbsentEvidence(draft, input, baseline);
}

function addMixEvidence(draft: Draft, input: WindowInput, baseline: Baseline): void {
  for (const [template_id, seen] of input.counts.templates) {
    const share = seen.count / input.counts.lines;
    const usual = (baseline.templates[template_id]?.[1] ?? 0) / Math.max(1, baseline.count);
    if (share > 2 * usual && share > 0.02)
      addEvidence(
        draft,
        baseline,
        'mix_divergence',
        template_id,
        seen,
        draft.values.mix_divergence * (share - usual),
      );
  }
}

function addAbsentEvidence(draft: Draft, input: WindowInput, baseline: Baseline): void {
  const expected = expectedRoot(baseline, input.window_end) ** 2;
  for (const [key, usage] of Object.entries(baseline.templates)) {
    const template_id = Number(key);
    const absent = absenceSurprise(baseline, usage, expected);
    if (absent > 0 && !input.counts.templates.has(template_id))
      addEvidence(
        draft,
        baseline,
        'expected_absent',
        template_id,
        null,
        Math.min(absent, draft.values.expected_absent),
      );
  }
}

/** The template whose durations moved most, slower counting double. */
function judgeLatency(draft: Draft, input: WindowInput, baseline: Baseline): void {
  for (const [template_id, seen] of input.counts.templates) {
    const usage = baseline.templates[template_id];
    const [, , , weight = 0, mean = 0, spread = 0] = usage ?? [];
    if (seen.value_count < 3 || weight < 20) continue;
    // A mean of fewer values than usual is less sure.
    const thin = Math.sqrt(Math.max(1, usage![1]! / usage![0]! / seen.value_count));
    const z = (seen.value_logsum / seen.value_count - mean) / (deviation(spread, 0.05, weight) * thin);
    const value = z > 0 ? surprise(z) : surprise(-z) / 2;
    if (value > draft.values.latency_shift) draft.values.latency_shift = value;
    if (value > 1) addEvidence(draft, baseline, 'latency_shift', template_id, seen, value);
  }
}

/** Knuth's multiplicative hash: neighbouring ids fall into different buckets. */
const bucket = (template_id: number): number =>
  Math.imul((template_id ^ (template_id / 4294967296)) >>> 0, 2654435761) >>> 26;

function hashedCounts(input: WindowInput): number[] {
  const counts = new Array<number>(HASHED_COUNT).fill(0);
  for (const [template_id, seen] of input.counts.templates) counts[bucket(template_id)]! += seen.count;
  return counts.map((count) => Math.fround(Math.log1p(count)));
}
