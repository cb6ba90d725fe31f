import { cardEnd } from './mask-card.ts';
import { AT, DIGIT, INNER, LETTER, SETTER, classOf, isDigit, isWord } from './mask-class.ts';
import type { MaskPolicy } from './mask-policy.ts';
import {
  CARD,
  EMAIL,
  PLACEHOLDERS,
  SECRET,
  WORD,
  assignedSecret,
  isSecretKey,
  urlSecret,
  wordSecret,
  type Span,
} from './mask-secret.ts';

/** Takes out of a text what a policy forbids. */
export interface Mask {
  /** The same string when there is nothing to take out. */
  text(text: string): string;
  /** The same for every string, key and number in a JSON value; the same value when there is nothing to take out. */
  json<T>(value: T): T;
}

/** A custom word: one that differs in the case of its letters is the same. */
interface CustomWord {
  lower: string;
  upper: string;
}

interface Rules extends Omit<MaskPolicy, 'words'> {
  /** By the code of the first letter, small and capital; longer ones first. */
  words: ReadonlyMap<number, readonly CustomWord[]>;
}

/** A text being masked: `done` is what was written of it, up to `copied`. */
interface Scan {
  readonly text: string;
  done: string;
  copied: number;
}

const MAX_LOCAL = 256;
const MAX_HOST = 255;

/** Makes the mask of a policy. Its functions are pure, and linear in the length of the text. */
export function createMask(policy: MaskPolicy): Mask {
  const rules: Rules = { ...policy, words: wordTable(policy.words) };
  if (!policy.email && !policy.card && !policy.secret && policy.words.length === 0)
    return { text: (text) => text, json: (value) => value };
  return { text: (text) => maskText(rules, text), json: (value) => maskJson(rules, value) };
}

function wordTable(words: readonly string[]): Rules['words'] {
  const table = new Map<number, CustomWord[]>();
  for (const word of words.toSorted((a, b) => b.length - a.length)) {
    const isPlain = word.toLowerCase().length === word.length && word.toUpperCase().length === word.length;
    const lower = isPlain ? word.toLowerCase() : word;
    const custom = { lower, upper: isPlain ? word.toUpperCase() : word };
    for (const first of new Set([lower.charCodeAt(0), custom.upper.charCodeAt(0)]))
      table.set(first, [...(table.get(first) ?? []), custom]);
  }
  return table;
}

// One pass from word to word; what lies between words matters only where it is `@`, `=` or `:`.
function maskText(rules: Rules, text: string): string {
  const scan: Scan = { text, done: '', copied: 0 };
  for (let i = 0; i < text.length;) {
    const bits = classOf(text.charCodeAt(i));
    if (bits & (DIGIT | LETTER)) i = word(rules, scan, i);
    else if (bits & AT) i = at(rules, scan, i);
    else if (bits & SETTER && rules.secret) i = cut(scan, assignedSecret(text, i), SECRET) || i + 1;
    else i++;
  }
  return scan.copied === 0 ? text : scan.done + text.slice(scan.copied);
}

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
  if (rules.words.size > 0) {
    const custom = customEnd(rules, text, start);
    if (custom > 0) return cut(scan, { start, end: custom }, WORD);
  }
  if (flags === DIGIT) {
    const card = rules.card && end - start >= 4 ? cardEnd(text, start, end) : 0;
    return card > 0 ? cut(scan, { start, end: card }, CARD) : end;
  }
  return (rules.secret && cut(scan, wordSecret(text, start, end), SECRET)) || end;
}

function customEnd({ words }: Rules, text: string, start: number): number {
  for (const custom of words.get(text.charCodeAt(start)) ?? []) {
    const end = start + custom.lower.length;
    if (end <= text.length && !isWord(text.charCodeAt(end)) && isSame(text, start, custom)) {
      return PLACEHOLDERS.includes(text.slice(start - 1, end + 1)) ? 0 : end;
    }
  }
  return 0;
}

function isSame(text: string, start: number, { lower, upper }: CustomWord): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = text.charCodeAt(start + i);
    if (code !== lower.charCodeAt(i) && code !== upper.charCodeAt(i)) return false;
  }
  return true;
}

function at(rules: Rules, scan: Scan, index: number): number {
  const password = rules.secret ? cut(scan, urlSecret(scan.text, index), SECRET) : 0;
  if (password > 0) return index + 1;
  return (rules.email && cut(scan, emailAt(scan, index), EMAIL)) || index + 1;
}

// RFC 5321 without quoted local parts; the host has a dot and ends in letters, so `pkg@1.2.3` and `root@10.0.0.1` are none.
function emailAt({ text, copied }: Scan, index: number): Span | null {
  let start = index;
  while (start > copied && index - start < MAX_LOCAL && isLocal(text.charCodeAt(start - 1))) start--;
  while (start < index && text.charCodeAt(start) === 46) start++;
  if (start === index) return null;
  let end = index + 1;
  while (end < text.length && end - index < MAX_HOST && isHost(text.charCodeAt(end))) end++;
  while (!isWord(text.charCodeAt(end - 1)) && end > index + 1) end--;
  let dot = end - 1;
  while (dot > index && text.charCodeAt(dot) !== 46) dot--;
  if (dot <= index + 1 || end - dot < 3 || isDigit(text.charCodeAt(dot + 1))) return null;
  return { start, end };
}

const isLocal = (code: number): boolean =>
  (classOf(code) & (DIGIT | LETTER | INNER)) !== 0 || code === 43 || code === 37;
const isHost = (code: number): boolean =>
  (classOf(code) & (DIGIT | LETTER)) !== 0 || code === 46 || code === 45;

function maskJson<T>(rules: Rules, value: T): T {
  if (typeof value === 'string') return maskText(rules, value) as T;
  if (typeof value === 'number') return (isCardNumber(rules, value) ? CARD : value) as T;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => maskJson(rules, item));
    return (items.every((item, i) => item === (value as unknown[])[i]) ? value : items) as T;
  }
  return maskObject(rules, value as Record<string, unknown>) as T;
}

function isCardNumber(rules: Rules, value: number): boolean {
  if (!rules.card || value < 1e12 || !Number.isSafeInteger(value)) return false;
  const digits = String(value);
  return cardEnd(digits, 0, digits.length) > 0;
}

function maskObject(rules: Rules, object: Record<string, unknown>): Record<string, unknown> {
  let is_changed = false;
  // Without a prototype, a key `__proto__` is a key like any other.
  const masked = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const own = object[key];
    const name = maskText(rules, key);
    const is_secret = rules.secret && typeof own === 'string' && own !== '' && isSecretKey(key);
    const value = is_secret ? SECRET : maskJson(rules, own);
    is_changed ||= name !== key || value !== own;
    masked[name] = value;
  }
  return is_changed ? masked : object;
}
