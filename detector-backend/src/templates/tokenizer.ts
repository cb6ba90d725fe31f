import { MIXED, atomKind, isUuidAt, segmentKind, unitStart } from './atom.ts';
import * as character from './char-class.ts';
import { durationOf } from './duration.ts';
import { splitPattern, withoutRepeats } from './pattern.ts';
import * as skeletons from './skeleton.ts';
import * as spans from './spans.ts';

const { classOf, isDigit, skipDigits } = character;
const { ALPHANUMERIC, BLANK, COLON, DELIMITER, DIGIT, DOT, JOINER, SLASH } = character;
/** A word without any of these has no variable in it. */
const SUSPECT = DIGIT | SLASH | character.AT | character.BACKSLASH;

/** Only so much of a line is looked at. */
export const MAX_CHARACTERS = 8192;
export const MAX_TOKENS = 256;
/** A quoted text longer than this is a value, whatever it says. */
const MAX_QUOTED = 256;
/** So many blanks (or a tab), not further into the line than this many tokens, may indent the code of a stack frame. */
const INDENT = 4;
const MAX_CODE_TOKENS = 10;

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
  has_surrogates: boolean;
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
  has_surrogates: false,
  closing: -1,
  unclosed: new Uint8Array(128),
});

/**
 * Reads a line in one pass over its character codes and makes no strings; afterwards `skeleton.low` and `.high` are the
 * hash of the masked line, and `duration` is set. Linear in the line's length, at most {@link MAX_CHARACTERS}.
 */
export function scan(state: Tokenizer, message: string): void {
  reset(state, message);
  const { text, limit } = state;
  for (let i = 0; i < limit && state.tokens <= MAX_TOKENS;) {
    const code = text.charCodeAt(i);
    const bits = classOf(code);
    if (bits & BLANK) i = blank(state, i);
    else i = bits & DELIMITER ? delimiter(state, i, code) : word(state, i);
  }
  skeletons.hashSkeleton(state.skeleton);
}

/** The masked line that was read last: single blanks, no control characters, well-formed Unicode. */
export function maskedLine(state: Tokenizer): string {
  const pattern = withoutRepeats(skeletons.skeletonText(state.skeleton).trimEnd());
  return state.has_surrogates ? Buffer.from(pattern, 'utf8').toString('utf8') : pattern;
}

/** The tokens of a line, for the template tree. */
export function tokenize(state: Tokenizer, message: string): string[] {
  scan(state, message);
  return splitPattern(maskedLine(state));
}

function reset(state: Tokenizer, message: string): void {
  state.text = message;
  state.limit = Math.min(message.length, MAX_CHARACTERS);
  state.tokens = 1;
  state.duration = NaN;
  state.key_start = state.key_end = 0;
  state.has_surrogates = false;
  state.closing = -1;
  state.unclosed[34] = state.unclosed[39] = state.unclosed[96] = 0;
  skeletons.resetSkeleton(state.skeleton, message);
}

function blank(state: Tokenizer, start: number): number {
  const { text, limit } = state;
  let i = start + 1;
  while (i < limit && classOf(text.charCodeAt(i)) & BLANK) i++;
  skeletons.addSpace(state.skeleton);
  state.tokens++;
  const indented = i - start >= INDENT || text.charCodeAt(start) === 9;
  if (!indented || state.tokens > MAX_CODE_TOKENS || !spans.isCode(text, i, limit)) return i;
  skeletons.addPlaceholder(state.skeleton, skeletons.CODE);
  return limit;
}

function delimiter(state: Tokenizer, start: number, code: number): number {
  const { skeleton } = state;
  const isDropped = skeleton.dropped_bracket && code === 41;
  skeleton.dropped_bracket = false;
  if (isDropped) return start + 1;
  if (code === 34 || code === 39 || code === 96) return quote(state, start, code);
  skeletons.addLiteral(skeleton, start, start + 1);
  if (code === 61) state.tokens++;
  const end = code === 91 ? spans.contextEnd(state.text, start, state.limit) : 0;
  if (end === 0) return start + 1;
  skeletons.addPlaceholder(skeleton, skeletons.ID);
  skeletons.addLiteral(skeleton, end - 1, end);
  return end;
}

// A quoted word that no other mask knows but that has a digit in it, or a long quoted text, is a value.
function quote(state: Tokenizer, start: number, code: number): number {
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
    if (!single || atomKind(text, from, closing, flags) !== MIXED || hasUuid(text, from, closing))
      return from;
  }
  skeletons.addPlaceholder(skeleton, skeletons.STR);
  return closing;
}

function findClosing(state: Tokenizer, start: number, code: number): number {
  if (state.unclosed[code] === 1) return -1;
  for (let i = start + 1; i < state.limit; i++) {
    if (state.text.charCodeAt(i) === code && !(classOf(state.text.charCodeAt(i + 1)) & ALPHANUMERIC))
      return i;
  }
  state.unclosed[code] = 1;
  return -1;
}

