import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Explanation } from '../explanations/explanation-schema.ts';
import { RESOLVE_AFTER_MS } from '../scoring/score-schema.ts';
import {
  advanceEpisode,
  episodeId,
  joinLate,
  reviseEpisode,
  wantsExplanation,
  type Episode,
  type EpisodeEvent,
} from './episode.ts';

const service_id = '7d2d9a7c-0000-8000-8000-000000000001';
const STEP = 10_000;
const window = (edge: number, score: number) => ({
  service_id,
  window_start: edge * STEP - 60_000,
  window_end: edge * STEP,
  score,
  model_version_id: null,
});
const explanation = (score: number, started_at: number): Explanation => ({
  anomaly_type: 'error_surge',
  summary: '',
  score,
  base: 0,
  shap_values: [],
  lines: { actual: 1, expected: 1 },
  templates: [],
  sample_lines: [],
  lines_before: [],
  unread_sources: [],
  started_at,
});

/** The life of a service whose windows get these scores, one tile edge each. */
function live(scores: number[]): { ended: Episode[]; open: Episode | null; events: EpisodeEvent[] } {
  const ended: Episode[] = [];
  const events: EpisodeEvent[] = [];
  let open: Episode | null = null;
  scores.forEach((score, index) => {
    const judged = window(index + 10, score);
    const why = wantsExplanation(open, judged) ? explanation(score, judged.window_start) : null;
    const next = advanceEpisode(open, judged, why);
    events.push(...next.events);
    open = next.episode;
    if (open && open.status !== 'open') {
      ended.push(open);
      open = null;
    }
  });
  return { ended, open, events };
}

const quiet = (edges: number) => new Array<number>(edges).fill(0);

describe('advanceEpisode', () => {
  test('opens at 75, not below', () => {
    expect(live([74.9]).open).toBeNull();
    expect(live([75]).open).toMatchObject({ status: 'open', severity: 'medium', score: 75 });
  });
  test('is one episode while scores stay at 50, and resolved two minutes after the last of them', () => {
    const { ended, events } = live([80, 50, 10, 50, ...quiet(RESOLVE_AFTER_MS / STEP)]);
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({
      status: 'resolved',
      last_seen_at: 13 * STEP,
      resolved_at: 13 * STEP + RESOLVE_AFTER_MS,
    });
    expect(events.map((event) => event.event)).toEqual(['opened', 'resolved']);
  });
  test('a rise of severity is an escalated event of the same anomaly, and the peak explains it', () => {
    const { open, events } = live([76, 95]);
    expect(events.map((event) => [event.event, event.severity])).toEqual([
      ['opened', 'medium'],
      ['escalated', 'high'],
    ]);
    expect(open).toMatchObject({ score: 95, severity: 'high', explanation: { score: 95 } });
    expect(new Set(events.map((event) => event.anomaly_id)).size).toBe(1);
  });
  test('escalates also when the rise is small', () => {
    const { open, events } = live([89, 93]);
    expect(events.map((event) => event.event)).toEqual(['opened', 'escalated']);
    expect(open).toMatchObject({ severity: 'high', score: 93 });
  });
  test('every life: episodes do not overlap, each event happens once, and it starts before it opens', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 200 }), (scores) => {
        const { ended, open, events } = live(scores);
        const all = open ? [...ended, open] : ended;
        for (const [index, episode] of all.entries()) {
          expect(episode.started_at).toBeLessThanOrEqual(episode.opened_at);
          expect(episode.opened_at).toBeLessThanOrEqual(episode.last_seen_at);
          const next = all[index + 1];
          if (next) expect(next.opened_at).toBeGreaterThan(episode.resolved_at ?? 0);
        }
        const keys = events.map((event) => `${event.anomaly_id} ${event.event}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

test('the id tells service and edge, so a window judged again opens the same anomaly', () => {
  expect(episodeId(service_id, 5)).toBe(episodeId(service_id, 5));
  expect(episodeId(service_id, 5)).not.toBe(episodeId(service_id, 6));
  expect(episodeId(service_id, 5)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test('late lines open an episode of the past as resolved, one of the present as open, and raise one that they touch', () => {
  const late = window(20, 90);
  const past = joinLate(null, late, explanation(90, late.window_start), late.window_end + RESOLVE_AFTER_MS);
  expect(past.episode).toMatchObject({ status: 'resolved', resolved_at: late.window_end + RESOLVE_AFTER_MS });
  expect(past.events.map((event) => event.event)).toEqual(['opened', 'resolved']);
  expect(joinLate(null, late, explanation(90, 0), late.window_end).episode.status).toBe('open');
  const raised = joinLate(live([80]).open, late, explanation(90, 0), late.window_end);
  expect(raised.episode).toMatchObject({ score: 90, severity: 'high' });
  expect(raised.events.map((event) => event.event)).toEqual(['escalated']);
});

test('an episode is withdrawn when late lines take its evidence away, and kept otherwise', () => {
  const episode: Episode = { ...(live([80]).open as Episode), anomaly_type: 'silence' };
  expect(reviseEpisode({ ...episode, anomaly_type: 'error_surge' }, 12, 11 * STEP)).toBeNull();
  expect(reviseEpisode(episode, 80, 11 * STEP)).toBeNull();
  expect(reviseEpisode(episode, null, 11 * STEP)).toBeNull();
  const revised = reviseEpisode(episode, 12, 11 * STEP);
  expect(revised?.episode).toMatchObject({ status: 'withdrawn', score: 12, id: episode.id });
  expect(revised?.events.map((event) => event.event)).toEqual(['withdrawn']);
});
