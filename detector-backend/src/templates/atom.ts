import {
  ALPHANUMERIC,
  AT,
  BACKSLASH,
  COLON,
  DASH,
  DIGIT,
  DOT,
  HEX_LETTER,
  JOINER,
  LETTER,
  SLASH,
  classOf,
  isDigit,
  skipDigits,
} from './char-class.ts';
import { EMAIL, HEX, HOST, ID, IP, LITERAL, MAC, NUM, PATH, TS, URL, UUID } from './skeleton.ts';

/** Returned by {@link atomKind} for a word that is no variable as a whole but may contain some. */
export const MIXED = -1;

const isHex = (code: number): boolean => (classOf(code) & (DIGIT | HEX_LETTER)) !== 0;

/** Length of the IPv4 address that starts at `start` (0 if none), with `:port` and `/bits`. */
export function ipv4Length(text: string, start: number, end: number): number {
  let i = start;
  for (let group = 0; group < 4; group++) {
    if (group > 0) {
      if (text.charCodeAt(i) !== 46) return 0;
      i++;
    }
    const next = skipDigits(text, i, end);
    if (next === i || next - i > 3) return 0;
    i = next;
  }
  const separator = text.charCodeAt(i);
  if (i < end && (separator === 58 || separator === 47)) {
    const next = skipDigits(text, i + 1, end);
    if (next > i + 1) i = next;
  }
  return i - start;
}

/** True when 8-4-4-4-12 hexadecimal digits start at `start`. */
export function isUuidAt(text: string, start: number, end: number): boolean {
  if (end - start < 36) return false;
  for (let i = 0; i < 36; i++) {
    const code = text.charCodeAt(start + i);
    if (i === 8 || i === 13 || i === 18 || i === 23 ? code !== 45 : !isHex(code)) return false;
  }
  return end - start === 36 || (classOf(text.charCodeAt(start + 36)) & ALPHANUMERIC) === 0;
}

/** `2018-06-26…`, `2018/06/26…`, `26/Jun/2018…`, `17/06/09`, `03:21:04.036`, `20171223-22:15:29:635`. */
function isTime(text: string, start: number, end: number, flags: number): boolean {
  const first = skipDigits(text, start, end);
  const separator = text.charCodeAt(first);
  if (first > start && first < end && (separator === 45 || separator === 47 || separator === 46)) {
    const year = first - start === 4;
    const second = skipDigits(text, first + 1, end);
    const digits = second - first - 1;
    const again = text.charCodeAt(second) === separator && isDigit(text.charCodeAt(second + 1));
    if (year && (digits === 1 || digits === 2) && again) return true;
    if (separator === 47 && first - start <= 2 && again && digits <= 2) return true;
    if (separator !== 46 && first - start <= 2 && digits === 0) {
      const month = text.charCodeAt(first + 4) === separator && isDigit(text.charCodeAt(first + 5));
      if (month && (classOf(text.charCodeAt(first + 1)) & (LETTER | HEX_LETTER)) !== 0) return true;
    }
  }
  if ((flags & COLON) === 0) return false;
  const colon = text.indexOf(':', start);
  return (
    isDigit(text.charCodeAt(colon - 1)) &&
    colon > start &&
    skipDigits(text, colon + 1, end) === colon + 3 &&
    (flags & (LETTER | HEX_LETTER)) === 0
  );
}

/** Hexadecimal groups: `aa:bb:cc:dd:ee:ff` is a MAC address, `fe80::1` an IPv6 address. */
function colonGroups(text: string, start: number, end: number): number {
  let colons = 0;
  let pairs = true;
  let empty = false;
  let length = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code !== 58 && code !== 45) {
      length++;
      continue;
    }
    colons++;
    if (length > 4) return LITERAL;
    if (length !== 2) pairs = false;
    if (length === 0) empty = true;
    length = 0;
  }
  if (colons >= 5 && pairs && length === 2) return MAC;
  return colons === 7 || (empty && colons >= 2) ? IP : LITERAL;
}

