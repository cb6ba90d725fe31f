const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/;
const DIGITS = /^\d{1,19}(\.\d{1,9})?$/;
/** 2200-01-01: later times are mistakes, and PostgreSQL, Elasticsearch and Date agree on all times before it. */
const MAX_TIMESTAMP = Date.UTC(2200, 0, 1);

/**
 * Epoch milliseconds (whole, rounded down) of a client's time stamp, or null when it is none.
 * Text: ISO 8601, `T` or a blank between date and time, `.` or `,` before the fraction, UTC where no zone is given; or a number
 * as text. Numbers: seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
 */
export function parseTimestamp(value: string | number): number | null {
  const ms = typeof value === 'number' ? fromNumber(value) : fromText(value.trim());
  return ms !== null && ms >= 0 && ms < MAX_TIMESTAMP ? ms : null;
}

/** Seconds below 1e11 (year 5138), milliseconds below 1e14 (1973 to 5138), microseconds below 1e17, nanoseconds above. */
function fromNumber(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  if (value < 1e11) return Math.floor(value * 1000 + 1e-6);
  if (value < 1e14) return Math.floor(value);
  return Math.floor(value < 1e17 ? value / 1e3 : value / 1e6);
}

function fromText(text: string): number | null {
  // A text of megabytes is not worth a regular expression.
  if (text.length > 40) return null;
  const parts = ISO.exec(text);
  if (parts === null) return DIGITS.test(text) ? fromNumber(Number(text)) : null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = parts;
  const numbers = [Number(year), Number(month) - 1, Number(day)] as const;
  // Second 60 is a leap second: it becomes the first of the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  const midnight = Date.UTC(...numbers);
  // Date.UTC turns 31 February into 3 March.
  if (new Date(midnight).getUTCDate() !== numbers[2] || numbers[1] > 11) return null;
  const clock = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000;
  return midnight + clock + Number(fraction.slice(0, 3).padEnd(3, '0')) - zoneOffset(zone);
}

/** Milliseconds by which local time in the zone is ahead of UTC. */
function zoneOffset(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)) * (zone.length > 3 ? 1 : 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
