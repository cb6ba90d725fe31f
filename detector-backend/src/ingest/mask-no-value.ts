import { isDigit } from './mask-class.ts';
import { isCount, type SecretKey } from './mask-key.ts';
import { PLACEHOLDERS } from './mask-placeholder.ts';

/** No secrets, and worth knowing: what a key has for a value when it has none, and what messages say of it. */
const NO_VALUES = new Set(
  (
    'null none nil true false undefined empty missing invalid unset unknown denied expired required disabled enabled incorrect ' +
    'mismatch wrong rejected refused revoked forbidden unauthorized failed failure error timeout changed ' +
    'is are was were has must may can cannot should does not no and or via to for in on with instead option flag given'
  ).split(' '),
);
const LONGEST = 12;
/** Of placeholders: an unquoted value ends at `>`. */
const OPENINGS = PLACEHOLDERS.map((placeholder) => placeholder.slice(0, -1));
/** Keys of which messages say something behind a colon, and whose secrets are made by machines. */
const PROSE = new Set(['token', 'secret', 'credential', 'credentials']);

/** True for `null`, `<nil>`, `(none)`, `expired` and the like. `value` is unquoted and may lack its closing bracket. */
export function isNoValue(value: string): boolean {
  if (value.length > LONGEST + 2) return false;
  const start = '<('.includes(value.charAt(0)) ? 1 : 0;
  const end = '.!?:'.includes(value.charAt(value.length - 1)) ? value.length - 1 : value.length;
  return NO_VALUES.has(value.slice(start, end).toLowerCase());
}

/** Whether what stands unquoted behind the key, a colon and a blank is a secret only where it {@link looksMade}. */
export const isProse = ({ kind, name }: SecretKey): boolean => kind === 'number' || PROSE.has(name);

/**
 * True for a value that no message has for a word: with a digit, a capital after a small letter, or a sign of tokens in it.
 * Not a URL, a status, `name=value`, or a part of a chain of errors (`x509: …`).
 */
export function looksMade(value: string): boolean {
  if (value.endsWith(':') || isUrl(value) || isCount(value, 3) || isPair(value)) return false;
  const last = value.length - 1;
  for (let i = 0; i <= last; i++) {
    const code = value.charCodeAt(i);
    if (isDigit(code) || '=+~^$'.includes(value.charAt(i))) return true;
    if (code === 33 && i < last) return true;
    if (i > 0 && code >= 65 && code <= 90 && isSmall(value.charCodeAt(i - 1))) return true;
  }
  return false;
}

/** True for a URL, and for what was masked in part: that does not make it a secret, and may have been a URL. */
export const isUrl = (value: string): boolean =>
  value.includes('://') || OPENINGS.some((opening) => value.includes(opening));

const isSmall = (code: number): boolean => code >= 97 && code <= 122;

// `user=bob`; at the end, `=` is padding.
function isPair(value: string): boolean {
  const setter = value.indexOf('=');
  if (setter <= 0 || setter === value.length - 1 || value.charCodeAt(setter + 1) === 61) return false;
  for (let i = 0; i < setter; i++) {
    const code = value.charCodeAt(i);
    if (!isSmall(code | 32) && code !== 95) return false;
  }
  return true;
}