/** A number and at most five letters of a unit: `12ms`, `-1.5s`, `10MB/s`, `1e-05`. Returns the index of the unit, or -1. */
export function unitStart(text: string, start: number, end: number): number {
  const sign = text.charCodeAt(start);
  const from = sign === 45 || sign === 43 ? start + 1 : start;
  let i = skipDigits(text, from, end);
  if (i === from) return -1;
  if (text.charCodeAt(i) === 46) i = skipDigits(text, i + 1, end);
  const unit = i;
  if ((text.charCodeAt(i) | 32) === 101) {
    const exponent = text.charCodeAt(i + 1) === 45 || text.charCodeAt(i + 1) === 43 ? i + 2 : i + 1;
    if (exponent < end && skipDigits(text, exponent, end) === end) return end;
  }
  while (i < end && i - unit < 6 && (classOf(text.charCodeAt(i)) & (LETTER | HEX_LETTER)) !== 0) i++;
  if (i - unit > 5) return -1;
  if (i === end || (text.charCodeAt(i) === 37 && i + 1 === end)) return unit;
  return text.charCodeAt(i) === 47 && i + 2 === end && text.charCodeAt(i + 1) === 115 ? unit : -1;
}

function isPath(text: string, start: number, end: number): boolean {
  const code = text.charCodeAt(start);
  // `</name>` is a tag.
  if (code === 47)
    return (end - start > 1 || text.startsWith(' HTTP/', end)) && text.charCodeAt(start - 1) !== 60;
  if ((code === 46 || code === 126) && text.charCodeAt(start + 1) === 47) return true;
  if (text.charCodeAt(start + 1) === 58 && text.charCodeAt(start + 2) === 92) return true;
  let slashes = 0;
  for (let i = start; i < end; i++) {
    const separator = text.charCodeAt(i);
    if (separator === 47 || separator === 92) slashes++;
  }
  return slashes >= 2;
}

/** `proxy.example.org:443`, but not `Main.java:12`: all lower case, two dots or more before the port. */
function isHostWithPort(text: string, start: number, end: number): boolean {
  let dots = 0;
  let i = start;
  for (; i < end && text.charCodeAt(i) !== 58; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) dots++;
    else if (code !== 45 && !isDigit(code) && !(code >= 97 && code <= 122)) return false;
  }
  return dots >= 2 && i + 1 < end && skipDigits(text, i + 1, end) === end;
}

function isEmail(text: string, start: number, end: number): boolean {
  const at = text.indexOf('@', start);
  const dot = text.lastIndexOf('.', end - 1);
  if (at <= start || dot <= at + 1 || dot >= end - 1 || isDigit(text.charCodeAt(end - 1))) return false;
  for (let i = at + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if ((classOf(code) & ALPHANUMERIC) === 0 && code !== 46 && code !== 45) return false;
  }
  return true;
}

function hasScheme(text: string, start: number, end: number): boolean {
  const colon = text.indexOf('://', start);
  return colon > start && colon < end;
}

function digitsOnlyKind(text: string, start: number, end: number, flags: number): number {
  if (flags & DOT && ipv4Length(text, start, end) === end - start) return IP;
  if (flags & DASH && end - start === 36 && isUuidAt(text, start, end)) return UUID;
  if (flags & COLON && end - start === 17 && colonGroups(text, start, end) === MAC) return MAC;
  if (flags & (COLON | DASH | SLASH | DOT) && isTime(text, start, end, flags)) return TS;
  if (text.charCodeAt(start) === 47) return ipv4Length(text, start + 1, end) === end - start - 1 ? IP : PATH;
  if (flags & COLON && text.indexOf('::', start) >= start && colonGroups(text, start, end) === IP) return IP;
  return flags & JOINER && text.lastIndexOf('#', end - 1) >= start ? MIXED : NUM;
}

