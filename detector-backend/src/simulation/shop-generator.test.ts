import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf, SHOP_DAY_MS, type ShopLine } from './shop-generator.ts';
import { INCIDENT_KINDS, type Incident, type IncidentKind } from './shop-incidents.ts';
import { SHOP_SERVICES } from './shop-services.ts';

const FROM = Date.UTC(2026, 0, 5);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const incident = (kind: IncidentKind, service: string): Incident => ({
  kind,
  service,
  started_at: FROM + 10 * MINUTE_MS,
  ended_at: FROM + 15 * MINUTE_MS,
});

/** The lines of a service in the five minutes of the incident. */
const during = (service: string, incidents: Incident[]): ShopLine[] =>
  linesOf(3, incidents, FROM + 10 * MINUTE_MS, FROM + 15 * MINUTE_MS).filter(
    (line) => line.service === service,
  );

const share = (lines: ShopLine[], holds: (line: ShopLine) => boolean): number =>
  lines.filter(holds).length / lines.length;

/** The text without its values, near enough to tell templates apart. */
const skeleton = (message: string): string => message.replace(/[0-9a-f]*\d[0-9a-f]*/g, '#');

describe('determinism', () => {
  test('the same seed gives the same bytes, another seed other ones', () => {
    const bytes = (seed: number): string => JSON.stringify(linesOf(seed, [], FROM, FROM + MINUTE_MS));
    expect(bytes(1)).toBe(bytes(1));
    expect(bytes(1)).not.toBe(bytes(2));
  });

  test('any cut of an interval gives the same lines, in the order of time', () => {
    const incidents = [incident('error_surge', 'payment'), incident('silence', 'cart')];
    const start = FROM + 8 * MINUTE_MS;
    const end = FROM + 12 * MINUTE_MS;
    const whole = linesOf(1, incidents, start, end);
    expect(whole.map((line) => line.timestamp)).toEqual(
      whole.map((line) => line.timestamp).sort((a, b) => a - b),
    );
    fc.assert(
      fc.property(fc.integer({ min: start, max: end }), (cut) => {
        const parts = [...linesOf(1, incidents, start, cut), ...linesOf(1, incidents, cut, end)];
        expect(JSON.stringify(parts)).toBe(JSON.stringify(whole));
      }),
      { numRuns: 15 },
    );
  });

  test('an incident changes nothing outside of its service and interval', () => {
    const calm = linesOf(1, [], FROM, FROM + 20 * MINUTE_MS);
    const others = ({ service, timestamp }: ShopLine): boolean =>
      service !== 'catalog' || timestamp < FROM + 10 * MINUTE_MS || timestamp >= FROM + 15 * MINUTE_MS;
    for (const kind of INCIDENT_KINDS) {
      const ill = linesOf(1, [incident(kind, 'catalog')], FROM, FROM + 20 * MINUTE_MS);
      expect(ill.filter(others)).toEqual(calm.filter(others));
      expect(ill).not.toEqual(calm);
    }
  });
});

