import { cardEnd, cardIn, isCardNumber } from './mask-card.ts';
import { AT, DIGIT, LETTER, SETTER, classOf, isDigit, isKeyPart, isWord } from './mask-class.ts';
import { commandSecret } from './mask-command.ts';
import { elementSecret } from './mask-element.ts';
import { emailAt, hostStart } from './mask-email.ts';
import { isSecretValue, secretKey, type SecretKey } from './mask-key.ts';
import { isPairValue, pairKey } from './mask-pair.ts';
import { CARD, EMAIL, SECRET, WORD, type Span } from './mask-placeholder.ts';
import type { MaskPolicy } from './mask-policy.ts';
import { assignedSecret } from './mask-secret.ts';
import { urlSecret, wordSecret } from './mask-token.ts';
import { customEnd, wordTable, type WordTable } from './mask-word.ts';

/** Takes out of a text what a policy forbids. */
export interface Mask {
  /** The same string when there is nothing to take out. */
  text(text: string): string;
  /** The same for every string, key and number in a JSON value; the same value when there is nothing to take out. */
  json<T>(value: T): T;
}

interface Rules extends Omit<MaskPolicy, 'words'> {
  words: WordTable;
}

/** A text being masked: `done` is what was written of it, up to `copied`. */
interface Scan {
  readonly text: string;
  done: string;
  copied: number;
}

/** Makes the mask of a policy. Its functions are pure, and linear in the length of the text. */
export function createMask(policy: MaskPolicy): Mask {
  const rules: Rules = { ...policy, words: wordTable(policy.words) };
  if (!policy.email && !policy.card && !policy.secret && policy.words.length === 0)
    return { text: (text) => text, json: (value) => value };
  return { text: (text) => maskText(rules, text), json: (value) => maskJson(rules, value) };
}

// One pass from word to word; what lies between words matters only where it is `@`, `=`, `:`, `>`, or begins an escape.
function maskText(rules: Rules, text: string): string {
  const scan: Scan = { text, done: '', copied: 0 };
  for (let i = 0; i < text.length;) {
    const bits = classOf(text.charCodeAt(i));
    if (bits & (DIGIT | LETTER)) i = word(rules, scan, i);
    else if (bits & AT) i = at(rules, scan, i);
    else if (bits & SETTER && rules.secret) i = cut(scan, setSecret(scan, i), SECRET) || i + 1;
    else i++;
  }
  return scan.copied === 0 ? text : scan.done + text.slice(scan.copied);
}

const setSecret = ({ text, copied }: Scan, at: number): Span | null =>
  text.charCodeAt(at) === 62 ? elementSecret(text, at) : assignedSecret(text, at, at + 1, copied);

/** Writes `placeholder` for the span; returns where to go on, or 0 when there is nothing to write. */
function cut(scan: Scan, span: Span | null, placeholder: string): number {
  if (span === null || span.start < scan.copied) return 0;
  scan.done += scan.text.slice(scan.copied, span.start) + placeholder;
  scan.copied = span.end;
  return span.end;
}

// A word is a run of letters and digits.
function word(rules: Rules, scan: Scan, start: number): number {
  const { text } = scan;
  let flags = 0;
  let end = start;
  for (; end < text.length; end++) {
    const bits = classOf(text.charCodeAt(end));
    if ((bits & (DIGIT | LETTER)) === 0) break;
    flags |= bits;
  }
  const isStart = start === scan.copied || !isKeyPart(text.charCodeAt(start - 1));
  return cutWord(rules, scan, { start, end }, flags, isStart) || end;
}

