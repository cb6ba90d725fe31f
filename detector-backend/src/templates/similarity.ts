import { WILDCARD, wildcardBetween } from './pattern.ts';
import { isConstantAt, isUnitAt } from './unit.ts';

const PUNCTUATION = new Set([...' ,.:;!?()[]{}"\'=|'].map((character) => character.charCodeAt(0)));

/**
 * Letters only (`Paused`, `failed.`) or a constant (`SCREEN_ON`, `IPV6`): two different ones are rather two events than
 * two values.
 */
export function isWord(token: string): boolean {
  let isConstant = false;
  let isLower = false;
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i);
    if (code >= 97 && code <= 122) isLower = true;
    else if ((code < 65 || code > 90) && code < 128) {
      if (code === 95 || (code >= 48 && code <= 57)) isConstant = true;
      else if (!PUNCTUATION.has(code) || (i > 1 && i < token.length - 2)) return false;
    }
  }
  return !(isConstant && isLower);
}

/**
 * Share of the tokens from `header` on that are equal; those that are variables in both say nothing. 1 when nothing
 * differs. Both have equally many tokens.
 * @param words filled with the indices at which both have a word, but not the same
 */
export function similarity(
  template: readonly string[],
  tokens: readonly string[],
  header: number,
  words: number[],
): number {
  let equal = 0;
  let compared = 0;
  words.length = 0;
  for (let i = header; i < tokens.length; i++) {
    const token = template[i] as string;
    if (token === tokens[i]) {
      if (token.includes('<') || isUnitAt(template, i)) continue;
      equal++;
    } else if (token.includes(WILDCARD) || (isUnitAt(template, i) && isUnitAt(tokens, i))) continue;
    else if (isConstantAt(template, i) || isConstantAt(tokens, i)) continue;
    else if (isWord(token) && isWord(tokens[i] as string)) words.push(i);
    compared++;
  }
  return compared === 0 ? 1 : equal / compared;
}

/** The template's tokens with `<*>` where the line differs, or null when the template already covers the line. */
export function generalise(template: readonly string[], tokens: readonly string[]): string[] | null {
  let general: string[] | null = null;
  for (let i = 0; i < tokens.length; i++) {
    const token = template[i] as string;
    if (token === tokens[i]) continue;
    const wildcard = wildcardBetween(token, tokens[i] as string);
    if (token === wildcard) continue;
    general ??= template.slice();
    general[i] = wildcard;
  }
  return general;
}

/** Whether every line with these tokens is one of the template as it is. Both have equally many tokens. */
export function covers(template: readonly string[], tokens: readonly string[]): boolean {
  for (let i = 0; i < tokens.length; i++) {
    const token = template[i] as string;
    if (token === tokens[i]) continue;
    if (!token.includes(WILDCARD) || wildcardBetween(token, tokens[i] as string) !== token) return false;
  }
  return true;
}
