import { isDigit, isKeyPart, isQuote, isWord } from './mask-class.ts';
import { isRandom, isSecretValue, secretKeyAt, type SecretKey } from './mask-key.ts';
import { isNoValue, isProse, isUrl, looksMade } from './mask-no-value.ts';
import { pairKeyAt } from './mask-pair.ts';
import { SECRET, isPlaceholderAt, type Span } from './mask-placeholder.ts';
import {
  closingBracket,
  closingQuote,
  cookiesEnd,
  credentialsEnd,
  headerEnd,
  schemeEnd,
  valueEnd,
} from './mask-value.ts';

const MAX_CHECKED = 4096;
/** Blanks before a setter and behind it, as in aligned output. */
const MAX_BLANKS = 32;
const MAX_PATH = 64;

/**
 * The secret behind the `=` or `:` at `setter`, or null. Its key may be in quotes, also in escaped ones.
 * @param from end of the setter: `%3D` has three characters
 * @param first what stands before it was masked
 */
export function assignedSecret(text: string, setter: number, from: number, first: number): Span | null {
  let end = setter;
  while (setter - end < MAX_BLANKS && isBlank(text.charCodeAt(end - 1))) end--;
  const key = secretKeyAt(text, end) ?? pairKeyAt(text, end);
  if (key === null) return null;
  const start = valueStart(text, from);
  const code = text.charCodeAt(start);
  if (code === 123 || code === 91) return bracketed(text, start);
  const span = quotedSecret(text, start) ?? unquoted(text, start, { key, end, setter, from, first });
  if (span === null || span.end <= span.start) return null;
  // What is longer is no count, and would be read again and again.
  return span.end - span.start > MAX_CHECKED || isSecretValue(key, text.slice(span.start, span.end))
    ? span
    : null;
}

/** A key that ends at `end`, and its setter: [setter, from). What stands before `first` was masked. */
interface Assignment {
  key: SecretKey;
  end: number;
  setter: number;
  from: number;
  first: number;
}

// `=>`, `==`, `:=`, and blanks.
function valueStart(text: string, from: number): number {
  let start = from;
  while (text.charCodeAt(start) === 61 || text.charCodeAt(start) === 62) start++;
  for (let blanks = 0; blanks < MAX_BLANKS && isBlank(text.charCodeAt(start)); blanks++) start++;
  return start;
}

const isBlank = (code: number): boolean => code === 32 || code === 9;

/** What stands in quotes, also in those of `b'…'`; null if there are none. Empty when it was masked before. */
export function quotedSecret(text: string, from: number): Span | null {
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

function unquoted(text: string, from: number, assignment: Assignment): Span | null {
  // A private key, found by its first line (mask-token.ts).
  if (text.startsWith('-----BEGIN', from) || isEmpty(text, from, assignment)) return null;
  const { key } = assignment;
  const start = schemeEnd(text, from);
  if (isPlaceholderAt(text, start)) return null;
  if (key.kind === 'path' && text.charCodeAt(start) === 47) return null;
  const end = valueEnd(text, start);
  const isColon = text.charCodeAt(assignment.from - 1) === 58;
  const cookies = isCookie(key) ? cookieValueEnd(text, start, end, isColon) : 0;
  if (cookies > 0) return { start, end: cookies };
  if (end - start > MAX_CHECKED) return { start, end };
  const value = text.slice(start, end);
  if (isNoValue(value)) return null;
  if (isColon && from > assignment.from && isMessage(text, value, assignment)) return null;
  return { start, end: key.name === 'authorization' ? authorizationEnd(text, start, from) : end };
}

// `password= user=bob`, with a blank on neither side else: what follows is the next key.
function isEmpty(text: string, start: number, { end, setter, from }: Assignment): boolean {
  if (end < setter || start === from || text.charCodeAt(from - 1) !== 61 || !isBlank(text.charCodeAt(from)))
    return false;
  if (!isWord(text.charCodeAt(start)) || isDigit(text.charCodeAt(start))) return false;
  let name = start + 1;
  while (isNamePart(text.charCodeAt(name))) name++;
  const next = text.charCodeAt(name + 1);
  return text.charCodeAt(name) === 61 && (isQuote(next) || (next !== 61 && next > 32));
}

// With what is masked in it, a name is one still.
const isNamePart = (code: number): boolean => isKeyPart(code) || code === 60 || code === 62;
const isCookie = ({ name }: SecretKey): boolean => name === 'cookie' || name === 'cookies';

/** Whether a value behind a colon and a blank is none, but what a message says of the key, or of a path that ends like one. */
function isMessage(text: string, value: string, { key, end, first }: Assignment): boolean {
  // Of a test: `PASS: TestLogin2`. Of nginx: `proxy_pass: http://…`.
  if (key.kind === 'number' && text.endsWith('PASS', end)) return true;
  if (key.name === 'pass' && isUrl(value)) return true;
  return (isProse(key) || isCookie(key) || endsPath(text, end, first)) && !looksMade(value);
}

// `/etc/passwd`. Not behind what was masked: masked again, it would have another start.
function endsPath(text: string, end: number, first: number): boolean {
  let start = end;
  while (end - start < MAX_PATH && isKeyPart(text.charCodeAt(start - 1))) start--;
  return start > first && text.charCodeAt(start - 1) === 47;
}

function authorizationEnd(text: string, start: number, from: number): number {
  const end = credentialsEnd(text, start);
  // Behind a scheme that is not known; behind `authorization=letmein` the next key stands.
  if (start > from || text.charCodeAt(start - 1) === 61 || text.charCodeAt(end) !== 32) return end;
  const next = credentialsEnd(text, end + 1);
  return isRandom(text, end + 1, next) ? next : end;
}

// 0 where no cookies stand. Behind a colon, they are a header: to its end.
function cookieValueEnd(text: string, start: number, end: number, isColon: boolean): number {
  const cookies = cookiesEnd(text, start);
  if (cookies <= end && !text.slice(start, end).includes('=')) return 0;
  const last = isColon ? headerEnd(text, start) : cookies;
  return last > start ? last : 0;
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
  return value === SECRET || isNoValue(value) ? null : { start: start + 1, end };
}
