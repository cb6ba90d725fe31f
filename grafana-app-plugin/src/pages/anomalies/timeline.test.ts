import type { FeatureWindow } from '../../api/types.ts';
import { createShop } from '../../mocks/shop.ts';
import { NOW } from '../../test/api-server.ts';
import { timelineData, timelineInterval } from './timeline.ts';

const MINUTE = 60_000;
const start = Date.parse('2026-03-04T12:00:00Z');

const windowAt = (minute: number, fields: Partial<FeatureWindow> = {}): FeatureWindow => ({
  id: `s.${start + minute * MINUTE}.60`,
  service_id: 's',
  window_start: new Date(start + minute * MINUTE).toISOString(),
  window_end: new Date(start + (minute + 1) * MINUTE).toISOString(),
  window_seconds: 60,
  lines: 10,
  errors: 0,
  expected_lines: 12,
  score: 3,
  revision: 1,
  is_minute: true,
  is_blind: false,
  ...fields,
});

describe('timelineData', () => {
  it('leaves a gap where windows are missing', () => {
    const { lines, windows } = timelineData([windowAt(0), windowAt(1), windowAt(5)]);
    expect(lines).toEqual([10, 10, null, 10]);
    expect(windows[2]).toBeNull();
  });

  it('shows no volume while a source could not be read, but what was expected', () => {
    const { lines, expected } = timelineData([windowAt(0, { is_blind: true, lines: 0, score: null })]);
    expect([lines, expected]).toEqual([[null], [12]]);
  });

  it('counts by the minute whatever the length of a window', () => {
    expect(timelineData([windowAt(0, { window_seconds: 30, lines: 10 })]).lines).toEqual([20]);
  });
});

it('the timeline begins before the episode and ends after it, on full minutes', () => {
  for (const anomaly of createShop(NOW).anomalies) {
    const { from, to } = timelineInterval(anomaly);
    expect(from).toBeLessThan(Date.parse(anomaly.started_at) - 30 * MINUTE);
    expect(to).toBeGreaterThan(Date.parse(anomaly.last_seen_at));
    expect([from % MINUTE, to % MINUTE]).toEqual([0, 0]);
  }
});
