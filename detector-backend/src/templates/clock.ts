import { ALPHANUMERIC, classOf, isDigit } from './char-class.ts';

// Each function tells where a thing that starts at an index ends (exclusive), or gives the index back when there is none;
// all look less than a hundred characters ahead.

/** With summer time, which changes the name within a year. */
const ZONES = new Set(
  (
    'UTC GMT UT Z WET WEST CET CEST MET MEST EET EEST MSK BST IST EST EDT CST CDT MST MDT PST PDT AKST AKDT HST ' +
    'AST ADT NST NDT BRT BRST ART CLT CLST AEST AEDT ACST ACDT AWST NZST NZDT JST KST SGT HKT PKT WIB SAST WAT CAT EAT'
  ).split(' '),
);
const LONGEST_ZONE = 4;

export const isBlank = (code: number): boolean => code === 32 || code === 9;
export const isLetterOrDigit = (text: string, i: number): boolean =>
  i < text.length && (classOf(text.charCodeAt(i)) & ALPHANUMERIC) !== 0;

/** One to `most` digits; `start` if there are more. */
export function digitsEnd(text: string, start: number, most: number): number {
  let i = start;
  while (i - start <= most && isDigit(text.charCodeAt(i))) i++;
  return i - start > most ? start : i;
}

/** One or two blanks: a day below ten is often padded. */
export function blanksEnd(text: string, start: number): number {
  if (!isBlank(text.charCodeAt(start))) return start;
  return isBlank(text.charCodeAt(start + 1)) ? start + 2 : start + 1;
}

/** `15:04`, `3:04:05.123`, `03:04:05PM`, `15:04:05Z`. */
export function clockEnd(text: string, start: number): number {
  const hour = digitsEnd(text, start, 2);
  if (hour === start || text.charCodeAt(hour) !== 58) return start;
  const minute = digitsEnd(text, hour + 1, 2);
  if (minute !== hour + 3) return start;
  let end = minute;
  if (text.charCodeAt(minute) === 58) {
    end = digitsEnd(text, minute + 1, 2);
    if (end !== minute + 3) return start;
    if (text.charCodeAt(end) === 46) end = Math.max(end, digitsEnd(text, end + 1, 9));
    if (text.charCodeAt(end - 1) === 46) end--;
  }
  const half = halfEnd(text, end);
  if (half > end) return half;
  if (text.charCodeAt(end) === 90) end++;
  return isLetterOrDigit(text, end) ? start : end;
}

/** `AM` or `PM` in one case. */
function halfEnd(text: string, start: number): number {
  const first = text.charCodeAt(start) | 32;
  const isHalf = (first === 97 || first === 112) && (text.charCodeAt(start + 1) | 32) === 109;
  return isHalf && !isLetterOrDigit(text, start + 2) ? start + 2 : start;
}

/**
 * What goes on after a time of day that ends at `start`: a fraction after a comma (`18:01:49,228`), `PM`, and a zone,
 * as an offset, a name or both (`-0700`, ` +01:00`, ` CET`, ` +0000 UTC`, ` +0100 (CET)`).
 */
export function zoneEnd(text: string, start: number): number {
  let end = fractionEnd(text, start);
  const blank = text.charCodeAt(end) === 32 ? end + 1 : end;
  const half = blank > end ? halfEnd(text, blank) : blank;
  if (half > blank) end = half;
  const offset = offsetEnd(text, end);
  const name = zoneNameEnd(text, offset);
  // `GMT+01:00`
  return name > offset && offset === end ? offsetEnd(text, name) : name;
}

// Of one length only: `10:00:00,5` may be a list.
function fractionEnd(text: string, start: number): number {
  if (text.charCodeAt(start) !== 44) return start;
  const end = digitsEnd(text, start + 1, 9);
  const digits = end - start - 1;
  return digits === 3 || digits === 6 || digits === 9 ? end : start;
}

/** `+0100`, `-07:00`, `+03`, also after a blank. */
function offsetEnd(text: string, start: number): number {
  const from = isBlank(text.charCodeAt(start)) ? start + 1 : start;
  const sign = text.charCodeAt(from);
  const hours = text.charCodeAt(from + 1);
  if ((sign !== 43 && sign !== 45) || (hours !== 48 && hours !== 49)) return start;
  let end = digitsEnd(text, from + 1, 4);
  if (end === from + 3 && text.charCodeAt(end) === 58) end = digitsEnd(text, end + 1, 2);
  const isWhole = end === from + 3 || end === from + 5 || end === from + 6;
  return isWhole && !isLetterOrDigit(text, end) ? end : start;
}

function zoneNameEnd(text: string, start: number): number {
  if (!isBlank(text.charCodeAt(start))) return start;
  const from = text.charCodeAt(start + 1) === 40 ? start + 2 : start + 1;
  let end = from;
  while (end - from <= LONGEST_ZONE && text.charCodeAt(end) >= 65 && text.charCodeAt(end) <= 90) end++;
  if (isLetterOrDigit(text, end) || !ZONES.has(text.slice(from, end))) return start;
  if (from === start + 1) return end;
  return text.charCodeAt(end) === 41 ? end + 1 : start;
}
