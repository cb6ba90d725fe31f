import { classOf } from './char-class.ts';
import { durationOf } from './duration.ts';
import * as skeletons from './skeleton.ts';

/** Only so much of a line is looked at. */
export const MAX_CHARACTERS = 8192;
export const MAX_TOKENS = 256;

/** A line being masked. One is used for all lines: what it says about a line holds until the next `scan`. */
export interface Tokenizer {
  readonly skeleton: skeletons.Skeleton;
  text: string;
  /** End of what is looked at. */
  limit: number;
  tokens: number;
  /** First duration-like value of the line in ms, NaN if there is none. */
  duration: number;
  /** The last word that is no variable: the key of the number that follows it. */
  key_start: number;
  key_end: number;
  /** The word before that. */
  before_start: number;
  before_end: number;
  /** Where the number of `<1 sec` begins. */
  less_than: number;
  /** What lies before this index is known to be no identifier. */
  plain_end: number;
  /** End of the last dotted name that was neither a file nor a host, and where its last part without a digit begins. */
  dotted_end: number;
  dotted_plain: number;
  /** Where the quote that was opened last ends. */
  closing: number;
  /** By the code of a quote: 1 once the rest of the line is known to have no closing one. */
  readonly unclosed: Uint8Array;
}

export const createTokenizer = (): Tokenizer => ({
  skeleton: skeletons.createSkeleton(MAX_CHARACTERS + 1),
  text: '',
  limit: 0,
  tokens: 0,
  duration: NaN,
  key_start: 0,
  key_end: 0,
  before_start: 0,
  before_end: 0,
  less_than: -1,
  plain_end: 0,
  dotted_end: 0,
  dotted_plain: 0,
  closing: -1,
  unclosed: new Uint8Array(128),
});

/** Begins with another line. */
export function resetTokenizer(state: Tokenizer, message: string): void {
  state.text = message;
  state.limit = Math.min(message.length, MAX_CHARACTERS);
  state.tokens = 1;
  state.duration = NaN;
  state.key_start = state.key_end = state.before_start = state.before_end = 0;
  state.less_than = -1;
  state.plain_end = 0;
  state.dotted_end = state.dotted_plain = 0;
  state.closing = -1;
  state.unclosed[34] = state.unclosed[39] = state.unclosed[96] = 0;
  skeletons.resetSkeleton(state.skeleton, message);
}

/** Adds a piece of the kind that [start, end) of the line is. */
export function emit(state: Tokenizer, kind: number, start: number, end: number): void {
  if (kind === skeletons.LITERAL) {
    skeletons.addLiteral(state.skeleton, start, end);
    state.before_start = state.key_start;
    state.before_end = state.key_end;
    state.key_start = start;
    state.key_end = end;
    return;
  }
  skeletons.addPlaceholder(state.skeleton, kind, start, end);
  if (kind === skeletons.NUM && Number.isNaN(state.duration)) state.duration = durationAt(state, start, end);
}

function durationAt({ text, limit, key_start, key_end }: Tokenizer, start: number, end: number): number {
  const gap = start - key_end;
  const isKeyed =
    gap === 1 ||
    (gap === 2 && (text.charCodeAt(start - 1) === 32 || text.charCodeAt(start - 1) === 58)) ||
    (gap === 2 && text.charCodeAt(key_end) === 61);
  return durationOf(text, start, end, limit, isKeyed ? key_start : 0, isKeyed ? key_end : 0);
}

/** Class bits of the characters in [start, end), OR'ed. */
export function flagsOf(text: string, start: number, end: number): number {
  let flags = 0;
  for (let i = start; i < end; i++) flags |= classOf(text.charCodeAt(i));
  return flags;
}
