import * as character from './char-class.ts';
import { classify } from './mixed-word.ts';
import { splitPattern, withoutRepeats } from './pattern.ts';
import { quote } from './quoted-text.ts';
import * as skeletons from './skeleton.ts';
import * as spans from './spans.ts';
import { MAX_TOKENS, emit, resetTokenizer, type Tokenizer } from './tokenizer-state.ts';
import { isUserName } from './user-name.ts';

export { MAX_CHARACTERS, MAX_TOKENS, createTokenizer, type Tokenizer } from './tokenizer-state.ts';

const { classOf, isDigit } = character;
const { AT, BLANK, COLON, DELIMITER, DIGIT, DOT, JOINER, SLASH } = character;
/** A word without any of these has no variable in it. */
const SUSPECT = DIGIT | SLASH | AT | character.BACKSLASH;

/** So many blanks (or a tab), not further into the line than this many tokens, may indent the code of a stack frame. */
const INDENT = 4;
const MAX_CODE_TOKENS = 10;

/**
 * Reads a line in one pass over its character codes and makes no strings; afterwards `skeleton.low` and `.high` are the
 * hash of the masked line, and `duration` is set. Linear in the line's length, at most {@link MAX_CHARACTERS}.
 */
export function scan(state: Tokenizer, message: string): void {
  resetTokenizer(state, message);
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

function blank(state: Tokenizer, start: number): number {
  const { text, limit } = state;
  let i = start + 1;
  while (i < limit && classOf(text.charCodeAt(i)) & BLANK) i++;
  skeletons.addSpace(state.skeleton);
  state.tokens++;
  const indented = i - start >= INDENT || text.charCodeAt(start) === 9;
  if (!indented || state.tokens > MAX_CODE_TOKENS || !spans.isCode(text, i, limit)) return i;
  skeletons.addPlaceholder(state.skeleton, skeletons.CODE, i, limit);
  return limit;
}

function delimiter(state: Tokenizer, start: number, code: number): number {
  const { skeleton, text } = state;
  if (code === 34 || code === 39 || code === 96) return quote(state, start, code);
  if (code === 60 && isDigit(text.charCodeAt(start + 1)) && isBlankBefore(text, start)) {
    state.less_than = start + 1;
    return start + 1;
  }
  skeletons.addLiteral(skeleton, start, start + 1);
  if (code === 61) state.tokens++;
  const end = code === 91 ? spans.contextEnd(state.text, start, state.limit) : 0;
  if (end === 0) return start + 1;
  skeletons.addPlaceholder(skeleton, skeletons.ID, start + 1, end - 1);
  skeletons.addLiteral(skeleton, end - 1, end);
  return end;
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
  if (state.key_end === start - 1 && isUserName(state, start)) {
    skeletons.addPlaceholder(skeleton, skeletons.USER, start, next);
    return next;
  }
  if (text.charCodeAt(start) === 58) {
    let colons = start + 1;
    while (colons < next && text.charCodeAt(colons) === 58) colons++;
    skeletons.addLiteral(skeleton, start, colons);
    return colons;
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
      skeletons.addPlaceholder(skeleton, skeletons.TS, start, calendar);
      return calendar;
    }
    emit(state, skeletons.LITERAL, start, end);
  }
  if (end < next) skeletons.addLiteral(skeleton, end, next);
  return next;
}

// What still belongs to a value although a blank or delimiter lies between; `next` if nothing does.
function valueEnd(state: Tokenizer, start: number, end: number, next: number, flags: number): number {
  const { text, limit } = state;
  if (flags & SLASH) {
    const query = flags & JOINER ? spans.queryEnd(text, start, next, limit) : next;
    if (query > next) skeletons.extendPlaceholder(state.skeleton, query);
    const protocol = spans.protocolEnd(text, query, limit);
    if (protocol > next) return protocol;
  }
  if (end !== next) return next;
  if (flags & COLON) {
    const milliseconds = spans.millisecondsEnd(text, next, limit);
    if (milliseconds > next) skeletons.extendPlaceholder(state.skeleton, milliseconds);
    return milliseconds;
  }
  return isDigit(text.charCodeAt(end - 1)) ? unitEnd(state, start, end) : next;
}

// A unit that changes with the number before it is a value too.
function unitEnd(state: Tokenizer, start: number, end: number): number {
  const { text, limit, skeleton } = state;
  if (state.less_than === start) return spans.lettersEnd(text, end, limit);
  const unit = spans.changingUnitEnd(text, end, limit);
  if (unit === end) return end;
  skeletons.addSpace(skeleton);
  skeletons.addPlaceholder(skeleton, skeletons.UNIT, end + 1, unit);
  state.tokens++;
  return unit;
}

const isBlankBefore = (text: string, start: number): boolean =>
  start > 0 && (classOf(text.charCodeAt(start - 1)) & BLANK) !== 0;

const isClosing = (code: number): boolean => code === 46 || code === 58 || code === 33 || code === 63;
