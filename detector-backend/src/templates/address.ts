import { ALPHANUMERIC, DIGIT, DOT, DASH, HEX_LETTER, classOf, isDigit, skipDigits } from './char-class.ts';

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

/**
 * Length of the IPv6 address that starts at `start` (0 if none), as RFC 4291 writes it: eight groups, or fewer and one
 * `::`, the last two perhaps as IPv4; with `%zone` (RFC 4007) and `/bits`, eight groups also with `:port`. What may as
 * well be a name in code is none: `::`, `dead::beef`, `5::`.
 */
export function ipv6Length(text: string, start: number, end: number): number {
  let i = start;
  let groups = 0;
  let gap = -1;
  for (; i < end; groups++) {
    const isColon = text.charCodeAt(i) === 58;
    if (isColon && i + 1 < end && text.charCodeAt(i + 1) === 58) {
      if (gap >= 0) return 0;
      gap = i;
      i += 2;
    } else if (groups > 0) {
      if (!isColon || groups === 8) break;
      i++;
    }
    const next = hexEnd(text, i, end);
    if (next === i) break;
    if (next < end && text.charCodeAt(next) === 46) {
      const address = groups > 0 || gap >= 0 ? ipv4Length(text, i, end) : 0;
      if (address === 0) return 0;
      groups += 2;
      i += address;
      break;
    }
    i = next;
  }
  if (gap < 0 ? groups !== 8 : groups > 7) return 0;
  const suffix = suffixEnd(text, i, end, gap < 0);
  return suffix > i || gap < 0 || isLikely(text, start, i, gap) ? suffix - start : 0;
}

function isLikely(text: string, start: number, end: number, gap: number): boolean {
  let digits = 0;
  for (let i = start; i < end; i++) if (isDigit(text.charCodeAt(i))) digits++;
  return digits > 0 && !(gap === end - 2 && digits === gap - start);
}

function hexEnd(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && i - start < 4 && isHex(text.charCodeAt(i))) i++;
  return i;
}

/** Names of network interfaces are shorter. */
const MAX_ZONE = 20;

// `%zone`, then `/bits`, or `:port` after a whole address.
function suffixEnd(text: string, start: number, end: number, isWhole: boolean): number {
  let i = start;
  if (i < end && text.charCodeAt(i) === 37) {
    let zone = i + 1;
    const most = Math.min(end, zone + MAX_ZONE);
    while (zone < most && isZone(text.charCodeAt(zone))) zone++;
    if (zone > i + 1) i = zone;
  }
  const code = text.charCodeAt(i);
  if (i >= end || !(code === 47 || (code === 58 && isWhole))) return i;
  const next = skipDigits(text, i + 1, end);
  return next > i + 1 ? next : i;
}

const isZone = (code: number): boolean => (classOf(code) & (ALPHANUMERIC | DOT | DASH)) !== 0 || code === 95;

/** Whether [start, end) is an IP address, of either kind. */
export const isAddress = (text: string, start: number, end: number): boolean =>
  start < end &&
  (ipv4Length(text, start, end) === end - start || ipv6Length(text, start, end) === end - start);

/** Whether [start, end) is a MAC address or the like: six pairs of hexadecimal digits or more, `aa:bb:cc:dd:ee:ff`. */
export function isMac(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < 17 || length % 3 !== 2) return false;
  const joint = text.charCodeAt(start + 2);
  if (joint !== 58 && joint !== 45) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if ((i - start) % 3 === 2 ? code !== joint : !isHex(code)) return false;
  }
  return true;
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

/** End of the hexadecimal number `0x…` that starts at `start`, else `start`. */
export function hexNumberEnd(text: string, start: number, end: number): number {
  if (text.charCodeAt(start) !== 48 || (text.charCodeAt(start + 1) | 32) !== 120) return start;
  let i = start + 2;
  while (i < end && isHex(text.charCodeAt(i))) i++;
  const ends = i === end || (classOf(text.charCodeAt(i)) & ALPHANUMERIC) === 0;
  return i > start + 2 && ends ? i : start;
}

/** `proxy.example.org:443`, but not `Main.java:12`: all lower case, two dots or more before the port. */
export function isHostWithPort(text: string, start: number, end: number): boolean {
  let dots = 0;
  let i = start;
  for (; i < end && text.charCodeAt(i) !== 58; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) dots++;
    else if (code !== 45 && !isDigit(code) && !(code >= 97 && code <= 122)) return false;
  }
  return dots >= 2 && i + 1 < end && skipDigits(text, i + 1, end) === end;
}
