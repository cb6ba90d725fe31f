/** Stands for a token that differs between the lines of a template. */
export const WILDCARD = '<*>';

/**
 * Tokens of a masked line, or of a template's pattern: each begins with its blank, and ends before the next blank or
 * after `=`, so joining them gives the pattern back, and `key=` and value are compared apart.
 */
export function splitPattern(pattern: string): string[] {
  const tokens: string[] = [];
  let start = 0;
  for (let i = 1; i < pattern.length; i++) {
    const afterEquals = pattern.charCodeAt(i - 1) === 61 && i - 1 > start;
    if (pattern.charCodeAt(i) !== 32 && !afterEquals) continue;
    tokens.push(pattern.slice(start, i));
    start = i;
  }
  if (start < pattern.length) tokens.push(pattern.slice(start));
  return tokens;
}

/** Punctuation that may end what stands before a value. Not `<` and `>`, the marks of placeholders, and not `_`. */
const isBorder = (code: number): boolean =>
  code < 48 ||
  (code > 57 && code < 65 && code !== 60 && code !== 62) ||
  (code > 90 && code < 97 && code !== 95) ||
  (code > 122 && code < 128);

/**
 * `<*>` for the token of a template and another one, between what both have up to a border: `close(a),` and
 * `close(b),` are `close(<*>),`. It keeps what {@link splitPattern} looks at in the template's token: the pattern
 * still splits into as many tokens. Taking the result for the template's token again changes nothing.
 */
export function wildcardBetween(token: string, other: string): string {
  const first = token.indexOf(WILDCARD);
  const before = first < 0 ? token.length : first;
  const after = first < 0 ? 0 : token.lastIndexOf(WILDCARD) + WILDCARD.length;
  let left = 0;
  for (let i = 0; i < before && i < other.length && token[i] === other[i]; i++)
    if (isBorder(token.charCodeAt(i))) left = i + 1;
  const most = Math.min(token.length - Math.max(after, left), other.length - left);
  let right = 0;
  for (let i = 1; i <= most && token[token.length - i] === other[other.length - i]; i++)
    if (isBorder(token.charCodeAt(token.length - i))) right = i;
  const start = left === 0 && token.charCodeAt(0) === 32 ? ' ' : token.slice(0, left);
  const end = right === 0 && token.endsWith('=') ? '=' : token.slice(token.length - right);
  return start + WILDCARD + end;
}

/** `<*>` in place of a token, between its own punctuation. */
export function wildcardFor(token: string): string {
  let start = 0;
  let end = token.length;
  while (start < end && isBorder(token.charCodeAt(start))) start++;
  while (end > start && isBorder(token.charCodeAt(end - 1))) end--;
  return start < end ? token.slice(0, start) + WILDCARD + token.slice(end) : wildcardBetween(token, '');
}

/** Words of the longest record in a list. */
const MAX_RECORD = 4;

/**
 * Leaves one of several equal neighbours that hold a variable: a list of any length (`blk_1 blk_2 blk_3`) is one word,
 * a list of records (`node-1 0x3 ok node-2 0x7 ok`) is one record.
 */
export function withoutRepeats(pattern: string): string {
  if (!pattern.includes('<')) return pattern;
  const words: string[] = [];
  for (const word of pattern.split(' ')) {
    words.push(word);
    for (let length = 1; length <= MAX_RECORD; length++) {
      if (!isRepeated(words, length)) continue;
      words.length -= length;
      break;
    }
  }
  return words.join(' ');
}

/** Whether the last `length` words hold a variable and are the same as those before them. */
function isRepeated(words: readonly string[], length: number): boolean {
  const at = words.length - length;
  let hasVariable = false;
  for (let i = at; i < words.length; i++) {
    if (i < length || words[i] !== words[i - length]) return false;
    hasVariable ||= (words[i] as string).includes('<');
  }
  return hasVariable;
}

const PLACEHOLDER = /<(?:[A-Z]+|\*)>/;
const RUN = new RegExp(`(${PLACEHOLDER.source})(?: ?${PLACEHOLDER.source})+`, 'g');

/** A pattern as people read it: neighbouring placeholders, such as a number and its changing unit, are one. */
export const readablePattern = (pattern: string): string => pattern.replace(RUN, '$1');