describe('a normal day', () => {
  const day = linesOf(11, [], FROM, FROM + SHOP_DAY_MS);

  test('about 20 to 25 lines a second, every service in every minute', () => {
    const rate = day.length / (SHOP_DAY_MS / 1000);
    expect(rate).toBeGreaterThan(20);
    expect(rate).toBeLessThan(27);
    const minutes = new Set(day.map((line) => `${line.service} ${Math.floor(line.timestamp / MINUTE_MS)}`));
    expect(minutes.size).toBe(SHOP_SERVICES.length * 240);
  });

  test('the load of a service has a peak and a trough at its own time of day', () => {
    for (const { service } of SHOP_SERVICES) {
      const tenths = new Array<number>(10).fill(0);
      for (const line of day) {
        if (line.service !== service) continue;
        const tenth = Math.floor(((line.timestamp - FROM) / SHOP_DAY_MS) * 10);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      expect(Math.max(...tenths) / Math.min(...tenths)).toBeGreaterThan(1.8);
    }
  });

  test('a little trouble is normal: warnings and errors of every service, but few', () => {
    for (const { service } of SHOP_SERVICES) {
      const lines = day.filter((line) => line.service === service);
      const errors = share(lines, (line) => line.severity === 'error');
      expect(errors).toBeGreaterThan(0.001);
      expect(errors).toBeLessThan(0.02);
      expect(share(lines, (line) => line.severity === 'warn')).toBeGreaterThan(0.002);
    }
  });

  test('what happens once a day is in every back-fill, and no service writes its fresh error', () => {
    const shifted = linesOf(
      11,
      [],
      FROM + 97 * MINUTE_MS,
      FROM + 97 * MINUTE_MS + SHOP_DAY_MS + 10 * MINUTE_MS,
    );
    const ledgers = (lines: ShopLine[]): number =>
      lines.filter((line) => line.message.includes('Daily ledger closed')).length;
    expect(ledgers(shifted)).toBeGreaterThanOrEqual(1);
    expect(ledgers(shifted)).toBeLessThanOrEqual(2);
    expect(day.some((line) => line.message.includes('"campaign" is null'))).toBe(false);
  });

  test('every service has 12 to 25 templates, and the steps of a routine agree on their ids', () => {
    for (const { service, templates, routines } of SHOP_SERVICES) {
      const kinds = templates.length + routines.reduce((sum, routine) => sum + routine.steps.length, 0);
      expect(kinds).toBeGreaterThanOrEqual(12);
      expect(kinds).toBeLessThanOrEqual(25);
      const lines = day.slice(0, 60_000).filter((line) => line.service === service);
      expect(new Set(lines.map((line) => skeleton(line.message))).size).toBeGreaterThanOrEqual(12);
    }
    const first = day.find((line) => line.message.includes('Attempt 1 of 3'));
    const id = first?.message.match(/ORD-\d+/)?.[0];
    const chain = day.filter((line) => id !== undefined && line.message.includes(id));
    expect(chain.map((line) => line.message.match(/Attempt (\d)/)?.[1])).toEqual(['1', '2', '3']);
  });
});

describe('each kind of incident shows what its name says', () => {
  test('an error surge raises the share of errors, not the volume', () => {
    const calm = during('payment', []);
    const ill = during('payment', [incident('error_surge', 'payment')]);
    expect(share(ill, (line) => line.severity === 'error')).toBeGreaterThan(0.15);
    expect(ill.length / calm.length).toBeGreaterThan(0.8);
    expect(ill.length / calm.length).toBeLessThan(1.2);
  });

  test('a new template is written that no normal day has', () => {
    const ill = during('checkout', [incident('new_template', 'checkout')]);
    expect(share(ill, (line) => line.message.includes('"campaign" is null'))).toBeGreaterThan(0.06);
  });

  test('silence writes nothing, a spike several times as much', () => {
    expect(during('shipping', [incident('silence', 'shipping')])).toEqual([]);
    const calm = during('storefront', []).length;
    expect(during('storefront', [incident('traffic_spike', 'storefront')]).length / calm).toBeGreaterThan(
      3.5,
    );
  });

  test('a latency shift lengthens durations and leaves the mix alone', () => {
    const took = (lines: ShopLine[]): number[] =>
      lines
        .flatMap((line) => line.message.match(/product served.* took=(\d+)ms/)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b);
    const median = (values: number[]): number => values[Math.floor(values.length / 2)] as number;
    const calm = during('catalog', []);
    const ill = during('catalog', [incident('latency_shift', 'catalog')]);
    expect(median(took(ill)) / median(took(calm))).toBeGreaterThan(4);
    expect(share(ill, (line) => line.message.includes('search done'))).toBeCloseTo(
      share(calm, (line) => line.message.includes('search done')),
      1,
    );
  });

  test('a mix change swaps which templates are common and writes no new one', () => {
    const restored = (line: ShopLine): boolean => line.message.includes('cart_restored');
    const normal = linesOf(3, [], FROM, FROM + HOUR_MS).filter((line) => line.service === 'cart');
    const ill = during('cart', [incident('mix_change', 'cart')]);
    expect(share(normal, restored)).toBeLessThan(0.06);
    expect(share(ill, restored)).toBeGreaterThan(0.2);
    const known = new Set(normal.map((line) => line.message.match(/"event":"(\w+)"/)?.[1]));
    expect(ill.every((line) => known.has(line.message.match(/"event":"(\w+)"/)?.[1]))).toBe(true);
  });
});