/** Masks what begins in a word; returns where to go on, or 0. */
function cutWord(rules: Rules, scan: Scan, { start, end }: Span, flags: number, isStart: boolean): number {
  const { text } = scan;
  const custom = rules.words.size > 0 ? customEnd(rules.words, text, start) : 0;
  if (custom > 0) return cut(scan, { start, end: custom }, WORD);
  if (flags === DIGIT) {
    const card = rules.card && end - start >= 4 ? cardEnd(text, start, end, scan.copied) : 0;
    return card > 0 ? cut(scan, { start, end: card }, CARD) : 0;
  }
  const found = rules.secret ? secretOf(text, { start, end }, flags, isStart) : null;
  const secret = cut(scan, found, SECRET);
  if (secret > 0) return secret;
  const isMixed = rules.card && flags & DIGIT && end - start > 4;
  const card = isMixed ? cardIn(text, start, end, scan.copied) : null;
  if (card === null) return 0;
  // What stands before it becomes a word of its own.
  const before = rules.words.size > 0 ? customEnd(rules.words, text, start, card.start) : 0;
  if (before > 0) cut(scan, { start, end: before }, WORD);
  return cut(scan, card, CARD);
}

// In a word with digits there may be a card: it is no name of an option.
const secretOf = (text: string, { start, end }: Span, flags: number, isStart: boolean): Span | null =>
  wordSecret(text, start, end, isStart) ?? (flags & DIGIT ? null : commandSecret(text, start, end));

// At `@`, at `%` or at a backslash.
function at(rules: Rules, scan: Scan, index: number): number {
  const { text } = scan;
  const code = text.charCodeAt(index);
  const host = hostStart(text, index);
  if (host > 0) {
    const password = rules.secret && code === 64 ? cut(scan, urlSecret(text, index), SECRET) : 0;
    if (password > 0) return index + 1;
    return (rules.email && cut(scan, emailAt(text, scan.copied, index, host), EMAIL)) || index + 1;
  }
  if (code === 92) return escaped(rules, scan, index, isEscape(text.charCodeAt(index + 1)) ? 2 : 1);
  if (!isHex(text.charCodeAt(index + 1)) || !isHex(text.charCodeAt(index + 2))) return index + 1;
  const setter = text.slice(index + 1, index + 3).toLowerCase();
  const isSetter = rules.secret && (setter === '3d' || setter === '3a');
  const secret = isSetter ? cut(scan, assignedSecret(text, index, index + 3, scan.copied), SECRET) : 0;
  return secret || escaped(rules, scan, index, 3);
}

// `\n`, `\r`, `\t`.
const isEscape = (code: number): boolean => code === 110 || code === 114 || code === 116;
const isHex = (code: number): boolean => isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);

/** Masks what begins right behind an escape; else the escape's own letters are read on as if they were none. */
function escaped(rules: Rules, scan: Scan, index: number, length: number): number {
  const { text } = scan;
  const start = index + length;
  if (length === 1) return index + 1;
  let flags = 0;
  let end = start;
  for (; isWord(text.charCodeAt(end)); end++) flags |= classOf(text.charCodeAt(end));
  return (end > start && cutWord(rules, scan, { start, end }, flags, true)) || index + 1;
}

function maskJson<T>(rules: Rules, value: T): T {
  if (typeof value === 'string') return maskText(rules, value) as T;
  if (typeof value === 'number') return (rules.card && isCardNumber(value) ? CARD : value) as T;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => maskJson(rules, item));
    return (items.every((item, i) => item === (value as unknown[])[i]) ? value : items) as T;
  }
  return maskObject(rules, value as Record<string, unknown>) as T;
}

function maskObject(rules: Rules, object: Record<string, unknown>): Record<string, unknown> {
  let is_changed = false;
  // Without a prototype, a key `__proto__` is a key like any other.
  const masked = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const own = object[key];
    const name = maskText(rules, key);
    const secret = rules.secret ? (secretKey(key) ?? (isPairValue(key) ? pairKey(object) : null)) : null;
    const value = secret === null ? maskJson(rules, own) : hide(rules, secret, own);
    is_changed ||= name !== key || value !== own;
    masked[name] = value;
  }
  return is_changed ? masked : object;
}

/** What stands under a secret's key: every string and number in it, at any depth. */
function hide(rules: Rules, key: SecretKey, value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') {
    if (value === '' || !isSecretValue(key, String(value))) return maskJson(rules, value);
    return SECRET;
  }
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: unknown) => hide(rules, key, item));
  const hidden = Object.create(null) as Record<string, unknown>;
  for (const [name, own] of Object.entries(value)) hidden[maskText(rules, name)] = hide(rules, key, own);
  return hidden;
}
