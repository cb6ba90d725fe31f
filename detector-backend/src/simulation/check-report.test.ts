import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkReport, type JudgedAnomaly } from './check-report.ts';
import { checkIncidents, type Incident } from './shop-incidents.ts';

const T = 1_000_000_000;
const payment: Incident = { kind: 'error_surge', service: 'payment', started_at: T, ended_at: T + 240_000 };
const cart: Incident = { kind: 'silence', service: 'cart', started_at: T + 600_000, ended_at: T + 800_000 };

const anomaly = (service: string, opened_at: number, started_at = opened_at): JudgedAnomaly => ({
  service,
  opened_at,
  started_at,
});

test('an anomaly of the service that opens in time finds its incident, once, with its delay', () => {
  const report = checkReport(
    [payment, cart],
    [anomaly('payment', T + 90_000), anomaly('payment', T + 20_000)],
  );
  expect(report).toMatchObject({ incidents: 2, incidents_found: 1, false_anomalies: 0 });
  expect(report.details.map(({ found, delay_seconds }) => [found, delay_seconds])).toEqual([
    [true, 20],
    [false, null],
  ]);
});

test.each([
  ['ten seconds early', anomaly('payment', T - 10_000), 1, 0],
  ['earlier than that', anomaly('payment', T - 10_001), 0, 1],
  ['a minute late', anomaly('payment', T + 300_000), 1, 0],
  ['later than that', anomaly('payment', T + 300_001), 0, 1],
  ['opened late but said to have started in time', anomaly('payment', T + 400_000, T + 5_000), 1, 0],
  ['a cascade on another service', anomaly('checkout', T + 30_000), 0, 1],
])('%s', (_, judged, found, wrong) => {
  const report = checkReport([payment], [judged]);
  expect([report.incidents_found, report.false_anomalies]).toEqual([found, wrong]);
});

test('found incidents and false anomalies never exceed what was given', () => {
  const incidents = checkIncidents(1, T);
  const services = [...incidents.map(({ service }) => service), 'auth'];
  const anomalies = fc.array(
    fc.record({
      service: fc.constantFrom(...services),
      opened_at: fc.integer({ min: T - 600_000, max: T + 5_000_000 }),
      started_at: fc.integer({ min: T - 600_000, max: T + 5_000_000 }),
    }),
  );
  fc.assert(
    fc.property(anomalies, (list) => {
      const report = checkReport(incidents, list);
      expect(report.incidents_found).toBeLessThanOrEqual(
        Math.min(incidents.length, list.length - report.false_anomalies),
      );
      expect(report.false_anomalies).toBeGreaterThanOrEqual(
        list.filter(({ service }) => service === 'auth').length,
      );
      expect(checkReport(incidents, [...list].reverse())).toEqual(report);
    }),
  );
});
