/** What a character can be part of; a token's characters OR'ed together decide which masks are worth a look. */
export const DIGIT = 1;
export const HEX_LETTER = 2;
export const LETTER = 4;
export const DOT = 8;
export const DASH = 16;
export const COLON = 32;
export const SLASH = 64;
export const AT = 128;
export const BACKSLASH = 256;
/** Punctuation inside of a word: `_ # % + ~ $ * & ? ! ^`. */
export const JOINER = 512;
/** Ends a word: `= , ; ( ) [ ] { } < > " ' | backtick`. */
export const DELIMITER = 1024;
export const BLANK = 2048;

export const ALPHANUMERIC = DIGIT | HEX_LETTER | LETTER;

const CLASSES = new Uint16Array(128).fill(JOINER);
const mark = (characters: string, bits: number) => {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = bits;
};
CLASSES.fill(BLANK, 0, 33);
CLASSES[127] = BLANK;
mark('0123456789', DIGIT);
mark('abcdefABCDEF', HEX_LETTER);
mark('ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ', LETTER);
mark('.', DOT);
mark('-', DASH);
mark(':', COLON);
mark('/', SLASH);
mark('@', AT);
mark('\\', BACKSLASH);
mark('=,;()[]{}<>"\'|`', DELIMITER);

/** Class bits of a UTF-16 code unit; everything beyond ASCII counts as a letter, control characters as blanks. */
export const classOf = (code: number): number => (code < 128 ? (CLASSES[code] as number) : LETTER);

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** First index at or after `start` (at most `end`) whose character is no digit. */
export function skipDigits(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && isDigit(text.charCodeAt(i))) i++;
  return i;
}

/** Index of the first character with this code in [start, end), or -1: `text.indexOf` would search the whole message. */
export function indexOf(text: string, code: number, start: number, end: number): number {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === code) return i;
  return -1;
}
