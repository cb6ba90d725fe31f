import { ConfigError } from '../config-error.ts';
import { formatParts } from '../joda-format.ts';
import { offsetAt, type ReadOptions, readTime } from '../joda-parse.ts';
import { type FieldValue, getField, setField } from '../log-event.ts';
import { LogTimestamp } from '../log-timestamp.ts';
import { sprintf } from '../sprintf.ts';
import { tagAll } from './common-options.ts';
import { type FilterMaker } from './filter-context.ts';

const MOST_EPOCH_SECONDS = 2_147_483_647;

/** What `ISO8601` takes (`CasualISO8601Parser.java`): ISO with `T`, or with a blank and then always a fraction. */
const ISO_T =
  /^(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?(?:T(?:(\d\d?)(?::(\d\d?)(?::(\d\d?)(?:[.,](\d+))?)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;
const ISO_BLANK = /^(\d{4})-(\d\d?)-(\d\d?) (\d\d?):(\d\d?):(\d\d?)[.,](\d{1,3})(Z|[+-]\d\d(?::?\d\d)?)?$/;

function readIso(text: string, options: ReadOptions): number | null {
  const match = ISO_T.exec(text) ?? ISO_BLANK.exec(text);
  if (!match) return null;
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', digits = '', zone] = match;
  const local = Date.UTC(
    +year!,
    +month - 1,
    +day,
    +hour,
    +minute,
    +second,
    +digits.slice(0, 3).padEnd(3, '0'),
  );
  const real = new Date(local);
  if (
    +hour > 23 ||
    +minute > 59 ||
    +second > 59 ||
    real.getUTCMonth() !== +month - 1 ||
    real.getUTCDate() !== +day
  )
    return null;
  return local - offsetAt(zone ?? options.zone, local);
}

function readUnix(value: FieldValue, milliseconds: boolean): number | null {
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text)) return null;
  if (milliseconds) return /\./.test(text) && typeof value === 'string' ? null : Math.trunc(Number(text));
  const seconds = Math.trunc(Number(text));
  if (seconds > MOST_EPOCH_SECONDS) return null;
  return seconds * 1000 + Number((text.split('.')[1] ?? '').slice(0, 3).padEnd(3, '0'));
}

function readValue(format: string, value: FieldValue, options: ReadOptions): number | null {
  if (format === 'UNIX') return readUnix(value, false);
  if (format === 'UNIX_MS') return readUnix(value, true);
  if (typeof value !== 'string') return null;
  return format === 'ISO8601' ? readIso(value, options) : readTime(format, value, options);
}

export const dateFilter: FilterMaker = (settings, context, matched) => {
  const [source, ...formats] = settings.lists.match!;
  const wrong = (option: string, message: string): never => {
    throw new ConfigError(settings.file, settings.places[option]!, `date: ${message}`);
  };
  if (!source || !formats.length) wrong('match', 'match needs a field and a format');
  for (const format of formats)
    try {
      if (!/^(ISO8601|UNIX|UNIX_MS)$/.test(format)) formatParts(format);
    } catch (error) {
      wrong('match', (error as Error).message);
    }
  const { locale = 'en', timezone = 'UTC', target = '@timestamp' } = settings.strings;
  if (!/^en([-_](US|GB))?$/.test(locale))
    wrong('locale', `the interpreter knows the locale en only, not ${locale}`);
  if (!timezone.includes('%{')) {
    try {
      offsetAt(timezone, 0);
    } catch (error) {
      wrong('timezone', (error as Error).message);
    }
  }
  const failureTags = settings.lists.tag_on_failure ?? ['_dateparsefailure'];
  return (event) => {
    const value = getField(event, source!);
    if (value === undefined || value === null) return;
    for (const format of formats) {
      const epochMs = readSafely(format, value, {
        zone: sprintf(event, timezone),
        now_ms: context.now().epoch_ms,
      });
      if (epochMs === null) continue;
      setField(event, target, new LogTimestamp(epochMs));
      matched(event);
      return;
    }
    tagAll(event, failureTags);
  };
};

/** A zone from the event that does not exist is a format that did not fit. */
function readSafely(format: string, value: FieldValue, options: ReadOptions): number | null {
  try {
    return readValue(format, value, options);
  } catch {
    return null;
  }
}
