import { expect, test } from 'vitest';
import {
  CHECK_LIVE_MS,
  checkIncidents,
  INCIDENT_KINDS,
  liveIncidents,
  scheduleOf,
} from './shop-incidents.ts';
import { SHOP_SERVICES } from './shop-services.ts';

const FROM = Date.UTC(2026, 0, 5);
const MINUTE_MS = 60_000;
const known = new Set(SHOP_SERVICES.map(({ service }) => service));

test('a check has one incident of each kind, each on another service, with time to resolve between them', () => {
  for (const seed of [0, 1, 2, 77]) {
    const incidents = checkIncidents(seed, FROM);
    expect(incidents.map(({ kind }) => kind)).toEqual([...INCIDENT_KINDS]);
    expect(new Set(incidents.map(({ service }) => service)).size).toBe(6);
    incidents.forEach(({ service, started_at, ended_at }, index) => {
      expect(known.has(service)).toBe(true);
      expect(started_at % 1000).toBe(0);
      expect(ended_at - started_at).toBeGreaterThanOrEqual(3 * MINUTE_MS);
      expect(ended_at - started_at).toBeLessThanOrEqual(6 * MINUTE_MS);
      const next = incidents[index + 1]?.started_at ?? FROM + CHECK_LIVE_MS;
      expect(next - ended_at).toBeGreaterThanOrEqual(3 * MINUTE_MS);
    });
  }
  expect(checkIncidents(1, FROM)).toEqual(checkIncidents(1, FROM));
  expect(checkIncidents(1, FROM)).not.toEqual(checkIncidents(2, FROM));
});

test('a live shop starts its first incident after a minute and then one every six minutes, without end', () => {
  const schedule = liveIncidents(FROM);
  const incidents = schedule(FROM, FROM + 24 * 6 * MINUTE_MS);
  expect(incidents[0]?.started_at).toBe(FROM + MINUTE_MS);
  expect(incidents).toHaveLength(24);
  expect(new Set(incidents.map(({ service }) => service))).toEqual(known);
  incidents.slice(1).forEach((incident, index) => {
    const before = incidents[index];
    expect(incident.started_at - (before?.started_at ?? 0)).toBe(6 * MINUTE_MS);
    expect(incident.service).not.toBe(before?.service);
    expect(incident.kind).not.toBe(before?.kind);
  });
  expect(schedule(FROM + 1e10, FROM + 1e10 + 6 * MINUTE_MS).length).toBeGreaterThanOrEqual(1);
});

test('a schedule tells what overlaps a half-open interval', () => {
  const schedule = liveIncidents(FROM);
  const [first] = schedule(FROM, FROM + 2 * MINUTE_MS);
  if (!first) throw new Error('no incident');
  expect(schedule(FROM, first.started_at)).toEqual([]);
  expect(schedule(first.started_at, first.started_at + 1)).toEqual([first]);
  expect(schedule(first.ended_at - 1, first.ended_at)).toEqual([first]);
  expect(schedule(first.ended_at, first.ended_at + 1)).toEqual([]);
  expect(scheduleOf([first])(first.ended_at - 1, first.ended_at)).toEqual([first]);
  expect(scheduleOf([first])(first.ended_at, first.ended_at + 1)).toEqual([]);
});
