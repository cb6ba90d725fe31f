import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogDocument, LogLine, LogStore, SliceRange } from './log-store.ts';

export interface LogStoreUnderTest {
  store: LogStore;
  tenant_id: string;
  other_tenant_id: string;
  close(): Promise<void>;
}

/** What every {@link LogStore} must do. Each implementation runs it in its own `.it.test.ts`. */
export function describeLogStore(name: string, create: () => Promise<LogStoreUnderTest>): void {
  describe(name, () => {
    let under_test: LogStoreUnderTest;
    beforeAll(async () => {
      under_test = await create();
    });
    afterAll(() => under_test.close());
    for (const [title, check] of CHECKS) test(title, () => check(stageFor(under_test)));
  });
}

/** A log source and event ids for one test alone. */
function stageFor({ store, tenant_id, other_tenant_id }: LogStoreUnderTest) {
  const log_source_id = randomUUID();
  const tail = randomUUID().slice(21);
  // An id as `ingest` makes them: the time first.
  const timedId = (ms: number, index: number) => `${timePart(ms)}-${placePart(index)}${tail}`;
  const range = (slice_start: number, slice_end: number): SliceRange => {
    return { tenant_id, log_source_id, slice_start, slice_end };
  };
  const document = (index: number, values: Partial<LogDocument> = {}): LogDocument => ({
    event_id: timedId(values.ingested_at ?? NOW, index),
    timestamp: NOW - 1000 + index,
    log_source_id,
    service_id: SERVICE_ID,
    service: 'checkout',
    source: 'pod-1',
    severity: 'info',
    message: `line ${index}`,
    metadata: null,
    ingested_at: NOW,
    // Else a store whose own clock sets it would.
    is_log_time: true,
    ...values,
  });
  const write = (documents: LogDocument[]) => store.write(tenant_id, documents);
  return { store, tenant_id, other_tenant_id, log_source_id, timedId, range, document, write };
}
type Stage = ReturnType<typeof stageFor>;

/** The service of the lines; and one of the other tenant's. */
export const SERVICE_ID = '11111111-1111-4111-8111-111111111111';
export const OTHER_SERVICE_ID = '99999999-9999-4999-8999-999999999999';
const NOW = Date.UTC(2026, 5, 1, 12);
const DAY_MS = 86_400_000;

function timePart(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

function placePart(index: number): string {
  const hex = index.toString(16).padStart(6, '0');
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

async function readAll(
  store: LogStore,
  range: SliceRange,
  options?: { sample_of: number },
): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const page of store.readSlice(range, options)) lines.push(...page);
  return lines;
}

const CHECKS: [string, (stage: Stage) => Promise<void>][] = [
  ['a slice is half-open, ordered by (ingested_at, event_id) and counted exactly', checkOrder],
  [
    'every line of a slice of many pages is read once, also when a page ends inside a millisecond',
    checkPages,
  ],
  ['a reader may stop in the middle', checkEarlyStop],
  ['writing a document again changes nothing', checkRewrite],
  ["a client's event_id is unique whatever its timestamp, in one batch and across batches", checkClientIds],
  ['a bad document is named by its index and does not hinder the others', checkBadDocuments],
  ['NUL and lone surrogates are stored as U+FFFD', checkOddText],
  ['a line has the release of its metadata, cut to 100 characters', checkRelease],
  ['another tenant sees nothing of it', checkTenants],
  ['lines of several days are one slice, when their ingest times are in it', checkSeveralDays],
  ['a slice may be narrowed to some services, or to all but some', checkServices],
  ['a slice is tallied exactly by service, bucket of event time and severity', checkTally],
  ['a sample is about one line of n, the same ones each time, from the whole slice', checkSample],
  ['the first ingest time at or after a moment is found, or null', checkFirstIngestedAt],
  ['lines of a service come oldest first, half-open in event time, up to the limit', checkReadLines],
  // Last: they take old lines of the others with them.
  ['each tenant keeps its own days, also where they share what a day is stored in', checkTerms],
  ['whole days before a moment go, and such a day can be written again', checkDrop],
];

