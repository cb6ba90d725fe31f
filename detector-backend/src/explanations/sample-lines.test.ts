import { describe, expect, it } from 'vitest';
import { chooseLines, matchesPattern, MAX_SAMPLE_LINES } from './sample-lines.ts';

const line = (timestamp: number, message: string) => ({
  timestamp,
  severity: 'info' as const,
  source: 'push',
  message,
});

describe('matchesPattern', () => {
  it.each<[boolean, string, string]>([
    [true, 'payment <*> refused after <NUM>ms', 'payment 17 refused after 250ms'],
    [true, '<*> refused', 'payment  17\trefused'],
    [false, 'payment <*> refused', 'refused payment 17'],
    [false, 'payment accepted', 'payment refused'],
    [true, '<*>', ''],
  ])('%s for %j and %j', (matches, pattern, message) => {
    expect(matchesPattern(pattern, message)).toBe(matches);
  });
});

describe('chooseLines', () => {
  it('prefers the lines of the templates, fairly between them, and keeps the order of time', () => {
    const lines = [
      ...Array.from({ length: 40 }, (_, at) => line(at, `usual ${at}`)),
      ...Array.from({ length: 20 }, (_, at) => line(100 + at, `refused ${at}`)),
      line(200, 'panic 1'),
    ];
    const chosen = chooseLines(lines, ['refused <NUM>', 'panic <NUM>']);
    expect(chosen).toHaveLength(MAX_SAMPLE_LINES);
    expect(chosen.map(({ message }) => message.split(' ')[0])).toEqual([
      ...new Array<string>(9).fill('refused'),
      'panic',
    ]);
    expect(chooseLines(lines.slice(0, 3), ['refused <NUM>'])).toEqual(lines.slice(0, 3));
  });

  it('cuts endless messages', () => {
    expect(chooseLines([line(1, 'x'.repeat(9000))], [])[0]?.message).toHaveLength(2001);
  });
});
