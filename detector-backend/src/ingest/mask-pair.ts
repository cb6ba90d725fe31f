import { isQuote } from './mask-class.ts';
import { secretKey, type SecretKey } from './mask-key.ts';

const MAX_NAME = 64;
const MAX_BLANKS = 32;

const isNaming = (name: string): boolean => ['name', 'key'].includes(name.toLowerCase());
export const isPairValue = (name: string): boolean => name.toLowerCase() === 'value';

/** The secret's key that an object names beside its value: `{"name": "Authorization", "value": …}`. Null if it names none. */
export function pairKey(object: Record<string, unknown>): SecretKey | null {
  for (const [name, own] of Object.entries(object)) {
    const key = isNaming(name) && typeof own === 'string' ? secretKey(own) : null;
    if (key !== null) return key;
  }
  return null;
}

/** The same in a text, where `"value"` ends at `end` and the name stands before it; in escaped quotes, too. */
export function pairKeyAt(text: string, end: number): SecretKey | null {
  const value = quotedBefore(text, end);
  if (value === null || !isPairValue(value.text)) return null;
  const own = quotedBefore(text, before(text, value.start, 44));
  const name = own && quotedBefore(text, before(text, own.start, 58));
  return name && isNaming(name.text) ? secretKey(own.text) : null;
}

/** The short text in quotes that end at `end`, and where its first quote begins, with its backslashes. */
function quotedBefore(text: string, end: number): { text: string; start: number } | null {
  const quote = text.charCodeAt(end - 1);
  if (!isQuote(quote)) return null;
  const last = beforeBackslashes(text, end - 1);
  let first = last;
  while (first > 0 && last - first < MAX_NAME && !isQuote(text.charCodeAt(first - 1))) first--;
  if (text.charCodeAt(first - 1) !== quote) return null;
  return { text: text.slice(first, last), start: beforeBackslashes(text, first - 1) };
}

function beforeBackslashes(text: string, end: number): number {
  let start = end;
  while (end - start < MAX_BLANKS && text.charCodeAt(start - 1) === 92) start--;
  return start;
}

// Where the text before the sign `code` and the blanks around it ends; 0 if the sign does not stand there.
function before(text: string, end: number, code: number): number {
  const sign = beforeBlanks(text, end) - 1;
  return text.charCodeAt(sign) === code ? beforeBlanks(text, sign) : 0;
}

function beforeBlanks(text: string, end: number): number {
  let start = end;
  while (end - start < MAX_BLANKS && text.charCodeAt(start - 1) <= 32) start--;
  return start;
}