function word(state: Tokenizer, start: number): number {
  const { text, limit, skeleton } = state;
  let flags = 0;
  let next = start;
  for (; next < limit; next++) {
    const code = text.charCodeAt(next);
    const bits = classOf(code);
    if (bits & (DELIMITER | BLANK)) break;
    flags |= bits;
    if (code >= 0xd800 && code <= 0xdfff) state.has_surrogates = true;
  }
  let end = next;
  if (flags & (DOT | COLON | JOINER)) while (end > start + 1 && isClosing(text.charCodeAt(end - 1))) end--;
  if (flags & SUSPECT) {
    classify(state, start, end, flags);
    const tail = valueEnd(state, start, end, next, flags);
    if (tail > next) return tail;
  } else {
    const calendar = next - start === 3 ? spans.calendarEnd(text, start, limit) : 0;
    if (calendar > 0) {
      skeletons.addPlaceholder(skeleton, skeletons.TS);
      return calendar;
    }
    emit(state, skeletons.LITERAL, start, end);
  }
  if (end < next) skeletons.addLiteral(skeleton, end, next);
  return next;
}

// What still belongs to a value although a blank or delimiter lies between; `next` if nothing does.
function valueEnd(
  { text, limit }: Tokenizer,
  start: number,
  end: number,
  next: number,
  flags: number,
): number {
  if (flags & SLASH && flags & JOINER) return spans.queryEnd(text, start, next, limit);
  if (end !== next) return next;
  if (flags & COLON) return spans.millisecondsEnd(text, next, limit);
  return isDigit(text.charCodeAt(end - 1)) ? spans.sizeUnitEnd(text, end, limit) : next;
}

function classify(state: Tokenizer, start: number, end: number, flags: number): void {
  const kind = atomKind(state.text, start, end, flags);
  if (kind === MIXED) mixed(state, start, end, flags);
  else emit(state, kind, start, end);
}

// A word with one slash is two words: `host-7/10.1.2.3:80`.
function mixed(state: Tokenizer, start: number, end: number, flags: number): void {
  const { text, skeleton } = state;
  const slash = flags & SLASH ? text.indexOf('/', start) : -1;
  if (slash > start && slash < end - 1) {
    classify(state, start, slash, flagsOf(text, start, slash));
    skeletons.addLiteral(skeleton, slash, slash + 1);
    classify(state, slash + 1, end, flagsOf(text, slash + 1, end));
    return;
  }
  for (let i = start; i < end;) {
    if (classOf(text.charCodeAt(i)) & ALPHANUMERIC) i = segment(state, i, end);
    else skeletons.addLiteral(skeleton, i, ++i);
  }
}

// A run of letters and digits inside a mixed word, from `start` to the index that is returned.
function segment(state: Tokenizer, start: number, end: number): number {
  const { text, skeleton } = state;
  if (isUuidAt(text, start, end)) {
    skeletons.addPlaceholder(skeleton, skeletons.UUID);
    return start + 36;
  }
  let next = start;
  while (next < end && classOf(text.charCodeAt(next)) & ALPHANUMERIC) next++;
  const kind = segmentKind(text, start, next);
  if (kind === MIXED) {
    let digits = next;
    while (isDigit(text.charCodeAt(digits - 1))) digits--;
    emit(state, skeletons.LITERAL, start, digits);
    skeletons.addPlaceholder(skeleton, skeletons.NUM);
    return next;
  }
  if (kind === skeletons.NUM) {
    const before = start > 1 ? classOf(text.charCodeAt(start - 2)) : BLANK;
    if (text.charCodeAt(start - 1) === 45 && !(before & ALPHANUMERIC)) skeletons.dropSign(skeleton);
    next = numberEnd(text, next, end);
  }
  emit(state, kind, start, next);
  return next;
}

/** Further groups of a number that begins before `next`: `.5`, `.2.3`, and a unit of letters after them. */
function numberEnd(text: string, next: number, end: number): number {
  let i = next;
  while (text.charCodeAt(i) === 46 && i + 1 < end && isDigit(text.charCodeAt(i + 1)))
    i = skipDigits(text, i + 1, end);
  if (i === next) return next;
  let unit = i;
  while (unit < end && unit - i < 6 && classOf(text.charCodeAt(unit)) & ALPHANUMERIC) unit++;
  return unitStart(text, next - 1, unit) >= 0 ? unit : i;
}

function emit(state: Tokenizer, kind: number, start: number, end: number): void {
  if (kind === skeletons.LITERAL) {
    skeletons.addLiteral(state.skeleton, start, end);
    state.key_start = start;
    state.key_end = end;
    return;
  }
  skeletons.addPlaceholder(state.skeleton, kind);
  if (kind === skeletons.NUM && Number.isNaN(state.duration)) state.duration = durationAt(state, start, end);
}

function durationAt({ text, limit, key_start, key_end }: Tokenizer, start: number, end: number): number {
  const gap = start - key_end;
  const isKeyed =
    gap === 1 ||
    (gap === 2 && text.charCodeAt(start - 1) === 32) ||
    (gap === 2 && text.charCodeAt(key_end) === 61);
  return durationOf(text, start, end, limit, isKeyed ? key_start : 0, isKeyed ? key_end : 0);
}

function flagsOf(text: string, start: number, end: number): number {
  let flags = 0;
  for (let i = start; i < end; i++) flags |= classOf(text.charCodeAt(i));
  return flags;
}

function hasUuid(text: string, start: number, end: number): boolean {
  for (let i = start; i + 36 <= end; i++) if (isUuidAt(text, i, end)) return true;
  return false;
}

const isClosing = (code: number): boolean => code === 46 || code === 58 || code === 33 || code === 63;
