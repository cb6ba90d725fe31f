import { LETTER, classOf, isDigit, isKeyPart } from './mask-class.ts';

/** A key whose value is a secret. */
export interface SecretKey {
  /** End of the key, in lower case and without `_`, `-`, `.`. */
  name: string;
  /** True when it counts only where a word begins: `dbPass` and `db_pass`, but not `bypass`. */
  is_word: boolean;
  /**
   * Which values are no secrets after all. `count`: small numbers, with a unit or without; `number`: those shorter than a
   * card's, and the key is the whole name; `random`: whatever does not look random; `path`: those that begin with `/`.
   * `header`: none, and the value is that of an HTTP header.
   */
  kind: 'any' | 'count' | 'number' | 'random' | 'path' | 'header';
}

const keys = (kind: SecretKey['kind'], is_word: boolean, names: string): SecretKey[] =>
  names.split(' ').map((name) => ({ name, is_word, kind }));

const SECRET_KEYS: readonly SecretKey[] = [
  ...keys('header', false, 'authorization cookie cookies'),
  ...keys('any', false, 'password passwd passphrase passcode secret token credential credentials'),
  ...keys('any', false, 'apikey accesskey secretkey privatekey privkey authkey accountkey masterkey signingkey'),
  ...keys('any', false, 'encryptionkey secretkeybase sessionkey sessionid sessid connectsid'),
  ...keys('any', false, 'passwords passwordhash passwordconfirmation passwordconfirm passwordrepeat passwordagain'),
  ...keys('any', false, 'secretvalue tokenvalue'),
  ...keys('any', true, 'cvv cvc'),
  ...keys('path', false, 'pwd'),
  // `pass=1000 fail=0`, but `db_pass=123456`.
  ...keys('number', true, 'pass'),
  ...keys('count', true, 'pass otp'),
  ...keys('count', false, 'keypass storepass dbpass userpass rootpass'),
  ...keys('random', true, 'sig signature jwt bearer'),
]; // prettier-ignore

const BY_LAST_LETTER: readonly (readonly SecretKey[])[] = Array.from({ length: 128 }, (_, code) =>
  SECRET_KEYS.filter(({ name }) => name.charCodeAt(name.length - 1) === code),
);
const MAX_KEY = 40;

/**
 * The secret's key that ends at `end`, whatever stands before it: `password`, `DB_PASSWORD`, `x-api-key`, `password_2`,
 * `user[password]`. It may be in quotes, also in escaped or URL-coded ones. Null if it is another key.
 */
export function secretKeyAt(text: string, end: number): SecretKey | null {
  const last = keyEnd(text, end);
  for (const key of BY_LAST_LETTER[text.charCodeAt(last - 1) | 32] ?? []) {
    const start = keyStart(text, last, key.name);
    if (start < 0 || (key.kind === 'number' && isKeyPart(text.charCodeAt(start - 1)))) continue;
    if (!key.is_word || beginsWord(text, start)) return key;
  }
  return null;
}

/** The secret's key that a whole name is, or null. */
export const secretKey = (name: string): SecretKey | null => secretKeyAt(name, name.length);

function keyEnd(text: string, end: number): number {
  let last = end;
  for (;;) {
    if (isClosing(text.charCodeAt(last - 1))) last--;
    else if (text.charCodeAt(last - 3) === 37 && isClosingCode(text, last)) last -= 3;
    else break;
  }
  let digits = last;
  while (digits > last - 3 && isDigit(text.charCodeAt(digits - 1))) digits--;
  return digits < last && isSeparator(text.charCodeAt(digits - 1)) ? digits - 1 : digits;
}

// `%22`, `%27`, `%5D`.
const isClosingCode = (text: string, end: number): boolean =>
  ['22', '27', '5D', '5d'].includes(text.slice(end - 2, end));

// Where `name` begins that ends at `end`, in upper or lower case and with separators in it; -1 if it does not.
function keyStart(text: string, end: number, name: string): number {
  let i = end;
  let left = name.length;
  while (left > 0 && i > 0 && end - i < MAX_KEY) {
    const code = text.charCodeAt(--i);
    if ((code | 32) === name.charCodeAt(left - 1)) left--;
    else if (!isSeparator(code) || i === end - 1) return -1;
  }
  return left === 0 ? i : -1;
}

function beginsWord(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  if ((classOf(before) & LETTER) === 0) return true;
  return isCapital(text.charCodeAt(start)) && (!isCapital(before) || !isCapital(text.charCodeAt(start + 1)));
}

const isCapital = (code: number): boolean => code >= 65 && code <= 90;
const isSeparator = (code: number): boolean => code === 95 || code === 45 || code === 46;
// Quotes, backslash and `]`.
const isClosing = (code: number): boolean =>
  code === 34 || code === 39 || code === 96 || code === 92 || code === 93;

/** True when a value of this key is worth hiding. `value` is what stands there, without quotes. */
export function isSecretValue({ kind }: SecretKey, value: string): boolean {
  if (kind === 'count') return !isCount(value, 3);
  if (kind === 'number') return !isCount(value, 12);
  // What was masked in it does not make it random.
  return kind !== 'random' || (!value.includes('<') && isRandom(value, 0, value.length));
}

/** True for a number of at most `most` digits, a dot among them or not, with a unit of two letters or without. */
export function isCount(value: string, most: number): boolean {
  let digits = 0;
  let i = 0;
  for (; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (isDigit(code)) digits++;
    else if (code !== 46) break;
  }
  if (digits === 0 || digits > most || value.length - i > 2) return false;
  for (; i < value.length; i++) if (isDigit(value.charCodeAt(i))) return false;
  return true;
}

/** Eight characters or more with a digit or `=`, or a capital after a small letter in it. */
export function isRandom(text: string, start: number, end: number): boolean {
  if (end - start < 8) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigit(code) || code === 61) return true;
    if (i > start && isCapital(code) && text.charCodeAt(i - 1) >= 97) return true;
  }
  return false;
}
