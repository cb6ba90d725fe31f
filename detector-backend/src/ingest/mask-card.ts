import { isDigit } from './mask-class.ts';

/** Groups in which cards are printed, apart from a single run of digits. */
const GROUPINGS = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
];
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
/** What stands before or behind a number that is part of something longer: an id, a decimal number, a phone number. */
const ATTACHED = new Set([...'_-.+@#~'].map((character) => character.charCodeAt(0)));

/** Issuer by first digits and length (ISO/IEC 7812, issuers' published ranges). */
function isIssued(prefix: number, length: number): boolean {
  const two = Math.floor(prefix / 100);
  const three = Math.floor(prefix / 10);
  if (Math.floor(prefix / 1000) === 4) return length === 13 || length === 16 || length === 19;
  if ((two >= 51 && two <= 55) || (prefix >= 2221 && prefix <= 2720)) return length === 16;
  if (two === 34 || two === 37) return length === 15;
  if (two === 36 || two === 38 || (three >= 300 && three <= 305)) return length === 14;
  if (prefix === 6011 || two === 65 || (three >= 644 && three <= 649)) return length >= 16;
  return (two === 62 || (prefix >= 3528 && prefix <= 3589)) && length >= 16;
}

/** Check digit after Luhn (US patent 2,950,048), over the digits of [start, end). */
function passesLuhn(text: string, start: number, end: number): boolean {
  let sum = 0;
  let isDoubled = false;
  for (let i = end - 1; i >= start; i--) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) continue;
    const value = (code - 48) * (isDoubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}

function isCard(text: string, start: number, end: number, digits: number): boolean {
  const prefix = Number(text.slice(start, start + 4));
  return isIssued(prefix, digits) && passesLuhn(text, start, end);
}

const isFree = (text: string, end: number): boolean => {
  const next = text.charCodeAt(end);
  if (next === 46) return !isDigit(text.charCodeAt(end + 1));
  return !ATTACHED.has(next) || next === 64;
};

/**
 * End of the card number that begins at `start`, or 0. A run of digits, or groups of them as on a card with one blank or
 * dash between; not part of a longer number or identifier.
 * @param end end of the run of digits that begins at `start`; no letter follows
 */
export function cardEnd(text: string, start: number, end: number): number {
  if (start > 0 && ATTACHED.has(text.charCodeAt(start - 1))) return 0;
  const digits = end - start;
  if (digits >= MIN_DIGITS)
    return digits <= MAX_DIGITS && isFree(text, end) && isCard(text, start, end, digits) ? end : 0;
  if (digits !== 4) return 0;
  const separator = text.charCodeAt(end);
  if (separator !== 32 && separator !== 45) return 0;
  for (const groups of GROUPINGS) {
    const grouped = groupsEnd(text, start, groups, separator);
    const length = groups.reduce((sum, group) => sum + group, 0);
    if (grouped > 0 && isFree(text, grouped) && isCard(text, start, grouped, length)) return grouped;
  }
  return 0;
}

function groupsEnd(text: string, start: number, groups: readonly number[], separator: number): number {
  let i = start;
  for (const [index, group] of groups.entries()) {
    if (index > 0 && text.charCodeAt(i++) !== separator) return 0;
    for (const end = i + group; i < end; i++) if (!isDigit(text.charCodeAt(i))) return 0;
  }
  const next = text.charCodeAt(i);
  return isDigit(next) || (next | 32) >= 97 ? 0 : i;
}
