/** Class bits of the characters that masks look at; 0: none of them. */
export const DIGIT = 1;
export const LETTER = 2;
/** `@`, and what begins an escape that may stand for it or end in front of a word: `%` and backslash. */
export const AT = 4;
/** `=`, `:`, and `>`, behind which the text of an XML element begins. */
export const SETTER = 8;
/** What else a local part, a host or a token may have in it. */
export const INNER = 16;
/** Ends a value that is not in quotes. */
export const END = 32;
/** May begin a token of a known form, or a word before a credential (mask-token.ts). */
export const HEAD = 64;

const CLASSES = new Uint8Array(128);
const mark = (characters: string, bit: number): void => {
  for (const character of characters) CLASSES[character.charCodeAt(0)]! |= bit;
};
mark('0123456789', DIGIT);
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', LETTER);
mark('@%\\', AT);
mark('=:>', SETTER);
mark('._-', INNER);
mark(' \t\r\n"\'`,;&)]}>|', END);
mark('AaBbdeghNnprSswxy', HEAD);

/** Beyond ASCII everything is a letter; past the end of a text (NaN) nothing is. */
export const classOf = (code: number): number => (code > 127 ? LETTER : (CLASSES[code] ?? 0));
export const isWord = (code: number): boolean => (classOf(code) & (DIGIT | LETTER)) !== 0;
/** False past the end of a text, too (NaN). */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isQuote = (code: number): boolean => code === 34 || code === 39 || code === 96;
/** What a key or a token has in it. */
export const isKeyPart = (code: number): boolean => (classOf(code) & (DIGIT | LETTER | INNER)) !== 0;
