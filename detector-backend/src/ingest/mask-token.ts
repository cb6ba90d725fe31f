import { DIGIT, END, HEAD, INNER, LETTER, classOf, isKeyPart, isWord } from './mask-class.ts';
import { isRandom } from './mask-key.ts';
import { SECRET, isPlaceholderAt, type Span } from './mask-placeholder.ts';
import { valueEnd } from './mask-value.ts';

/** Tokens that show what they are: how they begin, and the least number of characters. */
const FORMS: readonly (readonly [string, number])[] = [
  ['AKIA', 20], ['ASIA', 20], ['AIza', 39], ['eyJ', 30], ['ghp_', 34], ['gho_', 34], ['ghu_', 34], ['ghs_', 34],
  ['ghr_', 34], ['github_pat_', 40], ['glpat-', 26], ['glsa_', 40], ['glc_', 40], ['npm_', 36], ['sk-', 24],
  ['sk_live_', 20], ['sk_test_', 20], ['rk_live_', 20], ['xoxa-', 16], ['xoxb-', 16], ['xoxe-', 16], ['xoxp-', 16],
  ['xoxr-', 16], ['xoxs-', 16], ['xapp-', 16], ['hf_', 34], ['hvs.', 24], ['dop_v1_', 60], ['dckr_pat_', 30],
  ['pypi-', 40], ['whsec_', 30], ['ya29.', 30], ['SG.', 50], ['shpat_', 30],
]; // prettier-ignore
const BY_FIRST_LETTER: readonly (readonly (readonly [string, number])[])[] = Array.from(
  { length: 128 },
  (_, code) => FORMS.filter(([form]) => form.charCodeAt(0) === code),
);
/** Words that a credential follows, also where no header is named. */
const SCHEMES: readonly string[] = ['bearer', 'basic', 'apikey', 'negotiate'];
/** Behind these, the path of a URL is the right to post to a channel. */
const WEBHOOKS: readonly string[] = [
  'hooks.slack.com/services/',
  'hooks.slack.com/workflows/',
  'hooks.slack.com/triggers/',
  'discord.com/api/webhooks/',
  'discordapp.com/api/webhooks/',
];
const DASHES = '-----';
const MAX_LABEL = 40;
/** Letters and digits without a dash between, somewhere in a token that begins with `sk-`. */
const SK_RUN = 20;

/**
 * The secret of the word at [start, end): a token of a known form that begins with it, what follows `bearer` or `basic` and
 * looks like no word, or the private key (PEM, RFC 7468) that it begins.
 * @param isStart whether a token may begin there
 */
export function wordSecret(text: string, start: number, end: number, isStart: boolean): Span | null {
  const first = text.charCodeAt(start);
  if ((classOf(first) & HEAD) === 0) return null;
  // Only where a token begins: else a long one that is of no form would be read again from each of its words.
  const token = isStart ? (formedToken(text, start, first) ?? webhook(text, start, first)) : null;
  if (token !== null) return token;
  const length = end - start;
  if (length < 5 || length > 9) return null;
  if (text.charCodeAt(end) !== 32) return null;
  if (first === 66 && text.startsWith('BEGIN ', start)) return privateKey(text, start, end);
  const scheme = SCHEMES.find((name) => name.length === length && name.charCodeAt(0) === (first | 32));
  if (scheme === undefined || text.slice(start, end).toLowerCase() !== scheme) return null;
  const credential = credentialEnd(text, end + 1);
  return isRandom(text, end + 1, credential) ? { start: end + 1, end: credential } : null;
}

function formedToken(text: string, start: number, first: number): Span | null {
  const second = text.charCodeAt(start + 1);
  for (const [form, least] of BY_FIRST_LETTER[first] ?? []) {
    if (form.charCodeAt(1) !== second || !text.startsWith(form, start)) continue;
    let end = start;
    const isDashed = form === 'sk-';
    while (end < text.length && isKeyPart(text.charCodeAt(end)) && !(isDashed && text.charCodeAt(end) === 46))
      end++;
    if (end - start < least || (first === 101 && !text.slice(start, end).includes('.'))) continue;
    if (!isDashed || longestRun(text, start, end) >= SK_RUN) return { start, end };
  }
  return null;
}

// Of letters and digits. Names of hosts may begin with `sk-`, too.
function longestRun(text: string, start: number, end: number): number {
  let longest = 0;
  for (let i = start, run = 0; i < end; i++) {
    run = isWord(text.charCodeAt(i)) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function webhook(text: string, start: number, first: number): Span | null {
  if (first !== 104 && first !== 100) return null;
  const address = WEBHOOKS.find((one) => text.startsWith(one, start));
  if (address === undefined) return null;
  const path = start + address.length;
  const end = isPlaceholderAt(text, path) ? path : valueEnd(text, path);
  return end > path ? { start: path, end } : null;
}

// RFC 6750 `b64token`, the whole of what stands there; else `start`.
function credentialEnd(text: string, start: number): number {
  let end = start;
  while (isCredential(text.charCodeAt(end))) end++;
  while (text.charCodeAt(end) === 61) end++;
  return end === text.length || text.charCodeAt(end) === 92 || classOf(text.charCodeAt(end)) & END
    ? end
    : start;
}

const isCredential = (code: number): boolean =>
  (classOf(code) & (DIGIT | LETTER | INNER)) !== 0 || code === 43 || code === 47 || code === 126;

// What lies behind `-----BEGIN … PRIVATE KEY-----`, up to `-----END` or the end of the text.
function privateKey(text: string, begin: number, end: number): Span | null {
  if (!text.startsWith(DASHES, begin - DASHES.length)) return null;
  const dashes = text.slice(end, end + MAX_LABEL).indexOf(DASHES);
  const label = text.slice(end, end + Math.max(0, dashes));
  if (!label.includes('PRIVATE KEY') || label.includes('<')) return null;
  const start = end + dashes + DASHES.length;
  // Before the search, or a text of many masked keys would be searched to its end from each of them.
  if (text.startsWith(SECRET, start)) return null;
  const found = text.indexOf(`${DASHES}END`, start);
  const stop = found < 0 ? text.length : found;
  return stop > start ? { start, end: stop } : null;
}

/** The password in a URL (`scheme://user:password@host`) whose `@` is at `at`, or null. Looks 256 characters back. */
export function urlSecret(text: string, at: number): Span | null {
  let colon = -1;
  for (let i = at - 1; i >= 0 && i > at - 256; i--) {
    const code = text.charCodeAt(i);
    if (code === 58) colon = i;
    else if (code === 47) {
      const isScheme = text.charCodeAt(i - 1) === 47 && text.charCodeAt(i - 2) === 58;
      return isScheme && colon > 0 && at > colon + 1 ? { start: colon + 1, end: at } : null;
    } else if (code === 64 || (classOf(code) & END && code !== 38 && code !== 59)) return null;
  }
  return null;
}
