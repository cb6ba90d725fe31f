import type { Mask } from '../ingest/mask.ts';

/** What a pattern is made of: literal 0, placeholder 0, literal 1, … , literal n. */
export interface PatternParts {
  literals: string[];
  /** Kinds of the placeholders: `NUM`, `PATH`, `*`, … */
  kinds: string[];
}

/** A number with its unit, normalised: durations in ms, sizes in bytes. */
export interface Measure {
  value: number;
  unit: Unit | null;
}
export type Unit = 'ms' | 'bytes' | '%';

const MAX_LINE = 8192;
const KI = 1024;
const UNITS = new Map<string, [Unit, number]>([
  ['ns', ['ms', 1e-6]], ['us', ['ms', 1e-3]], ['µs', ['ms', 1e-3]], ['usec', ['ms', 1e-3]],
  ['ms', ['ms', 1]], ['msec', ['ms', 1]], ['msecs', ['ms', 1]], ['millis', ['ms', 1]], ['milliseconds', ['ms', 1]],
  ['s', ['ms', 1e3]], ['sec', ['ms', 1e3]], ['secs', ['ms', 1e3]], ['second', ['ms', 1e3]], ['seconds', ['ms', 1e3]],
  ['min', ['ms', 6e4]], ['mins', ['ms', 6e4]], ['minute', ['ms', 6e4]], ['minutes', ['ms', 6e4]],
  ['hour', ['ms', 36e5]], ['hours', ['ms', 36e5]],
  ['b', ['bytes', 1]], ['byte', ['bytes', 1]], ['bytes', ['bytes', 1]],
  ['kb', ['bytes', KI]], ['mb', ['bytes', KI ** 2]], ['gb', ['bytes', KI ** 3]], ['tb', ['bytes', KI ** 4]],
  ['kib', ['bytes', KI]], ['mib', ['bytes', KI ** 2]], ['gib', ['bytes', KI ** 3]], ['tib', ['bytes', KI ** 4]],
  ['%', ['%', 1]],
]); // prettier-ignore
/** Ends of keys that name a unit: `duration_ms=12`. */
const KEY_UNITS = ['ms', 'seconds', 'bytes', 'kb', 'mb'];

/** Splits a pattern at its placeholders. */
export function patternParts(pattern: string): PatternParts {
  const parts: PatternParts = { literals: [], kinds: [] };
  let start = 0;
  for (let i = pattern.indexOf('<'); i >= 0; i = pattern.indexOf('<', i + 1)) {
    const end = placeholderEnd(pattern, i);
    if (end === 0) continue;
    parts.literals.push(pattern.slice(start, i));
    parts.kinds.push(pattern.slice(i + 1, end - 1));
    start = end;
    i = end - 1;
  }
  parts.literals.push(pattern.slice(start));
  return parts;
}

/** Masks what stands between the placeholders of a pattern: a placeholder is no value of the key before it. */
export function maskPattern(pattern: string, mask: Pick<Mask, 'text'>): string {
  const { literals, kinds } = patternParts(pattern);
  return literals
    .map((literal, i) => mask.text(literal) + (i < kinds.length ? `<${kinds[i]}>` : ''))
    .join('');
}

// `<*>`, or capitals as in `<NUM>`.
function placeholderEnd(pattern: string, start: number): number {
  let i = start + 1;
  if (pattern.charCodeAt(i) === 42) i++;
  else while (i - start < 6 && pattern.charCodeAt(i) >= 65 && pattern.charCodeAt(i) <= 90) i++;
  return i > start + 1 && pattern.charCodeAt(i) === 62 ? i + 1 : 0;
}

/** A value in a line, and the text around it that may name its unit. */
export interface FoundValue {
  text: string;
  before: string;
  after: string;
}

/**
 * The values of a line at the placeholders of its template, by looking for each literal behind the one before. Null when
 * the line does not fit that way (the masker leaves out repetitions and rewrites lists).
 */
export function valuesOf({ literals }: PatternParts, message: string): FoundValue[] | null {
  const line = singleSpaced(message);
  const first = literals[0] as string;
  if (!line.startsWith(first)) return null;
  const values: FoundValue[] = [];
  let from = first.length;
  for (let i = 1; i < literals.length; i++) {
    const literal = literals[i] as string;
    const isLast = i === literals.length - 1;
    const at =
      literal === '' && isLast ? line.length : line.indexOf(literal === '' ? ' ' : literal, from + 1);
    if (at < 0) return null;
    values.push({
      text: line.slice(from, at),
      before: literals[i - 1] as string,
      after: line.slice(at, at + 14),
    });
    from = at + literal.length;
  }
  return values;
}

function singleSpaced(message: string): string {
  let line = '';
  let wasBlank = true;
  let copied = 0;
  const end = Math.min(message.length, MAX_LINE);
  for (let i = 0; i < end; i++) {
    const isBlank = message.charCodeAt(i) <= 32;
    if (isBlank && (wasBlank || message.charCodeAt(i) !== 32)) {
      line += message.slice(copied, i) + (wasBlank ? '' : ' ');
      copied = i + 1;
    }
    wasBlank = isBlank;
  }
  return (line + message.slice(copied, end)).trimEnd();
}

/** The number that a value is, with a unit in it, behind it, or at the end of the key before it; null if it is none. */
export function measureOf({ text, before, after }: FoundValue): Measure | null {
  const digits = numberEnd(text);
  if (digits === 0) return null;
  const value = Number(text.slice(0, digits));
  if (!Number.isFinite(value)) return null;
  const rest = text.slice(digits).trim();
  const word =
    rest !== '' ? rest : after.startsWith(' ') ? firstWord(after) : after.startsWith('%') ? '%' : '';
  const known = UNITS.get(word.toLowerCase()) ?? (rest === '' ? keyUnit(before) : undefined);
  if (known) return { value: value * known[1], unit: known[0] };
  return rest === '' ? { value, unit: null } : null;
}

function numberEnd(text: string): number {
  let i = text.charCodeAt(0) === 45 || text.charCodeAt(0) === 43 ? 1 : 0;
  const start = i;
  let dots = 0;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46 && dots === 0 && i > start) dots++;
    else if (code < 48 || code > 57) break;
  }
  return i === start ? 0 : i;
}

function firstWord(after: string): string {
  let end = 1;
  while (end < after.length && (after.charCodeAt(end) | 32) >= 97 && (after.charCodeAt(end) | 32) <= 122)
    end++;
  return after.slice(1, end);
}

function keyUnit(before: string): [Unit, number] | undefined {
  let end = before.length;
  while (end > 0 && '=: "\''.includes(before.charAt(end - 1))) end--;
  if (end === before.length) return undefined;
  const key = before.slice(Math.max(0, end - 12), end).toLowerCase();
  const unit = KEY_UNITS.find((name) => key.endsWith(`_${name}`));
  return unit === undefined ? undefined : UNITS.get(unit);
}
