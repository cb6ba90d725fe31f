import { isUuidAt } from './atom.ts';
import { ALPHANUMERIC, BLANK, DELIMITER, DIGIT, classOf, isDigit, skipDigits } from './char-class.ts';

// Each function tells where a thing that starts at `start` ends (exclusive); all look only a bounded way ahead, or to
// a place from which they are not asked again, so a line is read in linear time.

const MONTHS = new Set('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '));
const DAYS = new Set('Mon Tue Wed Thu Fri Sat Sun'.split(' '));

/** `Jun 26`, also after a weekday, if a blank follows; else 0. */
export function calendarEnd(text: string, start: number, limit: number): number {
  const word = text.slice(start, start + 3);
  if (DAYS.has(word)) {
    const next = text.charCodeAt(start + 3) === 44 ? start + 5 : start + 4;
    return classOf(text.charCodeAt(start + 3)) & (BLANK | DELIMITER) ? monthEnd(text, next, limit) : 0;
  }
  return monthEnd(text, start, limit);
}

function monthEnd(text: string, start: number, limit: number): number {
  if (!MONTHS.has(text.slice(start, start + 3)) || text.charCodeAt(start + 3) !== 32) return 0;
  const day = text.charCodeAt(start + 4) === 32 ? start + 5 : start + 4;
  const end = skipDigits(text, day, limit);
  return end > day && end - day <= 2 && text.charCodeAt(end) === 32 ? end : 0;
}

const MAX_CONTEXT = 512;

/** A bracketed request context, `[req-7f1c… 4a0b… - - -]` or the empty `[-]`; else 0. */
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
 * The unit after the number that ends at `end`, if it is one that the writer chose for the number: that of a size with
 * one decimal (`8.8 KB`), or of one that is said again in brackets (`2087 bytes (2.03 KB)`). Else `end`.
 */
export function changingUnitEnd(text: string, end: number, limit: number): number {
  const restated = restatementEnd(text, end, limit);
  if (restated > end) return restated;
  const isDecimal = text.charCodeAt(end - 2) === 46 && isDigit(text.charCodeAt(end - 3));
  const next = isDecimal ? lettersEnd(text, end, limit) : end;
  return next > end && SIZE_UNITS.has(text.slice(end + 1, next)) ? next : end;
}

const SIZE_UNITS = new Set('B KB kB MB GB TB KiB MiB GiB TiB bytes'.split(' '));

/** A size that is said again in brackets, ` bytes (2.03 KB)` after the number that ends at `end`: its end; else `end`. */
function restatementEnd(text: string, end: number, limit: number): number {
  const open = lettersEnd(text, end, limit);
  if (open === end || text.charCodeAt(open) !== 32 || text.charCodeAt(open + 1) !== 40) return end;
  let i = skipDigits(text, open + 2, limit);
  if (i === open + 2) return end;
  if (text.charCodeAt(i) === 46) i = skipDigits(text, i + 1, limit);
  const close = lettersEnd(text, i, limit);
  return close > i && text.charCodeAt(close) === 41 ? close + 1 : end;
}

/** End of a blank and the at most five letters after it, else `start`. */
export function lettersEnd(text: string, start: number, limit: number): number {
  if (text.charCodeAt(start) !== 32) return start;
  let i = start + 1;
  while (i < limit && i - start <= 5 && classOf(text.charCodeAt(i)) & (ALPHANUMERIC & ~DIGIT)) i++;
  return i > start + 1 ? i : start;
}

/** The milliseconds after a decimal comma, `18:01:49,228`; else `end`. */
export function millisecondsEnd(text: string, end: number, limit: number): number {
  if (text.charCodeAt(end) !== 44 || !isDigit(text.charCodeAt(end - 1))) return end;
  return skipDigits(text, end + 1, limit) === end + 4 ? end + 4 : end;
}

/** Source code as tracebacks quote it (`return f(*args)`, `at com.acme.Cart.add(Cart.java:7)`): no event of its own. */
export function isCode(text: string, start: number, limit: number): boolean {
  const first = text.charCodeAt(start);
  const opens = (first >= 97 && first <= 122) || first === 95 || first === 39 || first === 40 || first === 42;
  if (!opens) return false;
  if (text.startsWith('return ', start) || text.startsWith('raise ', start)) return true;
  for (let i = start; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code === 40 || code === 41 || code === 61) return true;
  }
  return false;
}
