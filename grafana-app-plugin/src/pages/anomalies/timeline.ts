import type { AnomalyDetail, FeatureWindow } from '../../api/types.ts';
import type { Interval } from '../../api/windows.ts';

const MINUTE = 60_000;
const BEFORE = 40 * MINUTE;
const AFTER = 15 * MINUTE;
/** An open episode ends where its service has been judged: there is nothing after it yet. */
const AFTER_OPEN = 2 * MINUTE;

/** Last window edge at which the episode was seen, epoch ms; it is resolved some time after that. */
export const episodeEnd = (anomaly: AnomalyDetail): number => Date.parse(anomaly.last_seen_at);

/** What the timeline shows: the episode with enough of the time around it to see what is usual. */
export function timelineInterval(anomaly: AnomalyDetail): Interval {
  const from = Date.parse(anomaly.started_at) - BEFORE;
  const to = episodeEnd(anomaly) + (anomaly.status === 'open' ? AFTER_OPEN : AFTER);
  return { from: Math.floor(from / MINUTE) * MINUTE, to: Math.ceil(to / MINUTE) * MINUTE };
}

/** Columns of the charts, aligned by index; null is a gap. */
export interface TimelineData {
  /** Ends of the windows, epoch ms. */
  times: number[];
  lines: (number | null)[];
  expected: (number | null)[];
  scores: (number | null)[];
  /** The window at each index; null in a gap. */
  windows: (FeatureWindow | null)[];
}

const perMinute = (count: number | null, { window_seconds }: FeatureWindow): number | null =>
  count === null ? null : (count * 60) / window_seconds;

/** Lines a minute, with a gap where windows are missing and no volume where a source could not be read. */
export function timelineData(windows: FeatureWindow[]): TimelineData {
  const data: TimelineData = { times: [], lines: [], expected: [], scores: [], windows: [] };
  const push = (time: number, window: FeatureWindow | null) => {
    data.times.push(time);
    data.windows.push(window);
    data.lines.push(window && !window.is_blind ? perMinute(window.lines, window) : null);
    data.expected.push(window ? perMinute(window.expected_lines, window) : null);
    data.scores.push(window?.score ?? null);
  };
  for (const window of windows) {
    const end = Date.parse(window.window_end);
    const before = data.times.at(-1);
    if (before !== undefined && end - before > window.window_seconds * 1500) {
      push((before + end) / 2, null);
    }
    push(end, window);
  }
  return data;
}
