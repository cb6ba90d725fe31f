import {
  measureOf,
  patternParts,
  valuesOf,
  type FoundValue,
  type PatternParts,
  type Unit,
} from './parameter-value.ts';
import { addValue, createSketch, joinSketches, quantile, type QuantileSketch } from './quantile-sketch.ts';

/** What is known of one position of a template. Plain JSON. */
export interface Parameter {
  kind: string;
  /** Lines looked at. */
  lines: number;
  unit: Unit | null;
  /** Of the values that are numbers of `unit`; null when none was. */
  sketch: QuantileSketch | null;
  /** Different values; null once there are more than {@link MAX_VALUES}, for good. */
  values: string[] | null;
}

/** What the values of a template are, as far as lines were looked at. Belongs to one pattern. */
export interface Parameters {
  pattern: string;
  positions: Parameter[];
}

/** Further positions of a pattern are not looked at. */
export const MAX_POSITIONS = 16;
export const MAX_VALUES = 12;
const MAX_VALUE = 60;

/** Learns the values of lines of one template; parts of the pattern are found once. */
export interface ParameterLearner {
  readonly parts: PatternParts;
  readonly parameters: Parameters;
}

export function createLearner(pattern: string): ParameterLearner {
  const parts = patternParts(pattern);
  const positions = parts.kinds.slice(0, MAX_POSITIONS).map((kind): Parameter => {
    return { kind, lines: 0, unit: null, sketch: null, values: [] };
  });
  return { parts, parameters: { pattern, positions } };
}

/** Learns from one line (mutates); a line that does not fit the pattern teaches nothing. */
export function learnLine({ parts, parameters }: ParameterLearner, message: string): void {
  if (parameters.positions.length === 0) return;
  const values = valuesOf(parts, message);
  if (values === null) return;
  for (const [i, position] of parameters.positions.entries()) learnValue(position, values[i] as FoundValue);
}

function learnValue(position: Parameter, found: FoundValue): void {
  position.lines++;
  position.values = withValues(position.values, [shortValue(found.text)]);
  const measure = measureOf(found);
  if (measure === null) return;
  // The first unit holds: numbers of another one would be another quantity.
  if (position.sketch === null) position.unit = measure.unit;
  else if (position.unit !== measure.unit) return;
  addValue((position.sketch ??= createSketch()), measure.value);
}

// Half a surrogate pair, or NUL, can not be stored.
const shortValue = (text: string): string =>
  Buffer.from(text.slice(0, MAX_VALUE).replaceAll('\0', '\ufffd'), 'utf8').toString('utf8');

function withValues(known: string[] | null, more: readonly string[] | null): string[] | null {
  if (known === null || more === null) return null;
  if (more.every((value) => known.includes(value))) return known;
  const all = [...new Set([...known, ...more])].sort();
  return all.length > MAX_VALUES ? null : all;
}

/** What was known, with what was learned since. A pattern that changed begins anew: its positions are others. */
export function joinParameters(known: Parameters | null, more: Parameters): Parameters {
  if (known === null || known.pattern !== more.pattern) return more;
  const positions = known.positions.map((one, i) => joinPosition(one, more.positions[i] as Parameter));
  return { pattern: known.pattern, positions };
}

function joinPosition(a: Parameter, b: Parameter): Parameter {
  const values = withValues(a.values, b.values);
  const joined = { ...a, lines: a.lines + b.lines, values };
  if (b.sketch === null) return joined;
  if (a.sketch === null) return { ...joined, unit: b.unit, sketch: b.sketch };
  return a.unit === b.unit ? { ...joined, sketch: joinSketches(a.sketch, b.sketch) } : joined;
}

/** A position as the API shows it; numbers to four digits. */
export function parameterView({ kind, lines, unit, sketch, values }: Parameter, position: number) {
  const at = (q: number) => (sketch === null ? null : short(quantile(sketch, q)));
  return {
    position,
    kind,
    lines,
    values: values ?? [],
    is_high_cardinality: values === null,
    numbers:
      sketch === null
        ? null
        : {
            count: sketch.count,
            unit,
            min: sketch.min,
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: sketch.max,
          },
  };
}

const short = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(4)));
