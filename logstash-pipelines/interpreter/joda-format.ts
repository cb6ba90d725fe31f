const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

export type FormatPart = { letter: string; count: number } | { literal: string };

/**
 * Splits a Joda pattern into letters and literals (`'…'` quotes, `''` is one quote).
 * @throws Error for a letter that the interpreter does not know
 */
export function formatParts(pattern: string): FormatPart[] {
  const parts: FormatPart[] = [];
  const scan = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g;
  for (const match of pattern.matchAll(scan)) {
    if (match[1] !== undefined)
      parts.push({ literal: match[1] === '' ? "'" : match[1].replaceAll("''", "'") });
    else if (match[2] === undefined) parts.push({ literal: match[0] });
    else if (/[GCaKkhHmsSyYxwMdDEeZz]/.test(match[2]))
      parts.push({ letter: match[2], count: match[0].length });
    else throw new Error(`Illegal pattern component: ${match[0]}`);
  }
  return parts;
}

/** ISO week and its year. */
function isoWeek(date: Date): { year: number; week: number; day: number } {
  const day = date.getUTCDay() || 7;
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - day));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1, day };
}

/**
 * Formats a time in UTC by a Joda pattern (`YYYY.MM.dd`), or by a java.time pattern as far as its letters mean the same.
 * @param epochMs epoch milliseconds
 */
export function formatTime(pattern: string, epochMs: number): string {
  const date = new Date(epochMs);
  return formatParts(pattern)
    .map((part) => ('literal' in part ? part.literal : formatLetter(part.letter, part.count, date)))
    .join('');
}

function formatLetter(letter: string, count: number, date: Date): string {
  const padded = (value: number) => String(value).padStart(count, '0');
  const hour = date.getUTCHours();
  switch (letter) {
    case 'y':
    case 'Y':
    case 'x': {
      const year = letter === 'x' ? isoWeek(date).year : date.getUTCFullYear();
      return count === 2 ? String(year % 100).padStart(2, '0') : padded(year);
    }
    case 'M': {
      const name = MONTHS[date.getUTCMonth()]!;
      return count > 3 ? name : count === 3 ? name.slice(0, 3) : padded(date.getUTCMonth() + 1);
    }
    case 'E': {
      const name = DAYS[date.getUTCDay()]!;
      return count > 3 ? name : name.slice(0, 3);
    }
    case 'd':
      return padded(date.getUTCDate());
    case 'D':
      return padded(Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1);
    case 'w':
      return padded(isoWeek(date).week);
    case 'e':
      return padded(isoWeek(date).day);
    case 'H':
      return padded(hour);
    case 'h':
      return padded(hour % 12 || 12);
    case 'a':
      return hour < 12 ? 'AM' : 'PM';
    case 'm':
      return padded(date.getUTCMinutes());
    case 's':
      return padded(date.getUTCSeconds());
    case 'S':
      return String(date.getUTCMilliseconds()).padStart(3, '0').padEnd(count, '0').slice(0, count);
    case 'Z':
      return count === 1 ? '+0000' : count === 2 ? '+00:00' : 'UTC';
    case 'z':
      return 'UTC';
    default:
      throw new Error(`the interpreter does not format the letter ${letter}`);
  }
}

export const MONTH_NAMES = MONTHS;
export const DAY_NAMES = DAYS;
