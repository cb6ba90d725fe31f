import { dateTimeFormat } from '@grafana/data';

const DAY_MS = 86_400_000;
type Moment = string | number;
const ms = (time: Moment): number => (typeof time === 'number' ? time : Date.parse(time));

export const formatClock = (time: Moment, timeZone: string): string =>
  dateTimeFormat(ms(time), { timeZone, format: 'HH:mm' });

export const formatSecond = (time: Moment, timeZone: string): string =>
  dateTimeFormat(ms(time), { timeZone, format: 'HH:mm:ss' });

/** `15:04–15:05`; with seconds where an end is not on a full minute. */
export function formatSpan(from: Moment, to: Moment, timeZone: string): string {
  const isWhole = ms(from) % 60_000 === 0 && ms(to) % 60_000 === 0;
  const format = isWhole ? formatClock : formatSecond;
  return `${format(from, timeZone)}–${format(to, timeZone)}`;
}

export const formatFull = (time: Moment, timeZone: string): string =>
  dateTimeFormat(ms(time), { timeZone, format: 'YYYY-MM-DD HH:mm:ss' });

/** Time of day; with the date where it is not within a day of `now`. */
export const formatShort = (time: Moment, now: number, timeZone: string): string =>
  Math.abs(now - ms(time)) < DAY_MS / 2
    ? formatSecond(time, timeZone)
    : dateTimeFormat(ms(time), { timeZone, format: 'MMM D, HH:mm' });

/** Two largest units, unbreakable: `42 s`, `9 min`, `1 h 12 min`, `3 d 4 h`. */
export const formatDuration = (duration_ms: number): string =>
  durationText(duration_ms).replaceAll(' ', '\u00a0');

function durationText(duration_ms: number): string {
  const seconds = Math.max(0, Math.round(duration_ms / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  }
  const rest = hours % 24;
  return rest === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${rest} h`;
}

/** At most three figures: `0.4`, `31`, `1,240`, `12.4k`. */
export function formatCount(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000_000) {
    return `${trim(value / 1_000_000)}M`;
  }
  if (size >= 10_000) {
    return `${trim(value / 1000)}k`;
  }
  return size >= 10 ? Math.round(value).toLocaleString('en-US') : trim(value);
}

const trim = (value: number): string => String(Number(value.toFixed(1)));
