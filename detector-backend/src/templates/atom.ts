import { ipv4Length, ipv6Length, isAddress, isHostWithPort, isMac, isUuidAt } from './address.ts';
import { isTime } from './calendar.ts';
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
  indexOf,
  isDigit,
  skipDigits,
} from './char-class.ts';
import { clockEnd } from './clock.ts';
import { EMAIL, HEX, HOST, ID, IP, LITERAL, MAC, NUM, PATH, TS, URL, UUID } from './skeleton.ts';

/** Returned by {@link atomKind} for a word that is no variable as a whole but may contain some. */
export const MIXED = -1;

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

function isEmail(text: string, start: number, end: number): boolean {
  const at = indexOf(text, 64, start, end);
  let dot = end - 1;
  while (dot > at && text.charCodeAt(dot) !== 46) dot--;
  if (at <= start || dot <= at + 1 || dot >= end - 1 || isDigit(text.charCodeAt(end - 1))) return false;
  for (let i = at + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if ((classOf(code) & ALPHANUMERIC) === 0 && code !== 46 && code !== 45) return false;
  }
  return true;
}

/** `https://…`, `jdbc:mysql://…` */
function hasScheme(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) === 47) return false;
  for (let i = start + 1; i + 2 < end; i++)
    if (text.charCodeAt(i) === 58 && text.charCodeAt(i + 1) === 47 && text.charCodeAt(i + 2) === 47)
      return true;
  return false;
}

function digitsOnlyKind(text: string, start: number, end: number, flags: number): number {
  if (flags & DOT && ipv4Length(text, start, end) === end - start) return IP;
  if (flags & DASH && end - start === 36 && isUuidAt(text, start, end)) return UUID;
  if (flags & (COLON | DASH | SLASH | DOT) && isTime(text, start, end, flags)) return TS;
  if (text.charCodeAt(start) === 47) return isAddress(text, start + 1, end) ? IP : PATH;
  return flags & JOINER && indexOf(text, 35, start, end) >= start ? MIXED : NUM;
}

function hexKind(text: string, start: number, end: number, flags: number): number {
  if ((flags & ~(DIGIT | HEX_LETTER)) === 0)
    return end - start >= 8 ? HEX : segmentKind(text, start, end) === HEX ? HEX : MIXED;
  return flags & DASH && isUuidAt(text, start, end) && end - start === 36 ? UUID : MIXED;
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
  if (flags & COLON && clockEnd(text, start) === end) return TS;
  if (flags & (COLON | DASH) && isMac(text, start, end)) return MAC;
  if (flags & COLON && ipv6Length(text, start, end) === end - start) return IP;
  if ((flags & (LETTER | HEX_LETTER | AT | BACKSLASH)) === 0) return digitsOnlyKind(text, start, end, flags);
  if (isDigit(text.charCodeAt(start))) {
    if (text.charCodeAt(start) === 48 && (text.charCodeAt(start + 1) | 32) === 120) return HEX;
    if (isTime(text, start, end, flags)) return TS;
  }
  if ((flags & (LETTER | JOINER | AT | SLASH)) === 0) {
    const kind = hexKind(text, start, end, flags);
    if (kind !== MIXED) return kind;
  }
  if (unitStart(text, start, end) >= 0) return NUM;
  if (flags & SLASH && text.charCodeAt(start) === 47 && isAddress(text, start + 1, end)) return IP;
  if (flags & (SLASH | BACKSLASH) && isPath(text, start, end)) return PATH;
  if (flags & COLON && flags & DOT && isHostWithPort(text, start, end)) return HOST;
  return MIXED;
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
