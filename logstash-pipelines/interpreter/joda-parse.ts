import { DAY_NAMES, type FormatPart, formatParts, MONTH_NAMES } from './joda-format.ts';

type Clock = {
  year?: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour?: number;
  half?: number;
  pm?: boolean;
  minute?: number;
  second?: number;
  fraction?: string;
  zone?: string;
};

/** How a pattern is read: the text, the zone of texts without one, the clock for a missing year. */
export type ReadOptions = { zone: string; now_ms: number };

/**
 * Reads a time by a Joda pattern as the date filter does (locale en; names in any case and in full or short form); epoch
 * milliseconds, or null where the text does not fit. A pattern without year takes the year of the clock, or its neighbour around
 * New Year.
 */
export function readTime(pattern: string, text: string, options: ReadOptions): number | null {
  const parts = formatParts(pattern);
  const clock: Clock = {};
  let place = 0;
  for (const [index, part] of parts.entries()) {
    const next = readPart(part, parts[index + 1], text, place, clock);
    if (next === null) return null;
    place = next;
  }
  if (place !== text.length) return null;
  if (!/[yYx]/.test(pattern)) clock.year = guessedYear(clock.month ?? 1, options.now_ms);
  return epochOf(clock, clock.zone ?? options.zone);
}

function guessedYear(month: number, nowMs: number): number {
  const now = new Date(nowMs);
  const year = now.getUTCFullYear();
  if (month === 12 && now.getUTCMonth() === 0) return year - 1;
  return month === 1 && now.getUTCMonth() === 11 ? year + 1 : year;
}

function readPart(
  part: FormatPart,
  next: FormatPart | undefined,
  text: string,
  place: number,
  clock: Clock,
): number | null {
  if ('literal' in part) {
    const found = text.slice(place, place + part.literal.length);
    return found.toLowerCase() === part.literal.toLowerCase() ? place + part.literal.length : null;
  }
  const { letter, count } = part;
  const rest = text.slice(place);
  if (letter === 'M' && count >= 3)
    return readName(MONTH_NAMES, rest, place, (index) => (clock.month = index + 1));
  if (letter === 'E') return readName(DAY_NAMES, rest, place, () => undefined);
  if (letter === 'a') {
    const match = /^[ap]m/i.exec(rest);
    if (!match) return null;
    clock.pm = match[0].toLowerCase() === 'pm';
    return place + 2;
  }
  if (letter === 'Z' || letter === 'z') return readZone(letter, count, rest, place, clock);
  // Digits that touch the next number take their own count only; else as many as there are (Joda's greedy numbers).
  const touching =
    next &&
    'letter' in next &&
    !(next.letter === 'M' && next.count >= 3) &&
    /[yYMdDHhKkmsSx]/.test(next.letter);
  return readNumber(letter, count, touching === true, rest, place, clock);
}

function readName(
  names: string[],
  rest: string,
  place: number,
  keep: (index: number) => void,
): number | null {
  const lower = rest.toLowerCase();
  for (const length of [undefined, 3])
    for (const [index, name] of names.entries()) {
      const wanted = name.slice(0, length).toLowerCase();
      if (!lower.startsWith(wanted)) continue;
      keep(index);
      return place + wanted.length;
    }
  return null;
}

function readZone(letter: string, count: number, rest: string, place: number, clock: Clock): number | null {
  const match = (
    letter === 'Z' && count < 3 ? /^(?:Z|[+-]\d\d(?::?\d\d)?(?::?\d\d)?)/ : /^[A-Za-z][A-Za-z0-9_+\-/]*/
  ).exec(rest);
  if (!match) return null;
  // Joda cannot parse time-zone names (letter z) but for a few; only UTC and GMT are taken here.
  if (letter === 'z' && !/^(UTC|GMT|EST|EDT|CST|CDT|MST|MDT|PST|PDT)$/.test(match[0])) return null;
  clock.zone = match[0];
  return place + match[0].length;
}

const MOST: Record<string, number> = {
  y: 9,
  Y: 9,
  x: 9,
  M: 2,
  d: 2,
  D: 3,
  H: 2,
  h: 2,
  K: 2,
  k: 2,
  m: 2,
  s: 2,
};

function readNumber(
  letter: string,
  count: number,
  touching: boolean,
  rest: string,
  place: number,
  clock: Clock,
): number | null {
  const most = letter === 'S' ? count : touching ? count : (MOST[letter] ?? 0);
  if (!most) return null;
  const match = new RegExp(`^\\d{1,${most}}`).exec(rest);
  if (!match) return null;
  const value = Number(match[0]);
  if ('yYx'.includes(letter)) clock.year = count === 2 && match[0].length === 2 ? pivotYear(value) : value;
  else if (letter === 'M') clock.month = value;
  else if (letter === 'd') clock.day = value;
  else if (letter === 'D') clock.dayOfYear = value;
  else if (letter === 'H') clock.hour = value;
  else if (letter === 'k') clock.hour = value % 24;
  else if (letter === 'h' || letter === 'K') clock.half = value % 12;
  else if (letter === 'm') clock.minute = value;
  else if (letter === 's') clock.second = value;
  else clock.fraction = match[0];
  return place + match[0].length;
}

/** Two digits mean the century around the pivot year 30 years from now, minus 50 (Joda). */
function pivotYear(value: number): number {
  const low = new Date().getUTCFullYear() - 50 + 20;
  const candidate = Math.floor(low / 100) * 100 + value;
  return candidate < low ? candidate + 100 : candidate;
}

function epochOf(clock: Clock, zone: string): number | null {
  const hour = clock.hour ?? (clock.half ?? 0) + (clock.pm ? 12 : 0);
  const { year = 2000, minute = 0, second = 0 } = clock;
  const [month, day] = clock.dayOfYear ? [1, clock.dayOfYear] : [clock.month ?? 1, clock.day ?? 1];
  const millis = Number((clock.fraction ?? '').slice(0, 3).padEnd(3, '0'));
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return null;
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  if (!clock.dayOfYear && new Date(local).getUTCDate() !== day) return null;
  return local - offsetAt(zone, local);
}

/**
 * Offset of a zone in milliseconds at a local time: `Z`, `+02:00`, `+0200`, `Europe/Berlin`.
 * @throws Error for an unknown zone
 */
export function offsetAt(zone: string, localMs: number): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match) return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
  if (/^(Z|UTC|GMT|Etc\/UTC)$/.test(zone)) return 0;
  // Twice: the first guess may lie on the other side of a change to or from summer time.
  const first = zoneOffset(zone, localMs);
  return zoneOffset(zone, localMs - first);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function zoneOffset(zone: string, epochMs: number): number {
  let format = FORMATS.get(zone);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    } catch {
      throw new Error(`The datetime zone id '${zone}' is not recognised`);
    }
    FORMATS.set(zone, format);
  }
  const name = format
    .formatToParts(epochMs)
    .find((part) => part.type === 'timeZoneName')!
    .value.replace('GMT', '');
  return name ? offsetAt(name, epochMs) : 0;
}
