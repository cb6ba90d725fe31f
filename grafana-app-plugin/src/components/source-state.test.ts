import { formatShare, sourceState, timeToGo, unminedText } from './source-state.ts';

const source = { status: 'ok', cursor_at: '2026-03-04T12:00:00Z' } as const;
const backfill = { from: '', until: '', progress: 0.5, seconds_left: 10 };

it.each([
  ['OK', source],
  ['Waiting', { ...source, cursor_at: null }],
  ['Behind', { ...source, status: 'behind' }],
  ['Catching up', { ...source, status: 'behind', backfill }],
  ['Blind', { ...source, status: 'blind', backfill }],
  ['Error', { ...source, status: 'error', cursor_at: null }],
  ['Disabled', { ...source, status: 'disabled', backfill }],
] as const)('is called %s', (name, given) => {
  expect(sourceState(given).name).toBe(name);
});

it.each([
  [1, '100 %'],
  [0.9997, '99.9 %'],
  [0.75, '75 %'],
  [0.03, '3 %'],
  [0.004, '0.4 %'],
  [0.0002, 'under 0.1 %'],
  [0, '0 %'],
])('a share of %d is %s', (share, text) => {
  expect(formatShare(share)).toBe(text);
});

it('speaks of coverage only where lines were not mined', () => {
  expect(unminedText({ coverage: 0.97, lines_unmined: 5_472_003 })).toBe(
    '3 % of lines counted but not mined (5.5M lines in all)',
  );
  expect(unminedText({ coverage: 1, lines_unmined: 12 })).toBeNull();
});

it('says how long it takes, or that this is not known', () => {
  expect(timeToGo(214)).toBe('about 4\u00a0min to go');
  expect(timeToGo(null)).toBe('time to go not known yet');
});
