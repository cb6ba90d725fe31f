import { isDigit } from './mask-class.ts';
import type { Span } from './mask-placeholder.ts';

/** Groups in which cards are printed, apart from a single run of digits. */
const GROUPINGS = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
];
/** What may stand between groups: blank (also as it is written in URLs) and no-break space, `-`, `.`, `_`. */
const SEPARATORS = [' ', '-', '.', '_', '+', '%20', '\u00a0'];
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
/** Of the longest telephone number behind `+` (ITU-T E.164). */
const MAX_PHONE = 15;

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

/** Check digit after Luhn (US patent 2,950,048). */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  let isDoubled = false;
  for (let i = digits.length - 1; i >= 0; i--) {
    const value = (digits.charCodeAt(i) - 48) * (isDoubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}

const isCard = (digits: string): boolean =>
  isIssued(Number(digits.slice(0, 4)), digits.length) && passesLuhn(digits);

/**
 * End of the card number that begins at `start`, or 0: a run of digits, or groups of them as on a card. It is none as a part
 * of a decimal number, of a telephone number, of a UUID or of the id of an HDFS block, whose check digit is right by chance.
 * @param end end of the run of digits that begins at `start`, where no digit stands before
 * @param first what stands before it was masked, so the number is no part of it
 */
export function cardEnd(text: string, start: number, end: number, first: number): number {
  const digits = end - start;
  if (digits === 4) return groupedEnd(text, start, end, first);
  if (digits < MIN_DIGITS || digits > MAX_DIGITS || !isCard(text.slice(start, end))) return 0;
  return isOther(text, start, end, first) ? 0 : end;
}

function isOther(text: string, start: number, end: number, first: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (before === 46 && start - 2 >= first && isDigit(text.charCodeAt(start - 2))) return true;
  if (text.charCodeAt(end) === 46 && isDigit(text.charCodeAt(end + 1))) return true;
  if (before === 43 && end - start <= MAX_PHONE) return true;
  return text.endsWith('blk_', start) || text.endsWith('blk_-', start);
}

function groupedEnd(text: string, start: number, end: number, first: number): number {
  const separator = SEPARATORS.find((one) => text.startsWith(one, end));
  if (separator === undefined) return 0;
  // The fifth group or a later one, but for blanks: other numbers may stand before.
  const before = start - separator.length - 1;
  const isLater = text.endsWith(separator, start) && before >= first && isDigit(text.charCodeAt(before));
  if (separator !== ' ' && isLater) return 0;
  for (const groups of GROUPINGS) {
    const grouped = groupsEnd(text, start, groups, separator);
    if (grouped > 0 && isCard(text.slice(start, grouped).replaceAll(separator, ''))) return grouped;
  }
  return 0;
}

function groupsEnd(text: string, start: number, groups: readonly number[], separator: string): number {
  let i = start;
  for (const [index, group] of groups.entries()) {
    if (index > 0) {
      if (!text.startsWith(separator, i)) return 0;
      i += separator.length;
    }
    for (const end = i + group; i < end; i++) if (!isDigit(text.charCodeAt(i))) return 0;
  }
  const next = text.charCodeAt(i);
  // With dashes, a UUID may go on with a letter.
  return isDigit(next) || (separator === '-' && isHex(next)) ? 0 : i;
}

const isHex = (code: number): boolean => isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);

/**
 * The card number in the word at [start, end), or null. The word has letters, too: `card4111…`. Not in one that is
 * hexadecimal.
 */
export function cardIn(text: string, start: number, end: number, first: number): Span | null {
  let found: Span | null = null;
  let isHexadecimal = true;
  let run = start;
  for (let i = start; i <= end; i++) {
    const code = i < end ? text.charCodeAt(i) : NaN;
    if (isDigit(code)) continue;
    if (found === null && (i - run >= MIN_DIGITS || (i - run === 4 && i === end))) {
      const card: number = cardEnd(text, run, i, first);
      if (card > 0) found = { start: run, end: card };
    }
    run = i + 1;
    isHexadecimal &&= i === end || isHex(code) || (i === start + 1 && (code | 32) === 120);
  }
  return isHexadecimal ? null : found;
}

/** True for a card number that JSON has as a number. Beyond 2^53 its last digits are lost, and with them the check digit. */
export function isCardNumber(value: number): boolean {
  const size = Math.abs(value);
  if (!Number.isInteger(size) || size < 10 ** (MIN_DIGITS - 1) || size >= 10 ** MAX_DIGITS) return false;
  const digits = String(size);
  if (Number.isSafeInteger(size)) return cardEnd(digits, 0, digits.length, 0) > 0;
  return isIssued(Number(digits.slice(0, 4)), digits.length);
}