function hexKind(text: string, start: number, end: number, flags: number): number {
  if ((flags & ~(DIGIT | HEX_LETTER)) === 0)
    return end - start >= 8 ? HEX : segmentKind(text, start, end) === HEX ? HEX : MIXED;
  if ((flags & ~(DIGIT | HEX_LETTER | COLON | DASH)) !== 0) return MIXED;
  if (end - start === 36 && isUuidAt(text, start, end)) return UUID;
  return colonGroups(text, start, end) || MIXED;
}

/**
 * What a word (no blank, no delimiter inside) is as a whole.
 * @param flags class bits of its characters, OR'ed
 * @returns kind of placeholder, LITERAL, or MIXED when its parts have to be looked at
 */
export function atomKind(text: string, start: number, end: number, flags: number): number {
  if (flags & SLASH && flags & COLON && hasScheme(text, start, end)) return URL;
  if (flags & AT && flags & DOT && isEmail(text, start, end)) return EMAIL;
  if ((flags & DIGIT) === 0) return flags & (SLASH | BACKSLASH) && isPath(text, start, end) ? PATH : LITERAL;
  if ((flags & (LETTER | HEX_LETTER | AT | BACKSLASH)) === 0) return digitsOnlyKind(text, start, end, flags);
  if (isDigit(text.charCodeAt(start))) {
    if (text.charCodeAt(start) === 48 && (text.charCodeAt(start + 1) | 32) === 120) return HEX;
    if (flags & (COLON | DASH | SLASH) && isTime(text, start, end, flags)) return TS;
  }
  if ((flags & (LETTER | JOINER | AT | SLASH)) === 0) {
    const kind = hexKind(text, start, end, flags);
    if (kind !== MIXED) return kind;
  }
  if (unitStart(text, start, end) >= 0) return NUM;
  if (flags & SLASH && text.charCodeAt(start) === 47 && ipv4Length(text, start + 1, end) === end - start - 1)
    return IP;
  if (flags & (SLASH | BACKSLASH) && isPath(text, start, end)) return PATH;
  if (flags & COLON && flags & DOT && isHostWithPort(text, start, end)) return HOST;
  return MIXED;
}

/** End of the hexadecimal number `0x…` that starts at `start`, else `start`. */
export function hexNumberEnd(text: string, start: number, end: number): number {
  if (text.charCodeAt(start) !== 48 || (text.charCodeAt(start + 1) | 32) !== 120) return start;
  let i = start + 2;
  while (i < end && isHex(text.charCodeAt(i))) i++;
  const ends = i === end || (classOf(text.charCodeAt(i)) & ALPHANUMERIC) === 0;
  return i > start + 2 && ends ? i : start;
}

/** What a run of letters and digits inside a mixed word is; LITERAL and MIXED (letters, then a number) as above. */
export function segmentKind(text: string, start: number, end: number): number {
  let digits = 0;
  let changes = 0;
  let flags = 0;
  let wasDigit = false;
  let isCapital = true;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    const bits = classOf(code);
    const digit = bits === DIGIT;
    if (code > 90) isCapital = false;
    flags |= bits;
    if (digit) digits++;
    if (i > start && digit !== wasDigit) changes++;
    wasDigit = digit;
  }
  if (digits === 0) return LITERAL;
  if (digits === end - start) return NUM;
  // Seven as well, if letters and digits take turns: a short hash.
  if ((flags & LETTER) === 0 && end - start >= (changes > 1 && digits > 1 ? 7 : 8)) return HEX;
  if (changes >= 3) return ID;
  // A constant such as SOCKS5, IPV6, CPU0.
  if (isCapital && changes === 1 && digits <= 2 && !isDigit(text.charCodeAt(start))) return LITERAL;
  if (changes === 1 && isDigit(text.charCodeAt(start)))
    return end - start - digits <= 3 || digits > 2 ? NUM : LITERAL;
  if (changes === 1 && (digits >= 2 || end - start - digits >= 4)) return MIXED;
  return LITERAL;
}
