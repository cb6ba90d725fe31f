import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createTokenizer, maskedLine, scan } from './tokenizer.ts';

const tokenizer = createTokenizer();
const mask = (line: string): string => {
  scan(tokenizer, line);
  return maskedLine(tokenizer);
};

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const two = (n: number) => String(n).padStart(2, '0');

/** One moment in the parts that formats are made of. */
const parts = (date: Date, offset: string) => ({
  offset,
  year: date.getUTCFullYear(),
  month: two(date.getUTCMonth() + 1),
  Month: MONTHS[date.getUTCMonth()] as string,
  Jan: (MONTHS[date.getUTCMonth()] as string).slice(0, 3),
  Day: DAYS[date.getUTCDay()] as string,
  Mon: (DAYS[date.getUTCDay()] as string).slice(0, 3),
  day: date.getUTCDate(),
  dd: two(date.getUTCDate()),
  padded: String(date.getUTCDate()).padStart(2, ' '),
  hour: date.getUTCHours() % 12 || 12,
  half: date.getUTCHours() < 12 ? 'AM' : 'PM',
  time: date.toISOString().slice(11, 19),
  minutes: date.toISOString().slice(14, 19),
  ms: date.toISOString().slice(20, 23),
});
type Parts = ReturnType<typeof parts>;

const FORMS: [string, (p: Parts) => string][] = [
  ['RFC 1123', (p) => `${p.Mon}, ${p.dd} ${p.Jan} ${p.year} ${p.time} GMT`],
  ['RFC 5322', (p) => `${p.Mon}, ${p.day} ${p.Jan} ${p.year} ${p.time} ${p.offset}`],
  ['RFC 5322 with a zone', (p) => `${p.Mon}, ${p.day} ${p.Jan} ${p.year} ${p.time} ${p.offset} (CEST)`],
  ['RFC 850', (p) => `${p.Day}, ${p.dd}-${p.Jan}-${two(p.year % 100)} ${p.time} MST`],
  ['RFC 3164', (p) => `${p.Jan} ${p.padded} ${p.time}`],
  ['RFC 3164 with a year', (p) => `${p.Jan} ${p.padded} ${p.year} ${p.time}`],
  ['RFC 3339', (p) => `${p.year}-${p.month}-${p.dd}T${p.time}.${p.ms}+02:00`],
  ['ISO 8601', (p) => `${p.year}-${p.month}-${p.dd} ${p.time},${p.ms} ${p.offset}`],
  ['ISO 8601 without separators', (p) => `${p.year}${p.month}${p.dd}T${p.time.replaceAll(':', '')}Z`],
  ['common log format', (p) => `${p.dd}/${p.Jan}/${p.year}:${p.time} ${p.offset}`],
  ['java.util.logging', (p) => `${p.Jan} ${p.dd}, ${p.year} ${p.hour}:${p.minutes} ${p.half}`],
  ['a month in full', (p) => `${p.Month} ${p.day}, ${p.year} ${p.hour}:${p.minutes} ${p.half} EST`],
  ['Tomcat', (p) => `${p.dd}-${p.Jan}-${p.year} ${p.time}.${p.ms}`],
  ['Redis', (p) => `${p.dd} ${p.Jan} ${p.year} ${p.time}.${p.ms}`],
  ['a day, a month and no year', (p) => `${p.dd} ${p.Jan} ${p.time}`],
  ['Go', (p) => `${p.year}/${p.month}/${p.dd} ${p.time}`],
  ['ctime', (p) => `${p.Mon} ${p.Jan} ${p.padded} ${p.time} ${p.year}`],
  ['Apache', (p) => `${p.Mon} ${p.Jan} ${p.dd} ${p.time}.${p.ms}000 ${p.year}`],
  ['date', (p) => `${p.Mon} ${p.Jan} ${p.padded} ${p.time} CEST ${p.year}`],
  ['systemd', (p) => `${p.Mon} ${p.year}-${p.month}-${p.dd} ${p.time} UTC`],
  ['PostgreSQL', (p) => `${p.year}-${p.month}-${p.dd} ${p.time}.${p.ms} PDT`],
  ['Go with a zone', (p) => `${p.year}-${p.month}-${p.dd} ${p.time}.${p.ms}456 ${p.offset} CET`],
  ['JavaScript', (p) => `${Number(p.month)}/${p.day}/${p.year}, ${p.hour}:${p.minutes} ${p.half}`],
  ['Go of two digits', (p) => `${two(p.year % 100)}/${p.month}/${p.dd} ${p.time}`],
  ['Java with a zone', (p) => `${p.year}-${p.month}-${p.dd}T${p.time}.${p.ms}${p.offset}[Asia/Tokyo]`],
  ['a named zone', (p) => `${p.year}-${p.month}-${p.dd} ${p.time} America/Argentina/Buenos_Aires`],
  ['a named zone in brackets', (p) => `${p.Jan} ${p.padded} ${p.time} [America/Los_Angeles]`],
  ['a month, a day and a time', (p) => `${p.Jan} ${p.day}, ${p.hour}:${p.minutes} ${p.half}`],
  ['a weekday and a day', (p) => `${p.Mon}, ${p.Jan} ${p.day}`],
  ['a time of day', (p) => `${p.hour}:${p.minutes}${p.half}`],
  ['an hour of the day', (p) => `${p.hour}:${p.minutes.slice(0, 2)} ${p.half.toLowerCase()}`],
];

