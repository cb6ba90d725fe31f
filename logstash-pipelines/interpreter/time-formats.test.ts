import { describe, expect, it } from 'vitest';
import { filterOne } from './pipeline-fixture.ts';

function read(format: string, text: string | number, options = '', now?: string): unknown {
  const event = filterOne(`date { match => ["t", "${format}"] ${options} }`, { t: text }, now);
  return event.tags ?? event['@timestamp'];
}

describe('the date filter', () => {
  it.each([
    ['ISO8601', '2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z'],
    ['ISO8601', '2026-01-02T03:04:05.123456789+02:00', '2026-01-02T01:04:05.123Z'],
    ['ISO8601', '2026-01-02T03:04', '2026-01-02T03:04:00.000Z'],
    ['ISO8601', '2026-01-02', '2026-01-02T00:00:00.000Z'],
    ['ISO8601', '2026-01-02 03:04:05,678', '2026-01-02T03:04:05.678Z'],
    ['UNIX', '1768478400.5', '2026-01-15T12:00:00.500Z'],
    ['UNIX', 1768478400, '2026-01-15T12:00:00.000Z'],
    ['UNIX_MS', '1768478400123', '2026-01-15T12:00:00.123Z'],
    ['dd/MMM/yyyy:HH:mm:ss Z', '02/Jan/2026:03:04:05 -0500', '2026-01-02T08:04:05.000Z'],
    ['yyyy-MM-dd HH:mm:ss.SSS', '2026-01-02 03:04:05.678', '2026-01-02T03:04:05.678Z'],
    ['yyyyMMddHHmmss', '20260102030405', '2026-01-02T03:04:05.000Z'],
    ['yy/M/d h:m a', '26/1/2 3:04 PM', '2026-01-02T15:04:00.000Z'],
    ["EEE, dd MMM yyyy HH:mm:ss 'GMT'", 'Fri, 02 Jan 2026 03:04:05 GMT', '2026-01-02T03:04:05.000Z'],
    ['yyyy/MM/dd HH:mm:ss', '2026/01/02 03:04:05', '2026-01-02T03:04:05.000Z'],
    ['yyyy-MM-dd HH:mm:ss ZZZ', '2026-07-02 03:04:05 Europe/Berlin', '2026-07-02T01:04:05.000Z'],
    ['yyyy-DDD', '2026-032', '2026-02-01T00:00:00.000Z'],
  ])('%s reads %s', (format, text, expected) => {
    expect(read(format, text)).toBe(expected);
  });

  it.each([
    ['ISO8601', '2026-01-02 03:04:05'],
    ['ISO8601', '2026-13-02T00:00:00Z'],
    ['ISO8601', 'yesterday'],
    ['UNIX', '99999999999'],
    ['UNIX', 'soon'],
    ['UNIX_MS', '1.5'],
    ['yyyy-MM-dd', '2026-01-02 03:04'],
    ['yyyy-MM-dd', '2026-02-30'],
    ['MMM d HH:mm:ss', 'Foo 2 03:04:05'],
  ])('%s refuses %s', (format, text) => {
    expect(read(format, text)).toEqual(['_dateparsefailure']);
  });

  it('guesses a missing year, around New Year too', () => {
    expect(read('MMM d HH:mm:ss', 'Mar 2 03:04:05')).toBe('2026-03-02T03:04:05.000Z');
    expect(read('MMM d HH:mm:ss', 'Dec 31 23:59:59', '', '2026-01-01T00:00:10.000Z')).toBe(
      '2025-12-31T23:59:59.000Z',
    );
    expect(read('MMM d HH:mm:ss', 'Jan 1 00:00:00', '', '2025-12-31T23:59:58.000Z')).toBe(
      '2026-01-01T00:00:00.000Z',
    );
  });

  it('takes a zone, from the event too, in summer and winter', () => {
    const format = 'yyyy-MM-dd HH:mm:ss';
    expect(read(format, '2026-07-02 03:04:05', 'timezone => "Europe/Berlin"')).toBe(
      '2026-07-02T01:04:05.000Z',
    );
    expect(read(format, '2026-01-02 03:04:05', 'timezone => "Europe/Berlin"')).toBe(
      '2026-01-02T02:04:05.000Z',
    );
    const filter = `date { match => ["t", "${format}"] timezone => "%{zone}" }`;
    expect(filterOne(filter, { t: '2026-01-02 03:04:05', zone: '+01:00' })['@timestamp']).toBe(
      '2026-01-02T02:04:05.000Z',
    );
    expect(filterOne(filter, { t: '2026-01-02 03:04:05', zone: 'Mars' }).tags).toEqual(['_dateparsefailure']);
  });

  it('tries formats in turn, writes to a target, and leaves a missing field alone', () => {
    const filter =
      'date { match => ["t", "ISO8601", "UNIX"] target => "[event][time]" remove_field => ["t"] }';
    expect(filterOne(filter, { t: '0' })).toEqual({ event: { time: '1970-01-01T00:00:00.000Z' } });
    expect(filterOne(filter, { other: 1 })).toEqual({ other: 1 });
  });
});
