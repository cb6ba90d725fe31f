import { createShop, swimLanesOf } from '../../mocks/shop.ts';
import { NOW } from '../../test/api-server.ts';
import { axisTicks, bucketsOf, lanesOf, zoomAround } from './swim-lane.ts';

const HOUR = 3_600_000;
const hours = (count: number) => ({ from: NOW - count * HOUR, to: NOW });

describe('bucketsOf', () => {
  it.each([
    [0.5, 60],
    [1, 60],
    [2, 60],
    [6, 300],
    [24, 900],
    [24 * 7, 7200],
    [24 * 90, 86_400],
    [24 * 365, 4 * 86_400],
  ])('%d hours have buckets of %d s', (count, bucket_seconds) => {
    const buckets = bucketsOf(hours(count));
    expect(buckets.bucket_seconds).toBe(bucket_seconds);
    expect(buckets.interval.from % (bucket_seconds * 1000)).toBe(0);
    expect(buckets.interval.from).toBeLessThanOrEqual(NOW - count * HOUR);
    expect(buckets.interval.to).toBeGreaterThanOrEqual(NOW);
  });
});

describe('lanesOf', () => {
  const shop = createShop(NOW);
  const { interval, bucket_seconds } = bucketsOf(hours(2));
  const answer = swimLanesOf(shop, interval.from, interval.to, bucket_seconds);
  const lanes = lanesOf(answer, shop.services, shop.anomalies, shop.changes);
  const lane = (service: string) => lanes.find((each) => each.service === service);

  it('puts the most conspicuous service first and keeps every service', () => {
    const peaks = lanes.map(({ peak }) => peak ?? -1);
    expect(peaks).toEqual([...peaks].sort((a, b) => b - a));
    expect(lanes).toHaveLength(8);
  });

  it('marks the cells of an episode with its anomaly, and no others', () => {
    const marked = lane('auth')?.cells.filter(({ anomaly }) => anomaly) ?? [];
    const [auth] = shop.anomalies.filter(({ service }) => service === 'auth');
    expect(marked.length).toBeGreaterThan(5);
    expect(marked.every(({ from }) => from < Date.parse(auth?.last_seen_at ?? ''))).toBe(true);
    expect(marked[0]?.to).toBeGreaterThan(Date.parse(auth?.started_at ?? ''));
  });

  it('knows blind cells from cells without windows', () => {
    expect(lane('inventory')?.cells.filter(({ is_blind }) => is_blind)).toHaveLength(7);
    expect(lane('notifications')?.cells[0]).toMatchObject({ score: null, is_blind: false, lines: null });
  });

  it('gives a service its own changes and those of all', () => {
    const all = { ...shop.changes[0]!, id: 'all', service_id: null };
    const withAll = lanesOf(answer, shop.services, [], [...shop.changes, all]);
    expect(withAll.find(({ service }) => service === 'auth')?.changes).toHaveLength(2);
    expect(withAll.find(({ service }) => service === 'catalog')?.changes).toHaveLength(1);
  });
});

it('zooms to a cell in the middle', () => {
  const cell = { from: 1000, to: 2000, score: 1, lines: 1, is_blind: false, anomaly: undefined };
  expect(zoomAround(cell)).toEqual({ from: -14_000, to: 17_000 });
});

it('ticks are round times of the zone, inside the range and not too close', () => {
  const offset = 5.5 * HOUR;
  const ticks = axisTicks(hours(6), 900, offset);
  expect(ticks.length).toBeGreaterThan(3);
  expect(ticks.length).toBeLessThanOrEqual(10);
  expect(ticks.every((tick) => (tick + offset) % HOUR === 0)).toBe(true);
});
