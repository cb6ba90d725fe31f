import { unitStart } from './atom.ts';

/** Different values that are told apart at one place of a template. */
const MAX_DISTINCT = 100;
const MAX_EXAMPLES = 3;
const MAX_VALUE = 80;

/** What was seen at one place of a template. */
export interface ValueRange {
  /** Up to {@link MAX_DISTINCT}, cut to {@link MAX_VALUE} characters. */
  readonly values: Set<string>;
  has_more: boolean;
  /** Whether all values were numbers with the same unit. */
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
export function addValue(range: ValueRange, value: string, room: number): number {
  if (range.is_numeric) addNumber(range, value);
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

function addNumber(range: ValueRange, value: string): void {
  const end = unitStart(value, 0, value.length);
  const number = end > 0 ? Number(value.slice(0, end)) : NaN;
  const unit = end > 0 ? value.slice(end) : '';
  const isFirst = range.min === Infinity;
  if (!Number.isFinite(number) || (!isFirst && unit !== range.unit)) {
    range.is_numeric = false;
    return;
  }
  range.unit = unit;
  if (number < range.min) range.min = number;
  if (number > range.max) range.max = number;
}

/** A place of a template as it is printed. */
export interface ParameterSummary {
  /** From 1, in the order of the placeholders. */
  position: number;
  /** `NUM`, `IP` … or `*`. */
  type: string;
  /** Of numbers with one unit, else null. */
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
