import { ALPHANUMERIC, BLANK, classOf, DELIMITER, isDigit } from './char-class.ts';

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
/** First parts of names such as `Asia/Tokyo`, after the IANA time zone database. */
const AREAS = new Set(
  'Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe Indian Mexico Pacific US'.split(
    ' ',
  ),
);
const LONGEST_AREA = 10;
/** Of each part behind the area, of which there are at most two (`America/Argentina/Buenos_Aires`). */
const LONGEST_CITY = 16;

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
 * as an offset, a name or both (`-0700`, ` +01:00`, ` CET`, ` +0000 UTC`, ` +0100 (CET)`, ` Asia/Tokyo`, `+09:00[Asia/Tokyo]`).
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

// Brackets that a blank comes before may hold anything but `Area/City`: `10:00:00 [CAT] purrs`.
function zoneNameEnd(text: string, start: number): number {
  const blank = isBlank(text.charCodeAt(start)) ? start + 1 : start;
  const open = text.charCodeAt(blank);
  const isOpen = open === 40 || open === 91;
  const from = isOpen ? blank + 1 : blank;
  if (from === start) return start;
  const city = cityEnd(text, from);
  const end = city > from || (open === 91 && blank > start) ? city : abbreviationEnd(text, from);
  if (end === from || !isOpen) return end === from ? start : end;
  return text.charCodeAt(end) === (open === 40 ? 41 : 93) ? end + 1 : start;
}

function abbreviationEnd(text: string, start: number): number {
  let end = start;
  while (end - start <= LONGEST_ZONE && text.charCodeAt(end) >= 65 && text.charCodeAt(end) <= 90) end++;
  return isLetterOrDigit(text, end) || !ZONES.has(text.slice(start, end)) ? start : end;
}

/** `Asia/Tokyo`, `America/Argentina/Buenos_Aires`, `Etc/GMT+5`. */
function cityEnd(text: string, start: number): number {
  let slash = start;
  while (slash - start <= LONGEST_AREA && isLetterOrDigit(text, slash)) slash++;
  if (text.charCodeAt(slash) !== 47 || !AREAS.has(text.slice(start, slash))) return start;
  const city = partEnd(text, slash + 1);
  const end = text.charCodeAt(city) === 47 ? partEnd(text, city + 1) : city;
  // Neither a path nor `Asia/Tokyo.log`.
  const isWhole =
    (classOf(text.charCodeAt(end)) & (BLANK | DELIMITER)) !== 0 || !isLetterOrDigit(text, end + 1);
  return city === slash + 1 || text.charCodeAt(end - 1) === 47 || !isWhole ? start : end;
}

/** A capital, then letters, digits, `_`, `-` and `+`; `start` if it is too long. */
function partEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first < 65 || first > 90) return start;
  let end = start + 1;
  for (; end - start <= LONGEST_CITY; end++) {
    const code = text.charCodeAt(end);
    if (!isLetterOrDigit(text, end) && code !== 95 && code !== 45 && code !== 43) return end;
  }
  return start;
}
