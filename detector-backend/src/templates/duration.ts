import { LETTER, HEX_LETTER, classOf } from './char-class.ts';
import { unitStart } from './atom.ts';

const UNITS = new Map([
  ['ns', 1e-6], ['us', 1e-3], ['µs', 1e-3], ['usec', 1e-3], ['microseconds', 1e-3],
  ['ms', 1], ['msec', 1], ['msecs', 1], ['millis', 1], ['milliseconds', 1], ['millisecond', 1],
  ['s', 1e3], ['sec', 1e3], ['secs', 1e3], ['second', 1e3], ['seconds', 1e3],
]); // prettier-ignore

// First letters of the units above, and last letters of the words below: most are ruled out without a string being made.
const FIRST_LETTERS = new Set([...'numµs'].map((letter) => letter.charCodeAt(0)));
const LAST_LETTERS = new Set([...'desnyk'].map((letter) => letter.charCodeAt(0)));
/** Milliseconds of 1; 0: seconds if the number has a fraction (`time: 0.0123`), else milliseconds. */
const KEYS = new Map([
  ['duration', 0], ['elapsed', 0], ['latency', 0], ['took', 0], ['time', 0], ['response_time', 0], ['request_time', 0],
  ['duration_ms', 1], ['elapsed_ms', 1], ['latency_ms', 1], ['took_ms', 1], ['time_ms', 1], ['response_time_ms', 1],
  ['duration_s', 1e3], ['elapsed_s', 1e3], ['elapsed_seconds', 1e3], ['duration_seconds', 1e3], ['latency_seconds', 1e3],
  ['durationms', 1], ['elapsedms', 1], ['latencyms', 1], ['elapsedtime', 0], ['responsetime', 0], ['tookms', 1],
]); // prettier-ignore

const wordEnd = (text: string, start: number, limit: number): number => {
  let i = start;
  while (i < limit && i - start < 13 && (classOf(text.charCodeAt(i)) & (LETTER | HEX_LETTER)) !== 0) i++;
  return i;
};

/**
 * Milliseconds of the number in [start, end) if its unit, the next word or the key before it says that it is a
 * duration, else NaN.
 * @param key_start, key_end the word before the number, joined to it by `=`, `:` or one blank; empty if none
 */
export function durationOf(
  text: string,
  start: number,
  end: number,
  limit: number,
  key_start: number,
  key_end: number,
): number {
  const unit = unitStart(text, start, end);
  if (unit < 0) return NaN;
  let factor = unit < end ? UNITS.get(text.slice(unit, end)) : undefined;
  if (factor === undefined && unit < end) return NaN;
  if (factor === undefined && text.charCodeAt(end) === 32 && FIRST_LETTERS.has(text.charCodeAt(end + 1))) {
    const next = wordEnd(text, end + 1, limit);
    if (next > end + 1) factor = UNITS.get(text.slice(end + 1, next));
  }
  if (factor === undefined && key_end > key_start && LAST_LETTERS.has(text.charCodeAt(key_end - 1) | 32)) {
    factor = KEYS.get(text.slice(key_start, key_end).toLowerCase());
    if (factor === 0) factor = text.slice(start, unit).includes('.') ? 1e3 : 1;
  }
  if (factor === undefined) return NaN;
  const value = Number(text.slice(start, unit)) * factor;
  return value >= 0 ? value : NaN;
}
