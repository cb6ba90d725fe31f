import { DIGIT, INNER, LETTER, classOf, isDigit, isWord } from './mask-class.ts';
import type { Span } from './mask-placeholder.ts';

const MAX_LOCAL = 256;
const MAX_HOST = 255;
const CARD_DIGITS = 13;

/** Where the host of an address begins behind the `@` at `index`, which may be written `%40` or `\u0040`; else 0. */
export function hostStart(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code === 64) return index + 1;
  if (code === 37) return text.startsWith('40', index + 1) ? index + 3 : 0;
  return text.startsWith('u0040', index + 1) ? index + 6 : 0;
}

/**
 * The address whose `@` is at `at`, or null. RFC 5321 without quoted local parts; the host has a dot and ends in letters, so
 * `pkg@1.2.3` and `root@10.0.0.1` are none.
 * @param first before it no address begins
 */
export function emailAt(text: string, first: number, at: number, host: number): Span | null {
  let start = at;
  while (start > first && at - start < MAX_LOCAL && isLocal(text, start - 1)) start--;
  while (start < at && text.charCodeAt(start) === 46) start++;
  if (start === at) return null;
  let end = host;
  let digits = 0;
  while (end < text.length && end - host < MAX_HOST && isHost(text.charCodeAt(end)) && digits < CARD_DIGITS)
    digits = isDigit(text.charCodeAt(end++)) ? digits + 1 : 0;
  // A card may follow: masked, it ends a host.
  if (digits === CARD_DIGITS) end -= digits;
  end = domainEnd(text, host, end);
  return end > host ? { start, end } : null;
}

// Behind the last label of [host, end) that may be a top-level domain: the second one at least, and no number; else `host`.
function domainEnd(text: string, host: number, limit: number): number {
  for (let end = limit; end > host;) {
    while (end > host && !isWord(text.charCodeAt(end - 1))) end--;
    let dot = end - 1;
    while (dot > host && text.charCodeAt(dot) !== 46) dot--;
    if (dot <= host) return host;
    if (end - dot >= 3 && !isDigit(text.charCodeAt(dot + 1))) return end;
    end = dot;
  }
  return host;
}

function isLocal(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code === 37) return !text.startsWith('40', index + 1);
  return (classOf(code) & (DIGIT | LETTER | INNER)) !== 0 || code === 43;
}
const isHost = (code: number): boolean =>
  (classOf(code) & (DIGIT | LETTER)) !== 0 || code === 46 || code === 45;
