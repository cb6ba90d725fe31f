import { hexNumberEnd, ipv4Length, ipv6Length, isAddress, isUuidAt } from './address.ts';
import { MIXED, atomKind, segmentKind, unitStart } from './atom.ts';
import {
  ALPHANUMERIC,
  AT,
  BLANK,
  COLON,
  SLASH,
  classOf,
  indexOf,
  isDigit,
  skipDigits,
} from './char-class.ts';
import { identifierEnd, isHostName, portEnd } from './identifier.ts';
import * as skeletons from './skeleton.ts';
import * as spans from './spans.ts';
import { emit, flagsOf, type Tokenizer } from './tokenizer-state.ts';

/** What is longer is no value as a whole, or asking that after each slash would take time that grows with its square. */
const LONGEST_VALUE = 256;

/** Adds the word in [start, end): as the variable that it is, or else piece by piece. */
export function classify(state: Tokenizer, start: number, end: number, flags: number): void {
  if (flags & SLASH && flags & COLON) {
    const path = spans.keyedPath(state.text, start, end);
    if (path > start) {
      emit(state, skeletons.LITERAL, start, path);
      start = path;
    }
  }
  const kind = atomKind(state.text, start, end, flags);
  if (kind === MIXED) mixed(state, start, end, flags);
  else emit(state, kind, start, end);
}

// A word with one slash is two words, but a host's name and its address (`host-7/10.1.2.3:80`) are one.
function mixed(state: Tokenizer, start: number, end: number, flags: number): void {
  const { text, skeleton } = state;
  const slash = flags & SLASH ? indexOf(text, 47, start, end) : -1;
  if (slash > start && slash < end - 1) {
    if (isAddress(text, slash + 1, end) && isHostName(text, start, slash)) {
      emit(state, skeletons.HOST, start, end);
      return;
    }
    classify(state, start, slash, flagsOf(text, start, slash));
    skeletons.addLiteral(skeleton, slash, slash + 1);
    const rest = slash + 1;
    if (end - rest > LONGEST_VALUE) mixed(state, rest, end, flags);
    else classify(state, rest, end, flagsOf(text, rest, end));
    return;
  }
  const at = flags & AT ? indexOf(text, 64, start, end) : -1;
  if (at > start && at < end - 1 && indexOf(text, 64, at + 1, end) < 0) {
    classify(state, start, at, flagsOf(text, start, at));
    skeletons.addLiteral(skeleton, at, at + 1);
    classify(state, at + 1, end, flagsOf(text, at + 1, end));
    return;
  }
  for (let i = start; i < end;) {
    const code = text.charCodeAt(i);
    if (classOf(code) & ALPHANUMERIC || code === 95) i = name(state, i, end);
    else skeletons.addLiteral(skeleton, i, ++i);
  }
}

// An address or an identifier inside a mixed word as a whole, else a run of letters and digits of it.
function name(state: Tokenizer, start: number, end: number): number {
  const { text } = state;
  const address = isDigit(text.charCodeAt(start)) ? ipv4Length(text, start, end) : 0;
  if (address > 0) {
    emit(state, skeletons.IP, start, start + address);
    return start + address;
  }
  if (text.charCodeAt(start - 1) === 58 && ipv6Length(text, start, end) === end - start) {
    emit(state, skeletons.IP, start, end);
    return end;
  }
  const hex = hexNumberEnd(text, start, end);
  if (hex > start) {
    emit(state, skeletons.HEX, start, hex);
    return hex;
  }
  const next = start < state.plain_end ? -1 : identifierEnd(state, start, end);
  if (next < 0) state.plain_end = Math.max(state.plain_end, -next);
  else {
    const port = portEnd(text, next, end);
    emit(state, port > next ? skeletons.HOST : skeletons.ID, start, port);
    return port;
  }
  if (text.charCodeAt(start) !== 95) return segment(state, start, end);
  skeletons.addLiteral(state.skeleton, start, start + 1);
  return start + 1;
}

// A run of letters and digits inside a mixed word, from `start` to the index that is returned.
function segment(state: Tokenizer, start: number, end: number): number {
  const { text, skeleton } = state;
  if (isUuidAt(text, start, end)) {
    skeletons.addPlaceholder(skeleton, skeletons.UUID, start, start + 36);
    return start + 36;
  }
  let next = start;
  while (next < end && classOf(text.charCodeAt(next)) & ALPHANUMERIC) next++;
  const kind = segmentKind(text, start, next);
  if (kind === MIXED) {
    let digits = next;
    while (isDigit(text.charCodeAt(digits - 1))) digits--;
    emit(state, skeletons.LITERAL, start, digits);
    skeletons.addPlaceholder(skeleton, skeletons.NUM, digits, next);
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
