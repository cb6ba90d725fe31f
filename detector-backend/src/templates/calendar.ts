import * as character from './char-class.ts';
import { blanksEnd, clockEnd, digitsEnd, isBlank, isLetterOrDigit, zoneEnd } from './clock.ts';

const { classOf, indexOf, isDigit, skipDigits } = character;
const { ALPHANUMERIC, BLANK, COLON, DASH, DELIMITER, DIGIT, DOT, SLASH } = character;
const ANY_LETTER = ALPHANUMERIC & ~DIGIT;

// Each function tells where a thing that starts at an index ends (exclusive), or gives the index back when there is none;
// all look less than a hundred characters ahead.

// Three letters as one number; 0 outside of ASCII.
function lettersAt(text: string, start: number): number {
  const a = text.charCodeAt(start);
  const b = text.charCodeAt(start + 1);
  const c = text.charCodeAt(start + 2);
  return (a | b | c) < 128 ? (a << 14) | (b << 7) | c : 0;
}

const byLetters = (names: string): Map<number, string> =>
  new Map(names.split(' ').map((name) => [lettersAt(name, 0), name]));

const MONTHS = byLetters(
  'January February March April May June July August September October November December',
);
const DAYS = byLetters('Monday Tuesday Wednesday Thursday Friday Saturday Sunday');
/** `Jan` or `January`, `Mon` or `Monday`. */
function nameEnd(names: ReadonlyMap<number, string>, text: string, start: number): number {
  const name = names.get(lettersAt(text, start));
  if (name === undefined) return start;
  const end = start + (text.startsWith(name, start) ? name.length : 3);
  return isLetterOrDigit(text, end) ? start : end;
}

/**
 * Whether a word is a date, or one with a time of day: `2018-06-26…`, `2018/06/26…`, `26/Jun/2018…`, `17/06/09` before a
 * time, `20171223-22:15:29:635`, `20060102T150405Z`. Times of day alone: `clockEnd`.
 * @param flags class bits of its characters
 */
export function isTime(text: string, start: number, end: number, flags: number): boolean {
  const first = skipDigits(text, start, end);
  if (first === end) return false;
  if (first > start) {
    if (text.charCodeAt(first) === 84) return first - start === 8 && isBasicTime(text, first + 1);
    if (flags & (DASH | SLASH | DOT) && isDate(text, start, first, end)) return true;
  }
  if ((flags & COLON) === 0 || (flags & ANY_LETTER) !== 0) return false;
  const colon = indexOf(text, 58, start, end);
  return (
    colon > start && isDigit(text.charCodeAt(colon - 1)) && skipDigits(text, colon + 1, end) === colon + 3
  );
}

// What follows the T in ISO 8601 without separators.
function isBasicTime(text: string, start: number): boolean {
  const time = digitsEnd(text, start, 6);
  return time === start + 4 || time === start + 6;
}

// Of counters joined by slashes (`0/0/12/30`) none is a date.
function isDate(text: string, start: number, first: number, end: number): boolean {
  const joint = text.charCodeAt(first);
  if (joint !== 45 && joint !== 47 && joint !== 46) return false;
  const second = skipDigits(text, first + 1, end);
  if (second > first + 3) return false;
  if (second === first + 1) {
    // The month in three letters of any language.
    const isMonth = text.charCodeAt(first + 4) === joint && isDigit(text.charCodeAt(first + 5));
    return (
      joint !== 46 && first - start <= 2 && isMonth && (classOf(text.charCodeAt(second)) & ANY_LETTER) !== 0
    );
  }
  const third = skipDigits(text, second + 1, end);
  if (text.charCodeAt(second) !== joint || third === second + 1 || second >= end) return false;
  if (joint === 47 && third < end && text.charCodeAt(third) === 47) return false;
  if (first - start === 4) return true;
  if (joint !== 47 || first - start > 2) return false;
  return third - second === 5 || (third - second === 3 && isBeforeTime(text, third));
}

// A year of two digits: `17/06/09 20:10:40`, `17/06/09-20:10:40`, but not `10/20/30 done`.
const isBeforeTime = (text: string, end: number): boolean =>
  timeAfter(text, end) > end || clockEnd(text, end + 1) > end + 1;

