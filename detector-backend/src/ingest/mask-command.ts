import { isKeyPart } from './mask-class.ts';
import { isSecretValue, secretKeyAt } from './mask-key.ts';
import { isNoValue, isProse, looksMade } from './mask-no-value.ts';
import { isPlaceholderAt, type Span } from './mask-placeholder.ts';
import { quotedSecret } from './mask-secret.ts';
import { valueEnd } from './mask-value.ts';

const MAX_OPTION = 64;
const MAX_BLANKS = 32;

/**
 * The secret that stands behind the word at [start, end) with blanks alone between, or null: behind an option of a command
 * (`--db-password hunter2`), or in SQL (`PASSWORD 'hunter2'`).
 */
export function commandSecret(text: string, start: number, end: number): Span | null {
  if (!isBlank(text.charCodeAt(end))) return null;
  const isOption = isJoined(text.charCodeAt(start - 1)) && beginsOption(text, start);
  if (!isOption && !isPassword(text, start, end)) return null;
  let value = end;
  while (value - end < MAX_BLANKS && isBlank(text.charCodeAt(value))) value++;
  if (!isOption && text.charCodeAt(value) !== 39) return null;
  const key = secretKeyAt(text, end);
  if (key === null) return null;
  const quoted = quotedSecret(text, value);
  if (quoted !== null) return quoted.end > quoted.start ? quoted : null;
  if (text.charCodeAt(value) === 45 || isPlaceholderAt(text, value)) return null;
  const given = text.slice(value, valueEnd(text, value));
  if (given === '' || isNoValue(given) || !isSecretValue(key, given)) return null;
  return isProse(key) && !looksMade(given) ? null : { start: value, end: value + given.length };
}

const isBlank = (code: number): boolean => code === 32 || code === 9;
const isJoined = (code: number): boolean => code === 45 || code === 95 || code === 46;

function beginsOption(text: string, start: number): boolean {
  let first = start;
  while (start - first < MAX_OPTION && isKeyPart(text.charCodeAt(first - 1))) first--;
  const before = text.charCodeAt(first - 1);
  // Not behind a placeholder: what stands there may have been a part of the word.
  return text.startsWith('--', first) && before !== 62;
}

function isPassword(text: string, start: number, end: number): boolean {
  const isLong = end - start === 8;
  if ((!isLong && end - start !== 6) || (text.charCodeAt(start) | 32) !== 112) return false;
  return ['password', 'passwd'].includes(text.slice(start, end).toLowerCase());
}
