import { IGNORED_TEMPLATE_ID } from '../templates/template-edits.ts';
import type { Baseline } from './baseline.ts';
import type { TemplateCount } from './tile.ts';
import type { WindowInput } from './window-schema.ts';

/** Minutes with lines of either after which it is known how a split template's lines divide. */
const SHARED_MINUTES = 60;
/** A template with a smaller share of the lines does not shape the mix. */
export const MINOR_SHARE = 0.01;
/** Of what was never seen in these minutes: it may be rare, but it is no news. */
const LEAST = 0.5;

/** A template that a person split off, as long as it is judged as the one that it came from; weighted minutes and lines. */
export interface SplitHistory {
  split_of: number;
  /** Minutes with lines of either, with its own, and with others. */
  minutes: number;
  own_minutes: number;
  other_minutes: number;
  /** Lines of either, and its own. */
  lines: number;
  own_lines: number;
  /** Its lines are the other's again; tiles that were counted before still name it. */
  is_undone: boolean;
}

const NOTHING_LEARNED = {
  minutes: 0,
  own_minutes: 0,
  other_minutes: 0,
  lines: 0,
  own_lines: 0,
  is_undone: false,
};
const HALF = {
  ...NOTHING_LEARNED,
  minutes: 1,
  own_minutes: 0.5,
  other_minutes: 0.5,
  lines: 1,
  own_lines: 0.5,
};

/**
 * Lets what a person split off be judged as the template that it came from, until an hour shows how their lines divide
 * (mutates): then the history is divided alike, so nothing is new and nobody waits for what moved. Call it before
 * redirectTemplates: what is merged or ignored meanwhile takes its part along. Doing it again changes nothing.
 * @param splits template → the one that it was split off, also where that was undone
 */
export function followSplits(
  baseline: Baseline,
  splits: ReadonlyMap<number, number>,
  redirects: ReadonlyMap<number, number>,
): void {
  const known = baseline.splits ?? {};
  const young: Record<string, SplitHistory> = {};
  for (const [id, from] of splits) {
    const history = known[id] ?? { ...NOTHING_LEARNED, split_of: from };
    if (lines(baseline, history.split_of) === 0) continue;
    const into = redirects.get(history.split_of) ?? history.split_of;
    const counted_as = into === IGNORED_TEMPLATE_ID ? into : (redirects.get(id) ?? id);
    const isKnown = baseline.templates[id] !== undefined;
    if (counted_as === id) {
      // Split again after an undo, it is in the baseline, but all lines are the other's.
      if (known[id] !== undefined || lines(baseline, id) === 0)
        young[id] = { ...history, split_of: into, is_undone: false };
    } else if (counted_as === into && into !== IGNORED_TEMPLATE_ID) {
      if (!isKnown) young[id] = { ...history, split_of: into, is_undone: true };
    } else if (!isKnown)
      divide(baseline, id, history.minutes > 0 ? history : { ...HALF, split_of: history.split_of });
  }
  if (Object.keys(young).length > 0) baseline.splits = young;
  else delete baseline.splits;
}

const lines = (baseline: Baseline, id: number): number => baseline.templates[id]?.[1] ?? 0;

/** The window with the lines of what was split off lately as lines of the template that it came from. */
export function asBeforeSplits(input: WindowInput, { splits = {} }: Baseline): WindowInput {
  const { counts } = input;
  if (![...counts.templates.keys()].some((id) => splits[id] !== undefined)) return input;
  const templates = new Map<number, TemplateCount>();
  for (const [id, seen] of counts.templates) {
    const as = splits[id]?.split_of ?? id;
    const into = templates.get(as);
    templates.set(as, into === undefined ? seen : added(into, seen));
  }
  return { ...input, counts: { ...counts, templates } };
}

const added = (a: TemplateCount, b: TemplateCount): TemplateCount => ({
  count: a.count + b.count,
  first_at: Math.min(a.first_at, b.first_at),
  severity_rank: Math.max(a.severity_rank, b.severity_rank),
  value_count: a.value_count + b.value_count,
  value_logsum: a.value_logsum + b.value_logsum,
});

/** Learns from one full minute how lines divide (mutates). Call it after the templates of `input` were learned. */
export function learnSplits(baseline: Baseline, input: WindowInput, weight: number): void {
  const whole = asBeforeSplits(input, baseline).counts.templates;
  for (const [key, history] of Object.entries(baseline.splits ?? {})) {
    const id = Number(key);
    const of_either = whole.get(history.split_of)?.count ?? 0;
    const own = input.counts.templates.get(id)?.count ?? 0;
    if (history.is_undone) {
      if (own === 0) forget(baseline, id, history);
      continue;
    }
    if (of_either === 0) continue;
    history.minutes += weight;
    history.lines += weight * of_either;
    history.own_lines += weight * own;
    if (own > 0) history.own_minutes += weight;
    if (own < of_either) history.other_minutes += weight;
    if (history.minutes < SHARED_MINUTES) continue;
    divide(baseline, id, history);
    delete baseline.splits?.[id];
  }
}

// Known from now on, with no line of its own: where a late line names it, it is no news.
function forget(baseline: Baseline, id: number, { split_of }: SplitHistory): void {
  const [minutes = 0, , severity_rank = 0] = baseline.templates[split_of] ?? [];
  baseline.templates[id] = [minutes, 0, severity_rank];
  delete baseline.splits?.[id];
}

function divide(baseline: Baseline, id: number, history: SplitHistory): void {
  const usage = baseline.templates[history.split_of];
  if (usage === undefined) return;
  const part = (minutes: number, own: number): number[] => [
    round((usage[0]! * Math.max(LEAST, minutes)) / Math.max(LEAST, history.minutes)),
    round((usage[1]! * Math.max(LEAST, own)) / Math.max(LEAST, history.lines)),
    usage[2]!,
  ];
  const own = part(history.own_minutes, history.own_lines);
  const others = part(history.other_minutes, history.lines - history.own_lines);
  // Durations were of both: they stay with one that has all lines, else both learn theirs anew.
  if (history.own_lines === history.lines) own.push(...usage.slice(3));
  if (history.own_lines === 0) others.push(...usage.slice(3));
  baseline.templates[id] = own;
  baseline.templates[history.split_of] = others;
  // The two vary against each other from minute to minute: what was usual of the mix with both as one says nothing.
  if (Math.min(own[1]!, others[1]!) > MINOR_SHARE * baseline.count) {
    for (const name of ['mix_divergence', 'entropy'] as const)
      baseline.statistics[name] = { seen: 0, mean: 0, spread: 0 };
  }
}

/** Three decimals, as elsewhere in a baseline. */
const round = (value: number): number => Math.round(value * 1000) / 1000;
