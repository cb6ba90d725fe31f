const NUL = /\u0000/g;
// `\u0000` or half of a surrogate pair as JSON.stringify writes them; a match after an escaped backslash only costs time.
const UNSTORABLE_ESCAPE = /\\u(?:0000|d[89a-f])/;

/** Text that PostgreSQL can hold: NUL becomes U+FFFD. Lone surrogates become U+FFFD when the text is encoded as UTF-8. */
export const storableText = (text: string): string =>
  text.includes('\u0000') ? text.replace(NUL, '\ufffd') : text;

/** JSON text that `jsonb` can hold: NUL and lone surrogates become U+FFFD, in keys as well. */
export function storableJson(value: Record<string, unknown>): string {
  const json = JSON.stringify(value);
  return UNSTORABLE_ESCAPE.test(json) ? JSON.stringify(storableValue(value)) : json;
}

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [wellFormed(key), storableValue(item)]),
  );
}

/** Text without NUL and without halves of surrogate pairs: both become U+FFFD. */
export const wellFormed = (text: string): string => Buffer.from(storableText(text), 'utf8').toString('utf8');