async function checkOrder({ store, range, document, write, timedId }: Stage): Promise<void> {
  const documents = [
    document(2, { ingested_at: NOW + 10 }),
    document(1, { ingested_at: NOW + 10 }),
    document(3, { ingested_at: NOW }),
    document(4, { ingested_at: NOW + 5000 }),
    document(5, { ingested_at: NOW - 1 }),
  ];
  expect(await write(documents)).toEqual({ created: 5, duplicates: 0, errors: [] });
  const lines = await readAll(store, range(NOW, NOW + 5000));
  expect(lines.map((line) => line.message)).toEqual(['line 3', 'line 1', 'line 2']);
  expect(lines[0]).toEqual({
    event_id: timedId(NOW, 3),
    timestamp: NOW - 997,
    service_id: SERVICE_ID,
    severity: 'info',
    message: 'line 3',
    release: null,
  });
  expect(await store.countSlice(range(NOW, NOW + 5000))).toBe(3);
}

async function checkPages({ store, range, document, write }: Stage): Promise<void> {
  const documents = Array.from({ length: 12_001 }, (_, index) =>
    document(index, { ingested_at: NOW + Math.floor(index / 7000) }),
  );
  await write(documents.slice(6000));
  await write(documents.slice(0, 6000));
  const lines = await readAll(store, range(NOW, NOW + 5000));
  expect(lines.map((line) => line.event_id)).toEqual(documents.map((one) => one.event_id));
}

async function checkEarlyStop({ store, range, document, write }: Stage): Promise<void> {
  await write(Array.from({ length: 11_000 }, (_, index) => document(index)));
  for await (const page of store.readSlice(range(NOW, NOW + 1))) {
    expect(page.length).toBeGreaterThan(0);
    break;
  }
}

async function checkRewrite({ store, range, document, write }: Stage): Promise<void> {
  const documents = [document(1), document(2), document(3)];
  await write(documents.slice(0, 2));
  expect(await write(documents)).toEqual({ created: 1, duplicates: 2, errors: [] });
  expect(await store.countSlice(range(NOW, NOW + 1))).toBe(3);
}

async function checkClientIds({ store, range, document, write }: Stage): Promise<void> {
  const event_id = randomUUID();
  const first = document(1, { event_id, message: 'first' });
  const later_copy = document(1, { event_id, timestamp: NOW - 3 * DAY_MS, ingested_at: NOW + 60_000 });
  expect(await write([first, later_copy, document(2)])).toMatchObject({ created: 2, duplicates: 1 });
  expect(await write([later_copy])).toMatchObject({ created: 0, duplicates: 1 });
  const lines = await readAll(store, range(NOW, NOW + 120_000));
  expect(lines.find((line) => line.event_id === event_id)?.message).toBe('first');
}

async function checkBadDocuments({ document, write }: Stage): Promise<void> {
  const result = await write([document(1), document(2, { timestamp: NaN }), document(3, { event_id: 'x' })]);
  expect(result.created).toBe(1);
  expect(result.errors.map((error) => error.index)).toEqual([1, 2]);
}

async function checkOddText({ store, range, document, write }: Stage): Promise<void> {
  const metadata = { 'k\u0000ey': 'v\u0000', half: '\ud800' };
  const odd = document(1, { message: 'a\u0000b\ud83d', source: 's\u0000', service: 'x\u0000', metadata });
  expect(await write([odd, document(2)])).toEqual({ created: 2, duplicates: 0, errors: [] });
  const lines = await readAll(store, range(NOW, NOW + 1));
  expect(lines[0]?.message).toBe('a\ufffdb\ufffd');
}

async function checkRelease({ store, range, document, write }: Stage): Promise<void> {
  const given = ['1.4.2', 'x'.repeat(101), 42, '', null, undefined, '\u0000'];
  await write(given.map((release, index) => document(index, { metadata: { pod: 'a', release } })));
  const lines = await readAll(store, range(NOW, NOW + 1));
  const read = ['1.4.2', 'x'.repeat(100), '42', null, null, null, '\ufffd'];
  expect(lines.map((line) => line.release)).toEqual(read);
}

