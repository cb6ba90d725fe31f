import { LITERAL, SPACE } from './skeleton.ts';
import type { Tokenizer } from './tokenizer-state.ts';

/**
 * The tokens of the line that was read last as they were written: one for each token of its masked form (`tokenize`),
 * unless repeated words were left out there; then there are more.
 */
export function rawTokens({ skeleton }: Tokenizer): string[] {
  const { kinds, starts, ends, message, count } = skeleton;
  const tokens: string[] = [];
  let token = '';
  for (let piece = 0; piece < count; piece++) {
    if (kinds[piece] === SPACE) {
      if (token !== '') tokens.push(token);
      token = ' ';
      continue;
    }
    const text = message.slice(starts[piece], ends[piece]);
    if (kinds[piece] !== LITERAL || !text.includes('=')) {
      token += text;
      continue;
    }
    // As splitPattern: a token ends after `=`, unless it begins with it.
    for (const character of text) {
      token += character;
      if (character !== '=' || token.length === 1) continue;
      tokens.push(token);
      token = '';
    }
  }
  if (token.trim() !== '') tokens.push(token);
  return tokens;
}

const PLACEHOLDER = /<(?:[A-Z]+|\*)>/g;

/** Where the value of a template's token is: between the first and the last placeholder in it. Null: it has none. */
export interface ValuePlace {
  before: string;
  after: string;
  /** `NUM`, `IP` …, `*`: what the token's only placeholder is, or the first of several. */
  type: string;
}

export function valuePlace(token: string): ValuePlace | null {
  const found = [...token.matchAll(PLACEHOLDER)];
  const [first, last] = [found[0], found.at(-1)];
  if (first === undefined || last === undefined) return null;
  return {
    before: token.slice(0, first.index).trimStart(),
    after: token.slice(last.index + last[0].length),
    type: first[0].slice(1, -1),
  };
}

/** The value that a raw token holds at such a place. */
export function valueAt({ before, after }: ValuePlace, token: string): string {
  const text = token.trim();
  const start = text.startsWith(before) ? before.length : 0;
  const end = text.endsWith(after) ? text.length - after.length : text.length;
  return start < end ? text.slice(start, end) : text;
}