/**
 * A date that begins with the name of a weekday or a month, or with a day and the name of a month, and the time of day
 * and the zone after it: `Jan  2 15:04:05` (syslog), `Mon Jan  2 15:04:05 MST 2006` (ctime, date),
 * `Mon, 02 Jan 2006 15:04:05 GMT` (RFC 1123, RFC 5322), `Monday, 02-Jan-06 15:04:05 MST` (RFC 850),
 * `January 2, 2006 3:04:05 PM` (java.util.logging), `Mon 2006-01-02 15:04:05 CET` (systemd).
 */
export function dateEnd(text: string, start: number): number {
  const weekday = nameEnd(DAYS, text, start);
  const from =
    weekday === start ? start : blanksEnd(text, text.charCodeAt(weekday) === 44 ? weekday + 1 : weekday);
  if (weekday > start && !isBlank(text.charCodeAt(from - 1))) return start;
  const month = nameEnd(MONTHS, text, from);
  if (month > from) return monthFirst(text, start, month, weekday > start);
  if (!isDigit(text.charCodeAt(from))) return start;
  const named = dayFirst(text, from);
  if (named > from) return named;
  const numeric = weekday > start ? numericEnd(text, from) : from;
  return numeric > from ? timeAfter(text, numeric) : start;
}

// Without a weekday before it, a year or a time must follow: there is `May 5 replicas fail`.
function monthFirst(text: string, start: number, month: number, isNamedDay: boolean): number {
  const from = blanksEnd(text, month);
  const day = digitsEnd(text, from, 2);
  if (from === month || day === from) return start;
  const ends = day === text.length || (classOf(text.charCodeAt(day)) & (BLANK | DELIMITER)) !== 0;
  if (!ends) return start;
  const comma = text.charCodeAt(day) === 44 ? day + 1 : day;
  const dated = yearAfter(text, comma);
  if (dated > comma) return timeAfter(text, dated);
  const time = timeAfter(text, comma);
  if (time > comma) return yearAfter(text, time);
  return isNamedDay ? day : start;
}

// `02 Jan 2006` and `02-Jan-06`; where blanks join them, a year or a time must follow: there is `2 May fail`.
function dayFirst(text: string, start: number): number {
  const day = digitsEnd(text, start, 2);
  const joint = text.charCodeAt(day);
  if (day === start || !(isBlank(joint) || joint === 45 || joint === 47)) return start;
  const month = nameEnd(MONTHS, text, day + 1);
  if (month === day + 1) return start;
  if (isBlank(joint)) {
    const year = yearAfter(text, month);
    const time = timeAfter(text, year);
    return time > month ? time : start;
  }
  const year = text.charCodeAt(month) === joint ? digitsEnd(text, month + 1, 4) : start;
  return year > month + 1 ? timeAfter(text, year) : start;
}

/** `2006-01-02`, `01/02/2006`. */
function numericEnd(text: string, start: number): number {
  const first = digitsEnd(text, start, 4);
  const joint = text.charCodeAt(first);
  if (first === start || (joint !== 45 && joint !== 47 && joint !== 46)) return start;
  const second = digitsEnd(text, first + 1, 2);
  if (second === first + 1 || text.charCodeAt(second) !== joint) return start;
  const third = digitsEnd(text, second + 1, 4);
  return third > second + 1 && !isLetterOrDigit(text, third) ? third : start;
}

/** Blanks and a year of this or the last century. */
function yearAfter(text: string, start: number): number {
  const from = blanksEnd(text, start);
  const isCentury =
    (text.charCodeAt(from) === 50 && text.charCodeAt(from + 1) === 48) ||
    (text.charCodeAt(from) === 49 && text.charCodeAt(from + 1) === 57);
  if (from === start || !isCentury) return start;
  const year = digitsEnd(text, from, 4);
  return year === from + 4 && !isLetterOrDigit(text, year) && text.charCodeAt(year) !== 58 ? year : start;
}

function timeAfter(text: string, start: number): number {
  const from = blanksEnd(text, start);
  const end = from > start ? clockEnd(text, from) : from;
  return end > from ? zoneEnd(text, end) : start;
}
