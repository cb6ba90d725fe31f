import { severityRank, SEVERITIES, type Severity } from '../logstore/log-store.ts';
import type { Template } from './template-leaf.ts';
import { rawTokens, valueAt, valuePlace, type ValuePlace } from './line-values.ts';
import { assign, createMinedTree, type MinedTree } from './mined-tree.ts';
import type { FoundValue } from './parameter-value.ts';
import { readablePattern, WILDCARD } from './pattern.ts';
import { createTokenizer, scan, type Tokenizer } from './tokenizer.ts';
import {
  addRange,
  addValue,
  createValueRange,
  summarise,
  type ParameterSummary,
  type ValueRange,
} from './value-range.ts';

/** Places of one template whose values are kept, and values of all templates together: what bounds memory. */
const MAX_PLACES = 32;
const MAX_VALUES = 500_000;
const MAX_EXAMPLE = 1000;

/** A template of some log files. */
export interface TemplateSummary {
  template: string;
  count: number;
  /** Of all lines, 0 to 1. */
  share: number;
  /** Most frequent severity, and lines of each that there were. */
  severity: Severity;
  severities: Partial<Record<Severity, number>>;
  example: string;
  parameters: ParameterSummary[];
}

/** Templates of lines that belong together, in memory only: nothing is written anywhere. */
export interface FileTemplates {
  add(message: string, severity: Severity): void;
  /** Most frequent first. */
  list(): TemplateSummary[];
  readonly lines: number;
  /** Lines of templates that were seen last longest ago, of more than can be kept: they are listed as one, `<*>`. */
  readonly overflow_lines: number;
}

interface Place {
  place: ValuePlace;
  range: ValueRange;
}

interface Seen {
  tokens: readonly string[];
  /** By token index. */
  places: Map<number, Place>;
  count: number;
  severities: number[];
  example: string;
}

interface State {
  readonly tree: MinedTree;
  readonly tokenizer: Tokenizer;
  readonly seen: Map<Template, Seen>;
  /** All that the tree has forgotten. */
  readonly overflow: Seen;
  lines: number;
  forgotten: number;
  room: number;
}

const createSeen = (message: string): Seen => ({
  tokens: [],
  places: new Map(),
  count: 0,
  severities: SEVERITIES.map(() => 0),
  example: Buffer.from(message.slice(0, MAX_EXAMPLE), 'utf8').toString('utf8'),
});

export function createFileTemplates(): FileTemplates {
  const state: State = {
    tree: createMinedTree({ log_source_id: 'file', service_id: 'file' }, []),
    tokenizer: createTokenizer(),
    seen: new Map(),
    overflow: createSeen(''),
    lines: 0,
    forgotten: 0,
    room: MAX_VALUES,
  };
  return {
    add: (message, severity) => add(state, message, severity),
    list: () => list(state),
    get lines() {
      return state.lines;
    },
    get overflow_lines() {
      return state.overflow.count;
    },
  };
}

function add(state: State, message: string, severity: Severity): void {
  const { tree, tokenizer } = state;
  const rank = severityRank(severity);
  scan(tokenizer, message);
  const { template } = assign(tree, tokenizer, { timestamp: state.lines, message }, rank);
  if (tree.moved.forgotten > state.forgotten) forget(state);
  let seen = state.seen.get(template);
  if (seen === undefined) state.seen.set(template, (seen = createSeen(message)));
  state.lines++;
  seen.count++;
  seen.severities[rank] = (seen.severities[rank] as number) + 1;
  if (seen.tokens !== template.tokens) findPlaces(state, seen, template.tokens);
  if (seen.places.size === 0) return;
  const tokens = rawTokens(tokenizer);
  if (tokens.length !== template.tokens.length) return;
  for (const [i, { place, range }] of seen.places)
    state.room = addValue(range, foundAt(place, tokens, i), state.room);
}