const moment = fc.date({
  min: new Date('1990-01-01T00:00:00Z'),
  max: new Date('2049-12-31T23:59:59Z'),
  noInvalidDate: true,
});
const offset = fc.constantFrom('+0000', '-0700', '+0130', '+1400', '+05:30');

describe('dates and times', () => {
  test.each(FORMS)('%s: any two are one value', (_, form) => {
    fc.assert(
      fc.property(moment, offset, (date, zone) => {
        const written = form(parts(date, zone));
        expect(mask(`${written} host up`), written).toBe('<TS> host up');
        expect(mask(`[${written}] up`), written).toBe('[<TS>] up');
        expect(mask(`since ${written}`), written).toBe('since <TS>');
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['Mon, 02 Jan 2006 15:04:05 INFO up', '<TS> INFO up'],
    ['10:00:00 ERROR up', '<TS> ERROR up'],
    ['May 5% be lost', 'May <NUM> be lost'],
    ['March of 12 Marines', 'March of <NUM> Marines'],
    ['Sun Microsystems', 'Sun Microsystems'],
    ['12 Mart items', '<NUM> Mart items'],
    ['2 May fail', '<NUM> May fail'],
    ['May 5 replicas failed to start', 'May <NUM> replicas failed to start'],
    ['10/20/30 done', '<NUM> done'],
    ['100/200/300 done', '<NUM> done'],
    ['10/20/2030 done', '<TS> done'],
    ['10:00:00Z[UTC] up', '<TS> up'],
    ['10:00:00 [Europe/Berlin] up', '<TS> up'],
    ['10:00:00 Etc/GMT+5: up', '<TS>: up'],
    ['10:00:00 [CAT] up', '<TS> [CAT] up'],
    ['10:00:00 App/Main up', '<TS> App/Main up'],
    ['10:00:00 Asia/Tokyo.log up', '<TS> Asia/Tokyo.log up'],
    ['at 10:00:00 Asia/ up', 'at <TS> Asia/ up'],
    ['ratio 0/0/12/30/2', 'ratio <NUM>'],
    ['at 10:00:00 -3 items', 'at <TS> <NUM> items'],
    ['at 10:00:00 AMOUNT', 'at <TS> AMOUNT'],
    ['at 10:00:00,5', 'at <TS>,<NUM>'],
  ])('are not what only looks like one: %s', (line, pattern) => expect(mask(line)).toBe(pattern));

  it('may be cut off anywhere', () => {
    const line =
      'Monday, 02-Jan-06 15:04:05 MST, Jan  2, 2006 3:04:05 PM +0100 (CET) 2006 15:04:05 [America/Argentina/Buenos_Aires] 17/06/09 20:10';
    for (let end = 0; end <= line.length; end++)
      expect(mask(line.slice(0, end)).length).toBeLessThanOrEqual(line.length);
  });
});
