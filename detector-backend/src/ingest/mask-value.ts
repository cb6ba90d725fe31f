import { END, classOf, isKeyPart, isQuote, isWord } from './mask-class.ts';

/** Where an unquoted value ends that begins at `start`. A quote that is opened in it (`Some("x")`) belongs to it. */
export function valueEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && (classOf(text.charCodeAt(end)) & END) === 0) end++;
  const before = text.charCodeAt(end - 1);
  const isInside = end > start && (before === 40 || before === 61 || before === 91 || before === 123);
  return isInside && opensQuote(text, end) ? quotedEnd(text, end, 0) : end;
}

// Whether a quote stands there that opens: `="` also stands at the end of base64 in quotes.
function opensQuote(text: string, at: number): boolean {
  const quote = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  return isQuote(quote) && at + 1 < text.length && (next === quote || (classOf(next) & END) === 0);
}

/**
 * Where the quoted value ends that begins at `start`: at the quote that stands behind as many backslashes as the first one,
 * else at the end of the text.
 */
export function closingQuote(text: string, start: number, quote: number, backslashes: number): number {
  let run = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote && run === backslashes) return i - backslashes;
    run = code === 92 ? run + 1 : 0;
  }
  return text.length;
}

// Behind the closing quote of what the quote at `quote` opens; `backslashes` stand before each of the two.
function quotedEnd(text: string, quote: number, backslashes: number): number {
  const end = closingQuote(text, quote + 1, text.charCodeAt(quote), backslashes);
  return Math.min(text.length, end + backslashes + 1);
}

/** Where the bracket at `start` is closed; brackets in quotes do not count. The end of the text if it is not. */
export function closingBracket(text: string, start: number): number {
  let depth = 0;
  let backslashes = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 91 || code === 123) depth++;
    else if ((code === 93 || code === 125) && --depth === 0) return i;
    else if (code === 34 || (code === 39 && !isWord(text.charCodeAt(i - 1))))
      i = quotedEnd(text, i, backslashes) - 1;
    backslashes = code === 92 ? backslashes + 1 : 0;
  }
  return text.length;
}

/** Schemes of HTTP authentication (IANA registry, and those of Amazon, Elasticsearch, Rails and GitHub). */
const SCHEMES = new Set(
  (
    'basic bearer digest dpop gnap hoba mutual negotiate ntlm oauth privatetoken scram-sha-1 scram-sha-256 vapid ' +
    'apikey api-key aws aws4-hmac-sha256 aws4-ecdsa-p256-sha256 hawk jwt sharedkey sharedkeylite signature splunk token'
  ).split(' '),
);
const LONGEST_SCHEME = 24;

/** Behind the word `Bearer`, `Basic` … that begins at `start` and the blank after it; `start` if there is none. */
export function schemeEnd(text: string, start: number): number {
  let end = start;
  while (end - start < LONGEST_SCHEME && isToken(text.charCodeAt(end))) end++;
  if (end === start || text.charCodeAt(end) !== 32) return start;
  return SCHEMES.has(text.slice(start, end).toLowerCase()) ? end + 1 : start;
}

const isToken = (code: number): boolean => isWord(code) || code === 45;

/**
 * Where the credentials end (RFC 9110, section 11.4) that begin at `start`, behind their scheme: one token, or parameters
 * with commas between.
 */
export function credentialsEnd(text: string, start: number): number {
  let from = start;
  for (;;) {
    const end = itemEnd(text, from, false);
    const next = isParameter(text, from, end) ? nextParameter(text, end) : 0;
    if (next === 0) return end;
    from = next;
  }
}

/** Where a header that has blanks and commas in it ends: at the end of its line, or of the quotes or brackets around it. */
export const headerEnd = (text: string, start: number): number => itemEnd(text, start, true);

function itemEnd(text: string, start: number, isWhole: boolean): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isBlank = code === 32 || code === 9;
    if (code < 32 && !isBlank) return i;
    if (!isWhole && (isBlank || code === 44 || code === 38)) return i;
    if (code === 41 || code === 62 || code === 93 || code === 124 || code === 125) return i;
    if (code !== 92 && !isQuote(code)) continue;
    let quote = i;
    while (text.charCodeAt(quote) === 92) quote++;
    // A quote that opens a parameter belongs to the header, another one stands around it.
    if (i === start || text.charCodeAt(i - 1) !== 61 || !opensQuote(text, quote)) return i;
    i = quotedEnd(text, quote, quote - i) - 1;
  }
  return text.length;
}

// Whether `=` stands in it, and not as padding.
function isParameter(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (text.charCodeAt(i) === 61) return i + 1 < end && text.charCodeAt(i + 1) !== 61;
  }
  return false;
}

// Where `name=` begins behind a comma and blanks, else 0.
function nextParameter(text: string, end: number): number {
  if (text.charCodeAt(end) !== 44) return 0;
  let start = end + 1;
  while (text.charCodeAt(start) === 32 && start - end < 5) start++;
  let name = start;
  while (name - start < 40 && (isToken(text.charCodeAt(name)) || text.charCodeAt(name) === 95)) name++;
  return name > start && text.charCodeAt(name) === 61 ? start : 0;
}

/** Where cookies end that begin at `start`: one item, and what follows behind `; ` as `name=value`. */
export function cookiesEnd(text: string, start: number): number {
  for (let from = start; ;) {
    const end = cookieEnd(text, from);
    if (text.charCodeAt(end - 1) !== 59) return end;
    let next = end;
    while (next - end < 4 && text.charCodeAt(next) === 32) next++;
    if (!isCookie(text, next)) return end - 1;
    from = next;
  }
}

// In a value with `=` in it, `&` begins no other key.
function cookieEnd(text: string, start: number): number {
  let end = itemEnd(text, start, false);
  const has_name = text.slice(start, end).includes('=');
  while (has_name && text.charCodeAt(end) === 38) end = itemEnd(text, end + 1, false);
  return end;
}

// `name=value`, or an attribute without a value before the next item.
function isCookie(text: string, start: number): boolean {
  let name = start;
  while (isKeyPart(text.charCodeAt(name))) name++;
  const code = text.charCodeAt(name);
  return name > start && (code === 61 || code === 59);
}