// The unit may be in the next token, or in the key before.
function foundAt(place: ValuePlace, tokens: readonly string[], i: number): FoundValue {
  const text = valueAt(place, tokens[i] as string);
  return { text, before: place.before || (tokens[i - 1] ?? ''), after: place.after || (tokens[i + 1] ?? '') };
}

// Their lines still count, as lines of `<*>`; nothing else of them is kept, and others may have as many values.
function forget(state: State): void {
  state.forgotten = state.tree.moved.forgotten;
  for (const [template, { count, severities, example, places }] of state.seen) {
    if (state.tree.tallies.has(template)) continue;
    state.seen.delete(template);
    for (const { range } of places.values()) state.room += range.values.size;
    state.overflow.count += count;
    state.overflow.example ||= example;
    severities.forEach((lines, rank) => (state.overflow.severities[rank]! += lines));
  }
}

// A word that becomes a variable was a value of it all the time.
function findPlaces(state: State, seen: Seen, tokens: readonly string[]): void {
  tokens.forEach((token, i) => {
    const place = valuePlace(token);
    if (place === null || (seen.places.size >= MAX_PLACES && !seen.places.has(i))) return;
    const range = seen.places.get(i)?.range ?? createValueRange();
    const before = seen.tokens[i];
    if (before !== undefined && valuePlace(before) === null)
      state.room = addValue(range, foundAt(place, seen.tokens, i), state.room);
    seen.places.set(i, { place, range });
  });
  seen.tokens = tokens;
}

function list({ tree, seen, lines, overflow }: State): TemplateSummary[] {
  const known = tree.tree.templates;
  // What was merged comes after the template that it was merged into.
  const ordered = [
    ...known.filter(({ merged_into }) => merged_into === null),
    ...known.filter(({ merged_into }) => merged_into !== null),
  ];
  const merged = new Map<number, { pattern: string; all: Seen[] }>();
  for (const template of ordered) {
    const { id, pattern, merged_into } = template;
    const one = seen.get(template);
    const into = merged.get(merged_into ?? id);
    if (one && into) into.all.push(one);
    else if (one) merged.set(id, { pattern, all: [one] });
  }
  if (overflow.count > 0) merged.set(0, { pattern: WILDCARD, all: [overflow] });
  return [...merged.values()]
    .map(({ pattern, all }) => summaryOf(pattern, all, lines))
    .sort((a, b) => b.count - a.count);
}

function summaryOf(pattern: string, all: readonly Seen[], lines: number): TemplateSummary {
  const [first] = all as [Seen, ...Seen[]];
  const count = all.reduce((sum, one) => sum + one.count, 0);
  const ranks = first.severities.map((_, rank) =>
    all.reduce((sum, one) => sum + (one.severities[rank] ?? 0), 0),
  );
  const severities = Object.fromEntries(
    SEVERITIES.map((severity, rank) => [severity, ranks[rank] ?? 0] as const).filter(([, n]) => n > 0),
  );
  for (const other of all.slice(1)) addValuesOf(other, first);
  return {
    template: readablePattern(pattern),
    count,
    share: count / lines,
    severity: SEVERITIES[ranks.indexOf(Math.max(...ranks))] ?? 'unknown',
    severities,
    example: first.example,
    parameters: placesOf(first).map(({ place, range }, i) => summarise(range, i + 1, place.type)),
  };
}

/** Values of a template that was merged into `first`: what differed was a word there. */
function addValuesOf(other: Seen, first: Seen): void {
  for (const [i, { place, range }] of first.places) {
    const known = other.places.get(i)?.range;
    if (known) addRange(range, known);
    else if (i < other.tokens.length) addValue(range, foundAt(place, other.tokens, i), Infinity);
  }
}

/** Places in their order, one for each placeholder of the readable pattern: neighbours are one there. */
function placesOf({ places }: Seen): Place[] {
  const ordered = [...places].sort(([a], [b]) => a - b);
  return ordered
    .filter(([i, { place }], k) => {
      const [before, previous] = ordered[k - 1] ?? [];
      return before !== i - 1 || previous?.place.after !== '' || place.before !== '';
    })
    .map(([, place]) => place);
}