async function checkTenants({
  store,
  other_tenant_id,
  log_source_id,
  range,
  document,
  write,
}: Stage): Promise<void> {
  await write([document(1)]);
  const foreign = { ...range(NOW, NOW + 1), tenant_id: other_tenant_id };
  expect(await readAll(store, foreign)).toEqual([]);
  expect(await store.countSlice(foreign)).toBe(0);
  expect(await store.firstIngestedAt(other_tenant_id, log_source_id, 0)).toBeNull();
}

async function checkSeveralDays({ store, range, document, write }: Stage): Promise<void> {
  const documents = Array.from({ length: 3000 }, (_, index) =>
    document(index, { timestamp: NOW - (index % 3) * DAY_MS, ingested_at: NOW + index }),
  );
  await write(documents);
  const lines = await readAll(store, range(NOW, NOW + 5000));
  expect(lines.map((line) => line.event_id)).toEqual(documents.map((one) => one.event_id));
  expect(await store.countSlice(range(NOW, NOW + 5000))).toBe(3000);
}

const SERVICES = [1, 2, 3].map((digit) => `${digit}2222222-2222-4222-8222-222222222222`);

async function checkServices({ store, range, document, write }: Stage): Promise<void> {
  const [first = '', second = '', third = ''] = SERVICES;
  const given = [first, second, second, third, third, third];
  await write(given.map((service_id, index) => document(index, { service_id })));
  const ask = async (services: SliceRange['services']) => {
    const slice = { ...range(NOW, NOW + 1), services };
    const read = (await readAll(store, slice)).map((line) => line.service_id);
    const tallied = (await store.tallySlice(slice, 60_000)).map(({ count }) => count);
    expect(await store.countSlice(slice)).toBe(read.length);
    expect(tallied.reduce((sum, count) => sum + count, 0)).toBe(read.length);
    return read;
  };
  expect(await ask({ only: [first, third] })).toEqual([first, third, third, third]);
  expect(await ask({ except: [first, third] })).toEqual([second, second]);
  expect(await ask({ only: [] })).toEqual([]);
  expect(await ask({ except: [] })).toEqual(given);
}

async function checkTally({ store, range, document, write }: Stage): Promise<void> {
  const [first = '', second = ''] = SERVICES;
  // 10 s buckets of event time; the last document was ingested outside the slice.
  const given: [string, number, LogDocument['severity'], number][] = [
    [first, NOW, 'info', 0],
    [first, NOW + 9999, 'info', 1],
    [first, NOW + 9999, 'error', 2],
    [first, NOW + 10_000, 'info', 3],
    [first, NOW - 1, 'unknown', 3],
    [second, NOW - 3 * DAY_MS, 'fatal', 4],
    [second, NOW, 'info', 5],
  ];
  await write(
    given.map(([service_id, timestamp, severity, after], index) =>
      document(index, { service_id, timestamp, severity, ingested_at: NOW + after }),
    ),
  );
  const tally = await store.tallySlice(range(NOW, NOW + 5), 10_000);
  const sorted = tally.map((one) => [one.service_id, one.bucket_start, one.severity, one.count]);
  sorted.sort((a, b) => (String(a) < String(b) ? -1 : 1));
  expect(sorted).toEqual([
    [first, NOW - 10_000, 'unknown', 1],
    [first, NOW, 'error', 1],
    [first, NOW, 'info', 2],
    [first, NOW + 10_000, 'info', 1],
    [second, NOW - 3 * DAY_MS, 'fatal', 1],
  ]);
}

