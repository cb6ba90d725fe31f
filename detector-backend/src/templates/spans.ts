import { isUuidAt } from './address.ts';
import { ALPHANUMERIC, BLANK, DIGIT, classOf, isDigit, skipDigits } from './char-class.ts';
import { LONGEST_UNIT, SIZE_UNITS, isUnit } from './unit.ts';

// Each function tells where a thing that starts at `start` ends (exclusive); all look only a bounded way ahead, or to
// a place from which they are not asked again, so a line is read in linear time.

const MAX_CONTEXT = 512;

/** A bracketed request context, `[req-7f1c… 4a0b… - - -]`, or none (`[-]`: `-` is no value in CLF and RFC 5424); else 0. */
export function contextEnd(text: string, start: number, limit: number): number {
  const from = start + 1;
  if (text.charCodeAt(from) === 45 && text.charCodeAt(from + 1) === 93) return from + 2;
  let i = from;
  while (i < from + 8 && classOf(text.charCodeAt(i)) & (ALPHANUMERIC & ~DIGIT) && !isUuidAt(text, i, limit))
    i++;
  if (i > from && text.charCodeAt(i) === 45) i++;
  if (!isUuidAt(text, i, limit) || text.charCodeAt(i + 36) === 93) return 0;
  const end = Math.min(limit, from + MAX_CONTEXT);
  for (i += 36; i < end && text.charCodeAt(i) !== 91; i++) if (text.charCodeAt(i) === 93) return i + 1;
  return 0;
}

/** The query of a path or URL (`/v2/ports?device_id=8d31…&limit=5`), whose first word ends at `end` with `=`; else `end`. */
export function queryEnd(text: string, start: number, end: number, limit: number): number {
  if (text.charCodeAt(end) !== 61) return end;
  let question = start;
  while (question < end && text.charCodeAt(question) !== 63) question++;
  if (question === end) return end;
  let i = end;
  while (i < limit && !(classOf(text.charCodeAt(i)) & BLANK) && !QUERY_STOPS.has(text.charCodeAt(i))) i++;
  return i;
}

/** The protocol after a request's path or URL (`GET /cart HTTP/1.1`), whose word ends at `end`; else `end`. */
export function protocolEnd(text: string, end: number, limit: number): number {
  if (!text.startsWith(' HTTP/', end)) return end;
  let i = end + 6;
  while (i < limit && (isDigit(text.charCodeAt(i)) || text.charCodeAt(i) === 46)) i++;
  return i > end + 6 ? i : end;
}

const QUERY_STOPS = new Set([...'"\')]>'].map((character) => character.charCodeAt(0)));

/** Index of the path in `path:/var/run` or `file:./a`, after a key of letters and a colon; else `start`. */
export function keyedPath(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && classOf(text.charCodeAt(i)) & (ALPHANUMERIC & ~DIGIT)) i++;
  if (i === start || i - start === 1 || text.charCodeAt(i) !== 58) return start;
  const next = text.charCodeAt(i + 1) === 46 ? i + 2 : i + 1;
  return text.charCodeAt(next) === 47 && text.charCodeAt(next + 1) !== 47 && next + 1 < end ? i + 1 : start;
}

/**
 * The unit after the number that ends at `end`, if it is one that the writer chose for the number: formatters of sizes
 * that do so print one decimal (`8.8 KB`), others say a size or time again for people, in brackets, only where that is
 * shorter (`2087 bytes (2.03 KB)`). Else `end`.
 */
export function changingUnitEnd(text: string, end: number, limit: number): number {
  const unit = lettersEnd(text, end, limit);
  if (unit === end) return end;
  const restated = restatementEnd(text, unit, limit);
  if (restated > unit) return isUnit(text.slice(end + 1, unit)) ? restated : end;
  const isDecimal = text.charCodeAt(end - 2) === 46 && isDigit(text.charCodeAt(end - 3));
  return isDecimal && SIZE_UNITS.has(text.slice(end + 1, unit)) ? unit : end;
}

// ` (2.03 KB)`
function restatementEnd(text: string, start: number, limit: number): number {
  if (text.charCodeAt(start) !== 32 || text.charCodeAt(start + 1) !== 40) return start;
  let i = skipDigits(text, start + 2, limit);
  if (i === start + 2) return start;
  if (text.charCodeAt(i) === 46) i = skipDigits(text, i + 1, limit);
  const unit = unitEnd(text, i, limit);
  return unit > i && text.charCodeAt(unit) === 41 ? unit + 1 : start;
}

/** End of a blank and a unit of sizes or times after it, else `start`. */
export function unitEnd(text: string, start: number, limit: number): number {
  const end = lettersEnd(text, start, limit);
  return end > start && isUnit(text.slice(start + 1, end)) ? end : start;
}

// A blank and no more letters than units have.
function lettersEnd(text: string, start: number, limit: number): number {
  if (text.charCodeAt(start) !== 32) return start;
  let i = start + 1;
  while (i < limit && i - start <= LONGEST_UNIT && classOf(text.charCodeAt(i)) & (ALPHANUMERIC & ~DIGIT)) i++;
  return i > start + 1 ? i : start;
}

const CODE_WORDS = new Set(
  'return raise await yield with for if elif while assert throw async except del const let var'.split(' '),
);
const CODE_ENDS = new Set([...'(),:;{[]'].map((character) => character.charCodeAt(0)));

/**
 * End of the line that begins at `start` if it is a frame of a stack trace (`at com.acme.Cart.add(Cart.java:7)`) or the
 * source code that a traceback quotes (`return f(*args)`): no event of its own. Else `start`. A sentence is none, also if
 * it has brackets or `=` in it.
 */
export function codeEnd(text: string, start: number, limit: number): number {
  let end = start;
  let open = -1;
  for (; end < limit && text.charCodeAt(end) !== 10; end++)
    if (open < 0 && text.charCodeAt(end) === 40) open = end;
  while (end > start && classOf(text.charCodeAt(end - 1)) & BLANK) end--;
  if (open <= start) return start;
  if (text.startsWith('at ', start)) return isFrame(text, start + 3, open) ? end : start;
  const isCall = (classOf(text.charCodeAt(open - 1)) & ALPHANUMERIC) !== 0;
  return isCall && CODE_ENDS.has(text.charCodeAt(end - 1)) && beginsCode(text, start, open) ? end : start;
}

// Between `at` and the first bracket there is one name.
function isFrame(text: string, start: number, open: number): boolean {
  const from = text.startsWith('async ', start)
    ? start + 6
    : text.startsWith('new ', start)
      ? start + 4
      : start;
  const end = text.charCodeAt(open - 1) === 32 ? open - 1 : open;
  for (let i = from; i < end; i++) if (text.charCodeAt(i) === 32) return false;
  return end > from;
}

// A call, a keyword, or an assignment before the first bracket.
function beginsCode(text: string, start: number, open: number): boolean {
  let i = start;
  while (i < open && !(classOf(text.charCodeAt(i)) & BLANK) && text.charCodeAt(i) !== 61) i++;
  if (i === open || CODE_WORDS.has(text.slice(start, Math.min(i, start + 8)))) return true;
  for (; i + 2 < open; i++) if (text.charCodeAt(i) === 32 && text.startsWith('= ', i + 1)) return true;
  return false;
}
