import { UNIT_TEXT } from './skeleton.ts';

export const SIZE_UNITS = new Set('B KB kB MB GB TB KiB MiB GiB TiB byte bytes'.split(' '));
const UNITS = new Set([
  ...SIZE_UNITS,
  ...(
    'bits kbps Mbps ns us µs usec ms msec msecs millis milliseconds ' +
    's sec secs second seconds min mins minute minutes hour hours'
  ).split(' '),
]);

/** Letters of the longest unit. */
export const LONGEST_UNIT = 12;
const LONGEST = LONGEST_UNIT + 4;

/** Whether a token is a unit, whatever punctuation follows: `KB`, `bytes,`, `ms)`. */
export function isUnit(token: string): boolean {
  if (token.length > LONGEST) return false;
  let start = 0;
  let end = token.length;
  while (start < end && token.charCodeAt(start) === 32) start++;
  while (end > start && isTrailing(token.charCodeAt(end - 1))) end--;
  const word = token.slice(start, end);
  return UNITS.has(word) || word === UNIT_TEXT;
}

const isTrailing = (code: number): boolean =>
  code === 44 || code === 46 || code === 58 || code === 59 || code === 41 || code === 93;

/** Whether token `i` is the unit of the number before it: a part of the value, `KB` in one line and `MB` in another. */
export const isUnitAt = (tokens: readonly string[], i: number): boolean =>
  i > 0 && isVariable(tokens[i - 1] as string) && isUnit(tokens[i] as string);

/** A token with a placeholder or a digit in it: it may become `<*>`. */
export function isVariable(token: string): boolean {
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i);
    if (code === 60 || (code >= 48 && code <= 57)) return true;
  }
  return false;
}

const CONSTANTS = new Set('true false null none nil yes no on off undefined nan 0 1'.split(' '));

/** Whether token `i` is a constant that stands for a value after `key=`: `true` in one line and `false` in another. */
export function isConstantAt(tokens: readonly string[], i: number): boolean {
  const token = tokens[i] as string;
  if (i === 0 || token.length > LONGEST || !(tokens[i - 1] as string).endsWith('=')) return false;
  let start = 0;
  let end = token.length;
  while (start < end && (token.charCodeAt(start) === 32 || token.charCodeAt(start) === 40)) start++;
  while (end > start && isTrailing(token.charCodeAt(end - 1))) end--;
  return CONSTANTS.has(token.slice(start, end).toLowerCase());
}
