import { DIGIT, END, HEAD, INNER, LETTER, classOf } from './mask-class.ts';

/** Ends of keys, in lower case and without `_`, `-`, `.`, whose value is a secret. */
const SECRET_KEYS = [
  'password', 'passwd', 'passphrase', 'pwd', 'secret', 'token', 'apikey', 'accesskey', 'secretkey', 'privatekey',
  'authkey', 'authorization', 'credential', 'credentials',
]; // prettier-ignore
const BY_LAST_LETTER: readonly string[][] = Array.from({ length: 128 }, (_, code) =>
  SECRET_KEYS.filter((key) => key.charCodeAt(key.length - 1) === code),
);
const MAX_KEY = 40;
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
/** What masks write: never taken out again, so masking twice is masking once. */
export const EMAIL = '<email>';
export const CARD = '<card>';
export const SECRET = '<secret>';
export const WORD = '<word>';
export const PLACEHOLDERS: readonly string[] = [EMAIL, CARD, SECRET, WORD];
const SCHEMES = ['bearer', 'basic', 'token', 'digest'];
/** Tokens that show what they are: how they begin, and the least number of characters. */
const FORMS: readonly (readonly [string, number])[] = [
  ['AKIA', 20], ['ASIA', 20], ['AIza', 39], ['eyJ', 30], ['ghp_', 34], ['gho_', 34], ['ghu_', 34], ['ghs_', 34],
  ['ghr_', 34], ['github_pat_', 40], ['glpat-', 26], ['npm_', 36], ['sk-', 24], ['sk_live_', 20], ['sk_test_', 20],
  ['rk_live_', 20], ['xoxa-', 16], ['xoxb-', 16], ['xoxp-', 16], ['xoxr-', 16], ['xoxs-', 16],
]; // prettier-ignore

/** A stretch of a text that is a secret: [start, end). */
export interface Span {
  start: number;
  end: number;
}

/** True when the value of this key is a secret: `password`, `DB_PASSWORD`, `x-api-key`. */
export const isSecretKey = (key: string): boolean => keyStart(key, key.length) >= 0;

// Where the word that makes it a secret's key begins, in the key that ends at `end`; -1 if there is none.
function keyStart(text: string, end: number): number {
  for (const key of BY_LAST_LETTER[text.charCodeAt(end - 1) | 32] ?? []) {
    let i = end;
    let left = key.length;
    while (left > 0 && i > 0 && end - i < MAX_KEY) {
      const code = text.charCodeAt(--i);
      if ((code | 32) === key.charCodeAt(left - 1)) left--;
      else if (!isSeparator(code) || i === end - 1) break;
    }
    if (left === 0) return i;
  }
  return -1;
}

/** The secret behind the `=` or `:` at `setter`, or null. Its key may be in quotes, also in escaped ones. */
export function assignedSecret(text: string, setter: number): Span | null {
  let end = setter;
  if (text.charCodeAt(end - 1) === 32) end--;
  while (end > 0 && isQuoteOrBackslash(text.charCodeAt(end - 1))) end--;
  const start = keyStart(text, end);
  return start < 0 ? null : valueAt(text, setter + 1, text.slice(start, end));
}

const isSeparator = (code: number): boolean => code === 95 || code === 45 || code === 46;
const isQuote = (code: number): boolean => code === 34 || code === 39 || code === 96;
const isQuoteOrBackslash = (code: number): boolean => isQuote(code) || code === 92;
const isKeyPart = (code: number): boolean => (classOf(code) & (DIGIT | LETTER | INNER)) !== 0;

function valueAt(text: string, from: number, key: string): Span | null {
  let start = from;
  while (start < text.length && (text.charCodeAt(start) === 61 || text.charCodeAt(start) === 62)) start++;
  for (let blanks = 0; blanks < 4 && text.charCodeAt(start) === 32; blanks++) start++;
  if (text.charCodeAt(start) === 123) return null;
  let backslashes = 0;
  while (text.charCodeAt(start + backslashes) === 92) backslashes++;
  const quote = text.charCodeAt(start + backslashes);
  if (isQuote(quote)) {
    start += backslashes + 1;
    return schemed(text, start, closingQuote(text, start, quote, backslashes));
  }
  const span = schemed(text, start, Infinity);
  if (span === null || (key.toLowerCase().endsWith('pwd') && text.charCodeAt(start) === 47)) return null;
  return NO_VALUES.has(text.slice(span.start, span.end).toLowerCase()) ? null : span;
}

