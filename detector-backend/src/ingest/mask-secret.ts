import { isDigit, isQuote, isWord } from './mask-class.ts';
import { isRandom, isSecretValue, secretKeyAt, type SecretKey } from './mask-key.ts';
import { SECRET, isPlaceholderAt, type Span } from './mask-placeholder.ts';
import {
  closingBracket,
  closingQuote,
  credentialsEnd,
  headerEnd,
  schemeEnd,
  valueEnd,
} from './mask-value.ts';

/** No secrets, and worth knowing. */
const NO_VALUES = new Set([
  'null',
  'none',
  'nil',
  'true',
  'false',
  'undefined',
  'empty',
  'missing',
  'invalid',
]);
const MAX_CHECKED = 4096;

/**
 * The secret behind the `=` or `:` at `setter`, or null. Its key may be in quotes, also in escaped ones.
 * @param from end of the setter: `%3D` has three characters
 */
export function assignedSecret(text: string, setter: number, from: number): Span | null {
  const end = text.charCodeAt(setter - 1) === 32 ? setter - 1 : setter;
  const key = secretKeyAt(text, end);
  if (key === null) return null;
  const start = valueStart(text, from);
  const code = text.charCodeAt(start);
  if (code === 123 || code === 91) return bracketed(text, start);
  const span = quoted(text, start) ?? unquoted(text, start, key);
  if (span === null || span.end <= span.start) return null;
  // What is longer is no count, and would be read again and again.
  return span.end - span.start > MAX_CHECKED || isSecretValue(key, text.slice(span.start, span.end))
    ? span
    : null;
}

// `=>`, `==`, `:=`, and up to four blanks.
function valueStart(text: string, from: number): number {
  let start = from;
  while (text.charCodeAt(start) === 61 || text.charCodeAt(start) === 62) start++;
  for (let blanks = 0; blanks < 4 && isBlank(text.charCodeAt(start)); blanks++) start++;
  return start;
}

const isBlank = (code: number): boolean => code === 32 || code === 9;

/** What stands in quotes, also in those of `b'…'`; null if there are none. Empty when it was masked before. */
function quoted(text: string, from: number): Span | null {
  let start = from;
  const prefix = text.charCodeAt(start) | 32;
  if ((prefix === 98 || prefix === 114 || prefix === 117) && isQuote(text.charCodeAt(start + 1))) start++;
  let backslashes = 0;
  while (text.charCodeAt(start + backslashes) === 92) backslashes++;
  const quote = text.charCodeAt(start + backslashes);
  if (!isQuote(quote)) return null;
  start = schemeEnd(text, start + backslashes + 1);
  const end = closingQuote(text, start, quote, backslashes);
  return { start, end: text.slice(start, end) === SECRET ? start : end };
}

function unquoted(text: string, from: number, key: SecretKey): Span | null {
  // A private key, found by its first line (mask-token.ts).
  if (text.startsWith('-----BEGIN', from)) return null;
  const start = schemeEnd(text, from);
  if (isPlaceholderAt(text, start)) return null;
  if (key.kind === 'path' && text.charCodeAt(start) === 47) return null;
  const end = valueEnd(text, start);
  if (end - start <= 9 && NO_VALUES.has(text.slice(start, end).toLowerCase())) return null;
  if (key.kind !== 'header') return { start, end };
  const header =
    key.name === 'authorization' ? authorizationEnd(text, start, from) : cookieEnd(text, start, end);
  return { start, end: header > start ? header : end };
}

function authorizationEnd(text: string, start: number, from: number): number {
  const end = credentialsEnd(text, start);
  // Behind a scheme that is not known; behind `authorization=denied` the next key stands.
  if (start > from || text.charCodeAt(start - 1) === 61 || text.charCodeAt(end) !== 32) return end;
  const next = credentialsEnd(text, end + 1);
  return isRandom(text, end + 1, next) ? next : end;
}

function cookieEnd(text: string, start: number, end: number): number {
  return text.slice(start, end).includes('=') ? headerEnd(text, start) : end;
}

/** What stands in the brackets at `start`: the whole of it. Null where they hold neither texts nor names. */
function bracketed(text: string, start: number): Span | null {
  let first = start + 1;
  while (first - start < 64 && text.charCodeAt(first) <= 32) first++;
  const code = text.charCodeAt(first);
  const isValue = isQuote(code) || code === 92 || code === 123 || code === 91 || isWord(code);
  // Prose: `Unexpected token: { in line 3`.
  if (!isValue || (first > start + 1 && isWord(code) && !isDigit(code))) return null;
  const end = closingBracket(text, start);
  const value = text.slice(start + 1, end);
  return value === SECRET || NO_VALUES.has(value) ? null : { start: start + 1, end };
}
