import { isKeyPart } from './mask-class.ts';
import { isSecretValue, secretKeyAt } from './mask-key.ts';
import { isNoValue } from './mask-no-value.ts';
import { isPlaceholderAt, type Span } from './mask-placeholder.ts';

const MAX_TAG = 256;
const CDATA = '<![CDATA[';
const CDATA_END = ']]>';

/**
 * The text of the XML element whose first tag ends with the `>` at `close`, or null: `<wsse:Password Type="x">…`. Its last tag
 * has to follow: `<password>` in a manual is none, and neither is the placeholder `<secret>`.
 */
export function elementSecret(text: string, close: number): Span | null {
  let open = close - 1;
  while (open >= 0 && close - open < MAX_TAG && !isBracket(text.charCodeAt(open))) open--;
  if (text.charCodeAt(open) !== 60 || text.charCodeAt(close - 1) === 47) return null;
  let end = open + 1;
  while (isKeyPart(text.charCodeAt(end)) || text.charCodeAt(end) === 58) end++;
  if (end !== close && text.charCodeAt(end) > 32) return null;
  const key = secretKeyAt(text, end);
  const start = close + 1;
  if (key === null || isPlaceholderAt(text, start)) return null;
  if (text.startsWith(CDATA, start)) {
    const found = text.indexOf(CDATA_END, start);
    return { start, end: found < 0 ? text.length : found + CDATA_END.length };
  }
  const next = text.indexOf('<', start);
  if (next < 0 || !closes(text, next + 1, text.slice(open + 1, end))) return null;
  const value = text.slice(start, next).trim();
  return value === '' || isNoValue(value) || !isSecretValue(key, value) ? null : { start, end: next };
}

const isBracket = (code: number): boolean => code === 60 || code === 62;

// `/name`, in JSON with a backslash before.
function closes(text: string, at: number, name: string): boolean {
  let slash = at;
  while (slash - at < 4 && text.charCodeAt(slash) === 92) slash++;
  return text.startsWith(`/${name}`, slash);
}
