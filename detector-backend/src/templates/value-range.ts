import { unitStart } from './atom.ts';
import { measureOf, type FoundValue } from './parameter-value.ts';

/** Different values that are told apart at one place of a template. */
const MAX_DISTINCT = 100;
const MAX_EXAMPLES = 3;
const MAX_VALUE = 80;

/** What was seen at one place of a template. */
export interface ValueRange {
  /** Up to {@link MAX_DISTINCT}, cut to {@link MAX_VALUE} characters. */
  readonly values: Set<string>;
  has_more: boolean;
  /** Whether all values were numbers of the same unit: durations in ms, sizes in bytes, others as they are written. */
  is_numeric: boolean;
  unit: string;
  min: number;
  max: number;
}

export const createValueRange = (): ValueRange => ({
  values: new Set(),
  has_more: false,
  is_numeric: true,
  unit: '',
  min: Infinity,
  max: -Infinity,
});

/** @param room how many more values may be kept by all ranges together; returns what is left of it */
export function addValue(range: ValueRange, found: FoundValue, room: number): number {
  if (range.is_numeric) addNumber(range, found);
  return addText(range, found.text, room);
}

/** Adds to a range what another one holds. */
export function addRange(range: ValueRange, other: ValueRange): void {
  const isEmpty = range.min === Infinity || other.min === Infinity;
  range.is_numeric &&= other.is_numeric && (isEmpty || range.unit === other.unit);
  if (range.min === Infinity) range.unit = other.unit;
  range.min = Math.min(range.min, other.min);
  range.max = Math.max(range.max, other.max);
  range.has_more ||= other.has_more;
  for (const value of other.values) addText(range, value, Infinity);
}

function addText(range: ValueRange, value: string, room: number): number {
  if (range.has_more || range.values.has(value)) return room;
  const short = value.slice(0, MAX_VALUE);
  if (range.values.has(short)) return room;
  if (range.values.size === MAX_DISTINCT || room === 0) {
    range.has_more = true;
    return room;
  }
  // Not a slice of the line, or it would keep the whole line in memory.
  range.values.add(Buffer.from(short, 'utf8').toString('utf8'));
  return room - 1;
}

function addNumber(range: ValueRange, found: FoundValue): void {
  const number = numberOf(found);
  const isFirst = range.min === Infinity;
  if (number === null || (!isFirst && number.unit !== range.unit)) {
    range.is_numeric = false;
    return;
  }
  range.unit = number.unit;
  if (number.value < range.min) range.min = number.value;
  if (number.value > range.max) range.max = number.value;
}

function numberOf(found: FoundValue): { value: number; unit: string } | null {
  const measure = measureOf(found);
  // 1.1 s is 1100.0000000000001 ms otherwise.
  if (measure) return { value: Number(measure.value.toPrecision(12)), unit: measure.unit ?? '' };
  const { text } = found;
  const end = unitStart(text, 0, text.length);
  const value = end > 0 ? Number(text.slice(0, end)) : NaN;
  return Number.isFinite(value) ? { value, unit: text.slice(end) } : null;
}

/** A place of a template as it is printed. */
export interface ParameterSummary {
  /** From 1, in the order of the placeholders. */
  position: number;
  /** `NUM`, `IP` … or `*`. */
  type: string;
  /** Of numbers of one unit, else null. */
  min: number | null;
  max: number | null;
  unit: string | null;
  /** Different values; at least so many when `has_more`. */
  distinct: number;
  has_more: boolean;
  examples: string[];
}

export function summarise(range: ValueRange, position: number, type: string): ParameterSummary {
  const isNumeric = range.is_numeric && range.min !== Infinity;
  return {
    position,
    type,
    min: isNumeric ? range.min : null,
    max: isNumeric ? range.max : null,
    unit: isNumeric && range.unit !== '' ? range.unit : null,
    distinct: range.values.size,
    has_more: range.has_more,
    examples: [...range.values].slice(0, MAX_EXAMPLES),
  };
}