// Where the quoted value ends: at the quote that stands behind as many backslashes as the first one, else at the end.
function closingQuote(text: string, start: number, quote: number, backslashes: number): number {
  let run = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote && run === backslashes) return i - backslashes;
    run = code === 92 ? run + 1 : 0;
  }
  return text.length;
}

// `Bearer abc`: the word stays. A value that ends at once, or was masked before, is none.
function schemed(text: string, start: number, limit: number): Span | null {
  let from = start;
  for (const scheme of SCHEMES) {
    const end = start + scheme.length;
    if (text.charCodeAt(end) === 32 && text.slice(start, end).toLowerCase() === scheme) from = end + 1;
  }
  const end = limit === Infinity ? valueEnd(text, from) : limit;
  return end <= from || isPlaceholderAt(text, from) ? null : { start: from, end };
}

const isPlaceholderAt = (text: string, at: number): boolean =>
  text.charCodeAt(at) === 60 && PLACEHOLDERS.some((placeholder) => text.startsWith(placeholder, at));

function valueEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && (classOf(text.charCodeAt(end)) & END) === 0) end++;
  return end;
}

/**
 * The secret of the word at [start, end): a token of a known form that begins with it, or what follows `bearer` or `basic`
 * and looks like no word.
 */
export function wordSecret(text: string, start: number, end: number): Span | null {
  const first = text.charCodeAt(start);
  if ((classOf(first) & HEAD) === 0) return null;
  // Only where a token begins: else a long one that is of no form would be read again from each of its words.
  if (!isKeyPart(text.charCodeAt(start - 1))) {
    for (const [form, least] of FORMS) {
      if (first !== form.charCodeAt(0) || !text.startsWith(form, start)) continue;
      const token = tokenEnd(text, start);
      if (token - start >= least && (first !== 101 || text.slice(start, token).includes('.')))
        return { start, end: token };
    }
  }
  const length = end - start;
  if ((first | 32) !== 98 || (length !== 6 && length !== 5) || text.charCodeAt(end) !== 32) return null;
  const word = text.slice(start, end).toLowerCase();
  if (word !== 'bearer' && word !== 'basic') return null;
  const token = credentialEnd(text, end + 1);
  return isRandom(text, end + 1, token) ? { start: end + 1, end: token } : null;
}

// RFC 6750 `b64token`, the whole of what stands there; else `start`.
function credentialEnd(text: string, start: number): number {
  let end = start;
  while (isCredential(text.charCodeAt(end))) end++;
  while (text.charCodeAt(end) === 61) end++;
  return end === text.length || classOf(text.charCodeAt(end)) & END ? end : start;
}

const isCredential = (code: number): boolean =>
  (classOf(code) & (DIGIT | LETTER | INNER)) !== 0 || code === 43 || code === 47 || code === 126;

function tokenEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && (classOf(text.charCodeAt(end)) & (DIGIT | LETTER | INNER)) !== 0) end++;
  return end;
}

// Eight characters or more with a digit, or a capital after a small letter in it.
function isRandom(text: string, start: number, end: number): boolean {
  if (end - start < 8) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (classOf(code) & DIGIT || code === 61) return true;
    if (i > start && code >= 65 && code <= 90 && text.charCodeAt(i - 1) >= 97) return true;
  }
  return false;
}

/** The password in a URL (`scheme://user:password@host`) whose `@` is at `at`, or null. Looks 256 characters back. */
export function urlSecret(text: string, at: number): Span | null {
  let colon = -1;
  for (let i = at - 1; i >= 0 && i > at - 256; i--) {
    const code = text.charCodeAt(i);
    if (code === 58) colon = i;
    else if (code === 47) {
      const isScheme = text.charCodeAt(i - 1) === 47 && text.charCodeAt(i - 2) === 58;
      return isScheme && colon > 0 && at > colon + 1 ? { start: colon + 1, end: at } : null;
    } else if (code === 64 || (classOf(code) & END && code !== 38 && code !== 59)) return null;
  }
  return null;
}
