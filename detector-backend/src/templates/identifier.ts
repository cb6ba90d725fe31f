import { ALPHANUMERIC, DIGIT, HEX_LETTER, LETTER, classOf, isDigit, skipDigits } from './char-class.ts';
import { isUuidAt } from './address.ts';
import { segmentKind } from './atom.ts';
import { HEX, LITERAL } from './skeleton.ts';
import type { Tokenizer } from './tokenizer-state.ts';

/** Letters of a file's extension at most. */
const MAX_EXTENSION = 4;

/** What joins the parts of a name, besides dots. */
const isJoint = (code: number): boolean => code === 95 || code === 45 || code === 126;

/** What is between the joints of a name. */
interface Parts {
  count: number;
  /** Parts with a digit in them, and those of them that are variables for themselves. */
  coded: number;
  variable: number;
  dots: number;
  /** Where the last part without a digit in it begins. */
  plain: number;
  /** Whether the last part is a variable, and whether the one before it is. */
  last: boolean;
  before_last: boolean;
  last_length: number;
  /** A part that is no number, or numbers joined by `_`. */
  has_name: boolean;
}

/**
 * End of the name that begins at `start` if it is the value of one thing: letters and numbers joined by `_`, `-` and
 * `~`, such as `blk_-38`, `worker12`, `attempt_1445_m_0`, `R25-M1-N2`, or with dots a host (`cp-1.vm.example.org`), a
 * file (`part-0042.log`) or a version (`v6.1.7601-rc1`). Else minus the end of what is none, so that nobody asks again
 * for a part of it. A name with a number in its middle is none, it may be a function's (`base64_decode`), nor is one
 * with a UUID in it.
 */
export function identifierEnd(state: Tokenizer, start: number, limit: number): number {
  const { text } = state;
  if (start < state.dotted_end) {
    // What ends as a name that is no file and no host is none either, nor is it all of codes: its first part is what is left
    // to look at, or a long name would be looked at again from each of its parts to its end.
    const word = firstWord(text, start, limit);
    const first = firstDot(text, start, limit);
    if (first > start && (start <= state.dotted_plain || !isCoded(text, word, limit)))
      return word > first ? -text.lastIndexOf('.', word) - 1 : firstPartEnd(text, start, first, limit);
  }
  let end = start;
  let dot = 0;
  let flags = 0;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    const bits = classOf(code);
    if (code === 46) dot = dot || end;
    else if ((bits & ALPHANUMERIC) === 0 && !isJoint(code)) break;
    flags |= bits;
  }
  const stop = Math.max(end, start + 1);
  end = withoutJoints(text, start, end);
  // Joints alone: all of them at once.
  const none = end > start ? -end : -stop;
  if ((flags & DIGIT) === 0) return none;
  const whole = partsOf(text, start, end);
  if (whole === null || !whole.has_name) return none;
  if (whole.dots === 0 || whole.coded === whole.count) return whole.last || whole.coded > 1 ? end : none;
  const isFile = whole.before_last && !whole.last && whole.last_length <= MAX_EXTENSION;
  const isHost = whole.dots >= 2 && whole.variable > 0 && !whole.last;
  if (isFile || isHost) return end;
  state.dotted_end = end;
  state.dotted_plain = whole.plain;
  return firstPartEnd(text, start, dot, limit);
}

function firstPartEnd(text: string, start: number, dot: number, limit: number): number {
  const end = withoutJoints(text, start, dot);
  const first = partsOf(text, start, end);
  const is = first !== null && first.has_name && (first.last || first.coded > 1);
  return is ? numbersEnd(text, end, limit) : -Math.max(end, start + 1);
}

/** The first dot of the name that begins at `start`, else `start`. */
function firstDot(text: string, start: number, limit: number): number {
  for (let i = start; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) return i;
    if (!(classOf(code) & ALPHANUMERIC) && !isJoint(code)) return start;
  }
  return start;
}

/** Where the first letters and digits of the name at `start` begin. */
function firstWord(text: string, start: number, limit: number): number {
  let i = start;
  while (i < limit && (isJoint(text.charCodeAt(i)) || text.charCodeAt(i) === 46)) i++;
  return i;
}

/** Whether the letters and digits at `start` have a digit among them. */
function isCoded(text: string, start: number, limit: number): boolean {
  for (let i = start; i < limit && classOf(text.charCodeAt(i)) & ALPHANUMERIC; i++)
    if (isDigit(text.charCodeAt(i))) return true;
  return false;
}

/** End of the `.1.2` at `start`. */
function numbersEnd(text: string, start: number, limit: number): number {
  let i = start;
  while (i + 1 < limit && text.charCodeAt(i) === 46 && isDigit(text.charCodeAt(i + 1)))
    i = skipDigits(text, i + 1, limit);
  return i < limit && (classOf(text.charCodeAt(i)) & ALPHANUMERIC) !== 0 ? start : i;
}

function withoutJoints(text: string, start: number, end: number): number {
  let i = end;
  while (i > start && !(classOf(text.charCodeAt(i - 1)) & ALPHANUMERIC)) i--;
  return i;
}

// One for all: a word in a hundred lines is worth no object.
const PARTS: Parts = {
  count: 0,
  coded: 0,
  variable: 0,
  dots: 0,
  plain: -1,
  last: false,
  before_last: false,
  last_length: 0,
  has_name: false,
};

/** The parts of a name, until the next call; null if one is a UUID. */
function partsOf(text: string, start: number, end: number): Parts | null {
  const parts = PARTS;
  parts.count = parts.coded = parts.variable = parts.dots = parts.last_length = 0;
  parts.plain = -1;
  parts.last = parts.before_last = parts.has_name = false;
  for (let i = start; i < end;) {
    const code = text.charCodeAt(i);
    if (!(classOf(code) & ALPHANUMERIC)) {
      if (code === 46) parts.dots++;
      else if (code === 95) parts.has_name = true;
      i++;
      continue;
    }
    if (end - i >= 36 && isUuidAt(text, i, end)) return null;
    i = addPart(parts, text, i, end);
  }
  return parts;
}

function addPart(parts: Parts, text: string, start: number, end: number): number {
  let next = start;
  let flags = 0;
  for (; next < end && classOf(text.charCodeAt(next)) & ALPHANUMERIC; next++)
    flags |= classOf(text.charCodeAt(next));
  const kind = flags & DIGIT ? segmentKind(text, start, next) : LITERAL;
  parts.count++;
  parts.before_last = parts.last;
  parts.last = kind !== LITERAL;
  parts.last_length = next - start;
  if (flags & DIGIT) parts.coded++;
  else parts.plain = start;
  if (parts.last) parts.variable++;
  if (!isDigit(text.charCodeAt(start)) && kind !== HEX) parts.has_name = true;
  return next;
}

/** End of a port (`:8030`) that begins at `start` and ends the word, else `start`. */
export function portEnd(text: string, start: number, end: number): number {
  if (text.charCodeAt(start) !== 58) return start;
  const next = skipDigits(text, start + 1, end);
  return next > start + 1 && next === end ? next : start;
}

/** Whether all of a word up to `end` are letters, digits, dots and dashes: a host's name. */
export function isHostName(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!(classOf(code) & (DIGIT | LETTER | HEX_LETTER)) && code !== 45 && code !== 46) return false;
  }
  return end > start;
}
