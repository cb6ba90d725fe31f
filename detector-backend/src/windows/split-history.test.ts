import { describe, expect, it } from 'vitest';
import { documentFrequency, learnMinute, redirectTemplates, type Baseline } from './baseline.ts';
import { featureVector } from './feature-vector.ts';
import { followSplits } from './split-history.ts';
import { learnedBaseline, usualMinute, windowOf } from './window-fixture.ts';
import { FEATURE_NAMES, type WindowInput } from './window-schema.ts';

const SPLIT_OFF = 7;
const SPLITS = new Map([[SPLIT_OFF, 1]]);
const NONE = new Map<number, number>();
const UNDONE = new Map([[SPLIT_OFF, 1]]);

/** The usual minute after template 7 was split off template 1, with this share of its lines in every `every`th minute. */
function minuteWith(minute: number, share: number, every = 1): WindowInput {
  const input = usualMinute(minute);
  const whole = input.counts.templates.get(1);
  const own = minute % every === 0 ? Math.round((whole?.count ?? 0) * share) : 0;
  if (whole && own > 0) input.counts.templates.set(SPLIT_OFF, { ...whole, count: own });
  if (whole && own < whole.count) input.counts.templates.set(1, { ...whole, count: whole.count - own });
  else input.counts.templates.delete(1);
  return input;
}

/** The highest of all features in the minutes after 200, each judged and then learned. */
function judge(baseline: Baseline, minutes: number, minuteOf: (minute: number) => WindowInput): number {
  let highest = 0;
  for (let minute = 200; minute < 200 + minutes; minute++) {
    // As a judge does, also after a restart: before every block.
    followSplits(baseline, SPLITS, NONE);
    const input = minuteOf(minute);
    const vector = featureVector(input, baseline);
    highest = Math.max(highest, ...vector.features);
    learnMinute(baseline, input, vector, 1);
  }
  return highest;
}

function undo(baseline: Baseline): void {
  followSplits(baseline, SPLITS, UNDONE);
  redirectTemplates(baseline, UNDONE);
}

/** Judges and learns these minutes, an undone split known as a judge lets it be. */
function expectNoNews(baseline: Baseline, from: number, minutes: WindowInput[]): void {
  for (const [i, input] of minutes.entries()) {
    const vector = featureVector(input, baseline);
    expect(Math.max(...vector.features), `minute ${from + i}`).toBeLessThan(2);
    learnMinute(baseline, input, vector, 1);
    undo(baseline);
  }
}

describe('followSplits', () => {
  it('would be an anomaly without', () => {
    expect(Math.max(...featureVector(minuteWith(200, 0.6), learnedBaseline(200)).features)).toBeGreaterThan(
      5,
    );
  });

  it.each([
    { share: 0.6, every: 1 },
    { share: 1, every: 1 },
    // Two lines of a template that is seldom are something in a mix as steady as this: so they are without an edit.
    { share: 0.02, every: 40, most: 4 },
    { share: 0.5, every: 3 },
  ])(
    'makes nothing of a split by $share of the lines, every $every minutes',
    ({ share, every, most = 2 }) => {
      const baseline = JSON.parse(JSON.stringify(learnedBaseline(200))) as Baseline;
      expect(judge(baseline, 200, (minute) => minuteWith(minute, share, every))).toBeLessThan(most);
      expect(baseline.splits).toBeUndefined();
    },
  );

  it('divides what was known as the lines divide, and then misses either', () => {
    const baseline = learnedBaseline(200);
    const before = baseline.count;
    judge(baseline, 100, (minute) => minuteWith(minute, 0.6));
    const [, own = 0] = baseline.templates[SPLIT_OFF] ?? [];
    const [, others = 0] = baseline.templates[1] ?? [];
    expect(own / (own + others)).toBeCloseTo(0.6, 1);
    expect(baseline.count).toBeGreaterThan(before);
    expect(documentFrequency(baseline, SPLIT_OFF)).toBeGreaterThan(0.9);
    const absent = featureVector(minuteWith(300, 0), baseline);
    expect(absent.features[FEATURE_NAMES.indexOf('expected_absent')]).toBeGreaterThan(2);
    expect(absent.evidence).toContainEqual(
      expect.objectContaining({ feature: 'expected_absent', template_id: SPLIT_OFF }),
    );
  });

  it('makes nothing of what is split off and ignored at once, or alone is left', () => {
    for (const redirects of [new Map([[SPLIT_OFF, 0]]), new Map([[1, 0]])]) {
      const baseline = learnedBaseline(200);
      let once = '';
      for (let again = 0; again < 3; again++) {
        followSplits(baseline, SPLITS, redirects);
        redirectTemplates(baseline, redirects);
        once ||= JSON.stringify(baseline);
      }
      expect(JSON.stringify(baseline)).toBe(once);
      const input = minuteWith(200, 0.4);
      for (const ignored of redirects.keys()) input.counts.templates.delete(ignored);
      expect(
        Math.max(...featureVector(input, baseline).features),
        JSON.stringify([...redirects]),
      ).toBeLessThan(2);
    }
  });

  it('gives the lines back when the split is undone, and splits again', () => {
    const baseline = learnedBaseline(200);
    judge(baseline, 30, (minute) => minuteWith(minute, 0.6));
    undo(baseline);
    expectNoNews(baseline, 230, [usualMinute(230)]);
    expect(judge(baseline, 100, (minute) => minuteWith(minute, 0.6))).toBeLessThan(2);
    undo(baseline);
    expectNoNews(baseline, 330, [usualMinute(330)]);
    expect(judge(baseline, 100, (minute) => minuteWith(minute, 0.6))).toBeLessThan(2);
  });

  it.each([0, 30])(
    'makes nothing of what was counted apart before it was undone after %d minutes',
    (minutes) => {
      const baseline = learnedBaseline(200);
      if (minutes > 0) judge(baseline, minutes, (minute) => minuteWith(minute, 0.6));
      undo(baseline);
      expectNoNews(baseline, 200 + minutes, [minuteWith(200 + minutes, 0.6), usualMinute(201 + minutes)]);
      expect(baseline.splits).toBeUndefined();
    },
  );

  it('leaves a template new that came with a split of nothing known', () => {
    const baseline = learnedBaseline(200);
    followSplits(baseline, new Map([[SPLIT_OFF, 99]]), NONE);
    const vector = featureVector(
      windowOf(200, { 1: { count: 100 }, 2: { count: 40 }, 7: { count: 5 } }),
      baseline,
    );
    expect(vector.evidence).toContainEqual(
      expect.objectContaining({ feature: 'new_templates', template_id: 7 }),
    );
  });
});
