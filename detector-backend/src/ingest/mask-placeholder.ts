/** What masks write: never taken out again, so masking twice is masking once. */
export const EMAIL = '<email>';
export const CARD = '<card>';
export const SECRET = '<secret>';
export const WORD = '<word>';
export const PLACEHOLDERS: readonly string[] = [EMAIL, CARD, SECRET, WORD];

export const isPlaceholderAt = (text: string, at: number): boolean =>
  text.charCodeAt(at) === 60 && PLACEHOLDERS.some((placeholder) => text.startsWith(placeholder, at));

/** A stretch of a text that is to be taken out: [start, end). */
export interface Span {
  start: number;
  end: number;
}
