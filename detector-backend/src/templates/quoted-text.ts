import { isUuidAt } from './address.ts';
import { MIXED, atomKind } from './atom.ts';
import { ALPHANUMERIC, BLANK, DELIMITER, DIGIT, classOf } from './char-class.ts';
import * as skeletons from './skeleton.ts';
import { flagsOf, type Tokenizer } from './tokenizer-state.ts';

/** A quoted text longer than this is a value, whatever it says. */
const MAX_QUOTED = 256;
/** Keys of a line's text in `key="…"`. */
const MESSAGE_KEYS = new Set('msg message event text log error err reason description'.split(' '));

/**
 * Reads the quote at `start`, and what it quotes if that is a value: a word that no other mask knows but that has a
 * digit in it, a text of several words after `key=`, or a long text. Returns the index from which to go on.
 */
export function quote(state: Tokenizer, start: number, code: number): number {
  const { text, skeleton } = state;
  skeletons.addLiteral(skeleton, start, start + 1);
  const from = start + 1;
  const before = start > 0 ? text.charCodeAt(start - 1) : 32;
  // An apostrophe, but not the quote after Python's u.
  if (start <= state.closing || (classOf(before) & ALPHANUMERIC && before !== 117)) return from;
  const closing = findClosing(state, start, code);
  state.closing = closing;
  if (closing <= from) return from;
  if (closing - from <= MAX_QUOTED) {
    const flags = flagsOf(text, from, closing);
    const single = (flags & (BLANK | DELIMITER)) === 0 && flags & DIGIT;
    if (flags & BLANK && before === 61 && !isMessageKey(state)) {
      skeletons.addPlaceholder(skeleton, skeletons.STR, from, closing);
      return closing;
    }
    if (!single || atomKind(text, from, closing, flags) !== MIXED || hasUuid(text, from, closing))
      return from;
  }
  skeletons.addPlaceholder(skeleton, skeletons.STR, from, closing);
  return closing;
}

/** Whether the quote after `key=` says what happened, rather than with what. */
const isMessageKey = ({ text, key_start, key_end }: Tokenizer): boolean =>
  MESSAGE_KEYS.has(text.slice(key_start, Math.min(key_end, key_start + 12)).toLowerCase());

function findClosing(state: Tokenizer, start: number, code: number): number {
  if (state.unclosed[code] === 1) return -1;
  for (let i = start + 1; i < state.limit; i++) {
    if (state.text.charCodeAt(i) === code && !(classOf(state.text.charCodeAt(i + 1)) & ALPHANUMERIC))
      return i;
  }
  state.unclosed[code] = 1;
  return -1;
}

function hasUuid(text: string, start: number, end: number): boolean {
  for (let i = start; i + 36 <= end; i++) if (isUuidAt(text, i, end)) return true;
  return false;
}
