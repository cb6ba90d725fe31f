import { describe, expect, it } from 'vitest';
import {
  createBaseline,
  documentFrequency,
  expectedRoot,
  learnMinute,
  redirectTemplates,
  seasonOffset,
  withExpectation,
  type Baseline,
} from './baseline.ts';
import { featureVector } from './feature-vector.ts';
import { FEATURE_NAMES } from './window-schema.ts';
import { learnedBaseline, NOON, usualMinute, windowOf } from './window-fixture.ts';

const DAY_MINUTES = 1440;
const learn = (baseline: Baseline, input: ReturnType<typeof windowOf>, weight = 1) =>
  learnMinute(baseline, input, featureVector(input, baseline), weight);

describe('learnMinute', () => {
  it('learns level, templates and durations', () => {
    const baseline = learnedBaseline(200);
    expect(expectedRoot(baseline, NOON + 200 * 60_000) ** 2).toBeCloseTo(150, -1);
    expect(documentFrequency(baseline, 1)).toBeGreaterThan(0.99);
    expect(documentFrequency(baseline, 99)).toBeLessThan(0.01);
    expect(baseline.templates[2]?.[4]).toBeCloseTo(Math.log(50), 1);
    expect(baseline.minutes_seen).toBe(200);
  });

  it('learns nothing from a blind minute, and little from an incident', () => {
    const baseline = learnedBaseline(200);
    const before = JSON.stringify(baseline);
    learn(baseline, windowOf(200, {}, true));
    expect(JSON.stringify(baseline)).toBe(before);
    for (let minute = 200; minute < 210; minute++)
      learn(baseline, windowOf(minute, { 9: { count: 500, severity_rank: 5 } }), 0.1);
    expect(documentFrequency(baseline, 9)).toBeLessThan(0.01);
    expect(expectedRoot(baseline, NOON + 210 * 60_000) ** 2).toBeLessThan(250);
  });

  it('accepts a level that stays', () => {
    const baseline = learnedBaseline(200);
    for (let minute = 200; minute < 260; minute++) learn(baseline, windowOf(minute, { 1: { count: 400 } }));
    expect(expectedRoot(baseline, NOON + 260 * 60_000) ** 2).toBeCloseTo(400, -2);
  });

  it('halves what it knew in seven days', () => {
    const baseline = learnedBaseline(60);
    const known = (baseline.templates[3]?.[0] ?? 0) / baseline.unit;
    for (let day = 1; day <= 7; day++)
      learn(baseline, windowOf(day * DAY_MINUTES + 60, { 1: { count: 100 } }));
    const later = (baseline.templates[3]?.[0] ?? 0) / baseline.unit;
    expect(later / known).toBeCloseTo(0.5, 1);
  });

  it('trusts a time of day after about three days only, and not at all within a compressed day', () => {
    const lines = (minute: number) => (minute % DAY_MINUTES < 720 ? 400 : 25);
    const baseline = createBaseline();
    const offset = (minute: number) => seasonOffset(baseline, NOON + minute * 60_000);
    for (let minute = 0; minute < 240; minute++)
      learn(baseline, windowOf(minute, { 1: { count: lines(minute * 6) } }));
    expect(offset(240)).toBe(0);
    const days = createBaseline();
    for (let minute = 0; minute < 5 * DAY_MINUTES; minute += 2)
      learn(days, windowOf(minute, { 1: { count: lines(minute) } }));
    expect(seasonOffset(days, NOON + 300 * 60_000)).toBeGreaterThan(3);
    expect(seasonOffset(days, NOON + 1100 * 60_000)).toBeLessThan(-3);
  });

  it('stays bounded, however many templates come', () => {
    const baseline = createBaseline();
    for (let minute = 0; minute < 100; minute++) {
      const ids = Array.from({ length: 40 }, (_, index) => [
        2 ** 52 + minute * 40 + index,
        { count: 3, value_count: 3, value_logsum: 12.3456789 },
      ]);
      learn(baseline, windowOf(minute, { 1: { count: 50 }, ...(Object.fromEntries(ids) as object) }));
    }
    expect(Object.keys(baseline.templates).length).toBeLessThanOrEqual(800);
    expect(baseline.templates[1]?.[0]).toBeGreaterThan(90);
    expect(JSON.stringify(baseline).length).toBeLessThan(55_000);
  });

  it('gives the same state from the same minutes, whether or not it went through JSON between them', () => {
    const straight = createBaseline();
    let stored = createBaseline();
    for (let minute = 0; minute < 50; minute++) {
      learn(straight, usualMinute(minute));
      stored = JSON.parse(JSON.stringify(stored)) as Baseline;
      learn(stored, usualMinute(minute));
    }
    expect(stored).toEqual(straight);
  });
});

it('judges the volume of an earlier minute by what was expected then', () => {
  const baseline = learnedBaseline(300);
  const early = usualMinute(300);
  const grown = { ...baseline, level: 2 * baseline.level };
  const low = (judge: Baseline) =>
    featureVector(early, judge).features[FEATURE_NAMES.indexOf('volume_low')] ?? 0;
  expect(low(grown)).toBeGreaterThan(5);
  expect(low(withExpectation(grown, early.window_end, early.counts.lines))).toBe(0);
});

describe('redirectTemplates', () => {
  const minuteOf = (templates: Record<number, number>, lines: number) => {
    const input = windowOf(
      200,
      Object.fromEntries(Object.entries(templates).map(([id, count]) => [id, { count }])),
    );
    // Lines of ignored templates are counted all the same.
    input.counts.lines = lines;
    return input;
  };

  it('lets a merge make no news and no silence, and changes nothing when done again', () => {
    const merged = minuteOf({ 1: 140, 3: 10 }, 150);
    const before = featureVector(merged, learnedBaseline(200)).features;
    const baseline = learnedBaseline(200);
    redirectTemplates(baseline, new Map([[2, 1]]));
    const after = featureVector(merged, baseline).features;
    expect(Math.max(...before)).toBeGreaterThan(5);
    expect(Math.max(...after)).toBeLessThan(2);
    const once = JSON.stringify(baseline);
    redirectTemplates(baseline, new Map([[2, 1]]));
    expect(JSON.stringify(baseline)).toBe(once);
    // Undone: its lines are back, and were seen before.
    expect(featureVector(minuteOf({ 1: 100, 2: 40, 3: 10 }, 150), baseline).evidence).not.toContainEqual(
      expect.objectContaining({ feature: 'new_templates' }),
    );
  });

  it('lets nobody wait for the lines of an ignored template', () => {
    const ignored = minuteOf({ 1: 100, 3: 10 }, 150);
    const baseline = learnedBaseline(200);
    expect(Math.max(...featureVector(ignored, baseline).features)).toBeGreaterThan(2);
    redirectTemplates(baseline, new Map([[2, 0]]));
    expect(Math.max(...featureVector(ignored, baseline).features)).toBeLessThan(2);
  });
});
