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

/** Replaces a token by `<*>` and keeps what {@link splitPattern} looks at: the pattern still splits into as many tokens. */
export const wildcardFor = (token: string): string =>
  (token.charCodeAt(0) === 32 ? ` ${WILDCARD}` : WILDCARD) + (token.endsWith('=') ? '=' : '');

/** Leaves one of several equal neighbours that hold a variable: a list of any length (`blk_1 blk_2 blk_3`) is one word. */
export function withoutRepeats(pattern: string): string {
  const words = pattern.split(' ');
  return words.filter((word, i) => i === 0 || word !== words[i - 1] || !word.includes('<')).join(' ');
}
