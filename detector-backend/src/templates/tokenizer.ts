import { isAddress } from './address.ts';
import { dateEnd } from './calendar.ts';
import * as character from './char-class.ts';
import { zoneEnd } from './clock.ts';
import { classify } from './mixed-word.ts';
import { splitPattern, withoutRepeats } from './pattern.ts';
import { quote } from './quoted-text.ts';
import * as skeletons from './skeleton.ts';
import * as spans from './spans.ts';
import { MAX_TOKENS, emit, resetTokenizer, type Tokenizer } from './tokenizer-state.ts';
import { isUserName } from './user-name.ts';

export { MAX_CHARACTERS, MAX_TOKENS, createTokenizer, type Tokenizer } from './tokenizer-state.ts';

const { classOf, isDigit, skipDigits } = character;
const { AT, BLANK, COLON, DELIMITER, DIGIT, DOT, JOINER, SLASH } = character;
/** A word without any of these has no variable in it. */
const SUSPECT = DIGIT | SLASH | AT | character.BACKSLASH;

/** So many blanks (or a tab) at the beginning of a line indent the code of a stack trace. */
const INDENT = 3;

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

/**
 * The masked line that was read last: single blanks, no control characters, well-formed Unicode. A copy, since a part of a
 * string would keep the whole message in memory as long as the template lives.
 */
export const maskedLine = ({ skeleton }: Tokenizer): string =>
  Buffer.from(withoutRepeats(skeletons.skeletonText(skeleton).trimEnd()), 'utf8').toString('utf8');

/** The tokens of a line, for the template tree. */
export function tokenize(state: Tokenizer, message: string): string[] {
  scan(state, message);
  return splitPattern(maskedLine(state));
}

function blank(state: Tokenizer, start: number): number {
  const { text, limit, skeleton } = state;
  let i = start + 1;
  while (i < limit && classOf(text.charCodeAt(i)) & BLANK) i++;
  if (isPadding(text, start, i)) return i;
  skeletons.addSpace(skeleton);
  state.tokens++;
  const isLone = i === start + 1 && text.charCodeAt(start) === 32;
  return isLone ? i : indented(state, start, i);
}

/** Blanks that pad a number after a bracket: `[    4.123456]`. */
function isPadding(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  return (before === 91 || before === 40) && isDigit(text.charCodeAt(end));
}

// Code where blanks indent a line: further on in it they are between its columns, or pad its level.
function indented(state: Tokenizer, start: number, end: number): number {
  const { text, limit, skeleton } = state;
  let line = end;
  while (line > start && text.charCodeAt(line - 1) !== 10) line--;
  const isLine = start === 0 || line > start;
  if (!isLine || (end - line < INDENT && text.charCodeAt(line) !== 9)) return end;
  const code = spans.codeEnd(text, end, limit);
  if (code > end) skeletons.addPlaceholder(skeleton, skeletons.CODE, end, code);
  return code;
}

function delimiter(state: Tokenizer, start: number, code: number): number {
  const { skeleton, text } = state;
  if (code === 34 || code === 39 || code === 96) return quote(state, start, code);
  if (code === 60 && isBound(text, start, state.limit)) {
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
    const bits = classOf(text.charCodeAt(next));
    if (bits & (DELIMITER | BLANK)) break;
    flags |= bits;
  }
  if (state.key_end === start - 1 && isUserName(state, start)) {
    skeletons.addPlaceholder(skeleton, skeletons.USER, start, next);
    return next;
  }
  const isClosed = flags & (DOT | COLON | JOINER) && isClosing(text.charCodeAt(next - 1));
  const end = isClosed ? withoutClosing(text, start, next) : next;
  if (text.charCodeAt(start) === 58 && !(flags & DIGIT && isAddress(text, start, end))) {
    let colons = start + 1;
    while (colons < next && text.charCodeAt(colons) === 58) colons++;
    skeletons.addLiteral(skeleton, start, colons);
    return colons;
  }
  // Cheap, since it is asked of every word: two digits at most, or a capital of the name of a month or a weekday.
  const first = text.charCodeAt(start);
  if (flags === DIGIT ? next - start <= 2 : first >= 65 && first <= 87) {
    const date = dateWord(state, start, next, flags);
    if (date > start) return date;
  }
  if (flags & SUSPECT) {
    classify(state, start, end, flags);
    const tail = valueEnd(state, start, end, next, flags);
    if (tail > next) return tail;
  } else emit(state, skeletons.LITERAL, start, end);
  if (end < next) skeletons.addLiteral(skeleton, end, next);
  return next;
}

function dateWord({ text, skeleton }: Tokenizer, start: number, next: number, flags: number): number {
  const name = flags === DIGIT ? next + 1 : start;
  // Most are ruled out by this, such as INFO.
  if (text.charCodeAt(name + 1) < 97 || next - start > 9 || flags & ~character.ALPHANUMERIC) return start;
  const date = dateEnd(text, start);
  if (date > start) skeletons.addPlaceholder(skeleton, skeletons.TS, start, date);
  return date;
}

/** End of a word without the punctuation after it. Two colons may end an address. */
function withoutClosing(text: string, start: number, next: number): number {
  let end = next;
  for (; end > start + 1 && isClosing(text.charCodeAt(end - 1)); end--) {
    const isPair = text.charCodeAt(end - 1) === 58 && text.charCodeAt(end - 2) === 58;
    if (isPair && text.charCodeAt(end - 3) !== 58) break;
  }
  return end;
}

// What still belongs to a value although a blank or delimiter lies between; `next` if nothing does.
function valueEnd(state: Tokenizer, start: number, end: number, next: number, flags: number): number {
  const { text, limit, skeleton } = state;
  if (flags & SLASH) {
    const query = flags & JOINER ? spans.queryEnd(text, start, next, limit) : next;
    if (query > next) skeletons.extendPlaceholder(skeleton, query);
    const protocol = spans.protocolEnd(text, query, limit);
    if (protocol > next) return protocol;
  }
  if (end !== next) return next;
  if (flags & COLON && skeletons.lastKind(skeleton) === skeletons.TS) {
    const zone = zoneEnd(text, next);
    if (zone > next) skeletons.extendPlaceholder(skeleton, zone);
    return zone;
  }
  return isDigit(text.charCodeAt(end - 1)) ? unitEnd(state, start, end) : next;
}

// A unit that changes with the number before it is a value too.
function unitEnd(state: Tokenizer, start: number, end: number): number {
  const { text, limit, skeleton } = state;
  if (state.less_than === start) return spans.unitEnd(text, end, limit);
  const unit = spans.changingUnitEnd(text, end, limit);
  if (unit === end) return end;
  skeletons.addSpace(skeleton);
  skeletons.addPlaceholder(skeleton, skeletons.UNIT, end + 1, unit);
  state.tokens++;
  return unit;
}

/** `<1 sec` or `<5`, where other lines have a plain value, but neither `<34>` nor `a<5`. */
function isBound(text: string, start: number, limit: number): boolean {
  if (start === 0 || !(classOf(text.charCodeAt(start - 1)) & BLANK)) return false;
  const end = skipDigits(text, start + 1, limit);
  return end > start + 1 && text.charCodeAt(end) !== 62;
}

const isClosing = (code: number): boolean => code === 46 || code === 58 || code === 33 || code === 63;