async function checkSample({ store, range, document, write }: Stage): Promise<void> {
  const documents = Array.from({ length: 6000 }, (_, index) =>
    document(index, { timestamp: NOW - (index % 2) * DAY_MS, ingested_at: NOW + index }),
  );
  await write(documents);
  const slice = range(NOW, NOW + 6000);
  const sample = await readAll(store, slice, { sample_of: 10 });
  // Far more than five standard deviations (23 lines) around 600; each half of the slice has about half of them.
  expect(sample.length).toBeGreaterThan(450);
  expect(sample.length).toBeLessThan(750);
  const place = new Map(documents.map(({ event_id }, index) => [event_id, index]));
  const places = sample.map(({ event_id }) => place.get(event_id) ?? -1);
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  for (const inPart of [(at: number) => at < 3000, (at: number) => at % 2 === 0]) {
    expect(Math.abs(places.filter(inPart).length / places.length - 0.5)).toBeLessThan(0.15);
  }
  expect(await readAll(store, slice, { sample_of: 10 })).toEqual(sample);
  expect(await store.countSlice(slice)).toBe(6000);
}

async function checkFirstIngestedAt({
  store,
  tenant_id,
  log_source_id,
  document,
  write,
}: Stage): Promise<void> {
  const ask = (from: number) => store.firstIngestedAt(tenant_id, log_source_id, from);
  expect(await ask(0)).toBeNull();
  await write([document(1, { ingested_at: NOW + 7 }), document(2, { ingested_at: NOW + 90 })]);
  expect([await ask(0), await ask(NOW + 7), await ask(NOW + 8), await ask(NOW + 91)]).toEqual([
    NOW + 7,
    NOW + 7,
    NOW + 90,
    null,
  ]);
}

async function checkReadLines({ store, tenant_id, document, write }: Stage): Promise<void> {
  const service_id = randomUUID();
  await write([3, 1, 2, 4].map((index) => document(index, { service_id, severity: 'error' })));
  const query = { tenant_id, service_id, from: NOW - 999, to: NOW - 996 };
  expect(await store.readLines({ ...query, limit: 2 })).toEqual([
    { timestamp: NOW - 999, severity: 'error', source: 'pod-1', message: 'line 1' },
    { timestamp: NOW - 998, severity: 'error', source: 'pod-1', message: 'line 2' },
  ]);
  expect(await store.readLines({ ...query, limit: 10 })).toHaveLength(3);
  const newest = await store.readLines({ ...query, limit: 2, newest: true });
  expect(newest.map(({ message }) => message)).toEqual(['line 2', 'line 3']);
}

async function checkTerms({ store, tenant_id, other_tenant_id, range, document }: Stage): Promise<void> {
  const days = [9, 5, 0];
  const ofTenant = (first: number, service_id: string) =>
    days.map((day, place) => document(first + place, { service_id, timestamp: NOW - day * DAY_MS }));
  await store.write(tenant_id, ofTenant(0, SERVICE_ID));
  await store.write(other_tenant_id, ofTenant(10, OTHER_SERVICE_ID));
  const readable = async (tenant: string) => {
    const slice = { ...range(NOW, NOW + 1), tenant_id: tenant };
    return (await readAll(store, slice)).map(({ timestamp }) => (NOW - timestamp) / DAY_MS);
  };
  await store.dropDaysBefore(tenant_id, NOW - 3 * DAY_MS);
  expect([await readable(tenant_id), await readable(other_tenant_id)]).toEqual([[0], days]);
  expect(await store.dropDaysBefore(other_tenant_id, NOW - 7 * DAY_MS)).toBe(1);
  expect([await readable(tenant_id), await readable(other_tenant_id)]).toEqual([[0], [5, 0]]);
  // A line of an expired day that comes late goes with the next run.
  const late = document(20, { timestamp: NOW - 6 * DAY_MS });
  expect(await store.write(tenant_id, [late])).toMatchObject({ created: 1 });
  expect(await store.dropDaysBefore(tenant_id, NOW - 3 * DAY_MS)).toBe(1);
  expect(await readable(tenant_id)).toEqual([0]);
}

async function checkDrop({ store, tenant_id, range, document, write }: Stage): Promise<void> {
  const old = document(1, { timestamp: NOW - 10 * DAY_MS });
  await write([old, document(2)]);
  expect(await store.dropDaysBefore(tenant_id, NOW - 9 * DAY_MS)).toBeGreaterThanOrEqual(1);
  expect(await store.countSlice(range(NOW, NOW + 1))).toBe(1);
  expect(await write([old])).toMatchObject({ created: 1 });
}
