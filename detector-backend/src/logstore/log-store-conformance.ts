import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogDocument, LogLine, LogStore, SliceRange } from './log-store.ts';

export interface LogStoreUnderTest {
  store: LogStore;
  tenant_id: string;
  other_tenant_id: string;
  close(): Promise<void>;
}

const NOW = Date.UTC(2026, 5, 1, 12);
const DAY_MS = 86_400_000;

/** What every {@link LogStore} must do. Each implementation runs it in its own `.it.test.ts`. */
export function describeLogStore(name: string, create: () => Promise<LogStoreUnderTest>): void {
  describe(name, () => {
    let under_test: LogStoreUnderTest;
    let log_source_id: string;
    let tail: string;
    // An id as `ingest` makes them: the time first.
    const timedId = (ms: number, index: number) => `${timePart(ms)}-${placePart(index)}${tail}`;
    const write = (documents: LogDocument[]) => under_test.store.write(under_test.tenant_id, documents);
    const range = (slice_start: number, slice_end: number): SliceRange => ({
      tenant_id: under_test.tenant_id,
      log_source_id,
      slice_start,
      slice_end,
    });
    const document = (index: number, values: Partial<LogDocument> = {}): LogDocument => ({
      event_id: timedId(values.ingested_at ?? NOW, index),
      timestamp: NOW - 1000 + index,
      log_source_id,
      service_id: '11111111-1111-4111-8111-111111111111',
      service: 'checkout',
      source: 'pod-1',
      severity: 'info',
      message: `line ${index}`,
      metadata: null,
      ingested_at: NOW,
      ...values,
    });

    beforeAll(async () => {
      under_test = await create();
    });
    afterAll(() => under_test.close());
    // Each test has a log source and event ids of its own.
    const fresh = (title: string, work: () => Promise<void>) =>
      test(title, async () => {
        log_source_id = randomUUID();
        tail = randomUUID().slice(21);
        await work();
      });

    fresh('a slice is half-open, ordered by (ingested_at, event_id) and counted exactly', async () => {
      const documents = [
        document(2, { ingested_at: NOW + 10 }),
        document(1, { ingested_at: NOW + 10 }),
        document(3, { ingested_at: NOW }),
        document(4, { ingested_at: NOW + 5000 }),
        document(5, { ingested_at: NOW - 1 }),
      ];
      expect(await write(documents)).toEqual({ created: 5, duplicates: 0, errors: [] });
      const lines = await readAll(under_test.store, range(NOW, NOW + 5000));
      expect(lines.map((line) => line.message)).toEqual(['line 3', 'line 1', 'line 2']);
      expect(lines[0]).toEqual({
        event_id: timedId(NOW, 3),
        timestamp: NOW - 997,
        service_id: '11111111-1111-4111-8111-111111111111',
        severity: 'info',
        message: 'line 3',
      });
      expect(await under_test.store.countSlice(range(NOW, NOW + 5000))).toBe(3);
    });

    fresh(
      'every line of a slice of many pages is read once, also when a page ends inside a millisecond',
      async () => {
        const documents = Array.from({ length: 12_001 }, (_, index) =>
          document(index, { ingested_at: NOW + Math.floor(index / 7000) }),
        );
        await write(documents.slice(0, 6000));
        await write(documents.slice(6000));
        const lines = await readAll(under_test.store, range(NOW, NOW + 5000));
        expect(lines.map((line) => line.event_id)).toEqual(documents.map((one) => one.event_id));
      },
    );

    fresh('a reader may stop in the middle', async () => {
      await write(Array.from({ length: 11_000 }, (_, index) => document(index)));
      for await (const page of under_test.store.readSlice(range(NOW, NOW + 1))) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
    });

    fresh('writing a document again changes nothing', async () => {
      const documents = [document(1), document(2), document(3)];
      await write(documents.slice(0, 2));
      expect(await write(documents)).toEqual({ created: 1, duplicates: 2, errors: [] });
      expect(await under_test.store.countSlice(range(NOW, NOW + 1))).toBe(3);
    });

    fresh(
      "a client's event_id is unique whatever its timestamp, in one batch and across batches",
      async () => {
        const event_id = randomUUID();
        const first = document(1, { event_id });
        const later_copy = document(1, { event_id, timestamp: NOW - 3 * DAY_MS, ingested_at: NOW + 60_000 });
        expect(await write([first, later_copy, document(2)])).toMatchObject({ created: 2, duplicates: 1 });
        expect(await write([later_copy])).toMatchObject({ created: 0, duplicates: 1 });
      },
    );

    fresh('a bad document is named by its index and does not hinder the others', async () => {
      const result = await write([
        document(1),
        document(2, { timestamp: NaN }),
        document(3, { event_id: 'x' }),
      ]);
      expect(result.created).toBe(1);
      expect(result.errors.map((error) => error.index)).toEqual([1, 2]);
    });

    fresh('NUL and lone surrogates are stored as U+FFFD', async () => {
      const metadata = { 'k\u0000ey': 'v\u0000', half: '\ud800' };
      const odd = document(1, { message: 'a\u0000b\ud83d', source: 's\u0000', service: 'x\u0000', metadata });
      expect(await write([odd, document(2)])).toEqual({ created: 2, duplicates: 0, errors: [] });
      const lines = await readAll(under_test.store, range(NOW, NOW + 1));
      expect(lines[0]?.message).toBe('a\ufffdb\ufffd');
    });

    fresh('another tenant sees nothing of it', async () => {
      await write([document(1)]);
      const foreign = { ...range(NOW, NOW + 1), tenant_id: under_test.other_tenant_id };
      expect(await readAll(under_test.store, foreign)).toEqual([]);
      expect(await under_test.store.countSlice(foreign)).toBe(0);
      expect(await under_test.store.firstIngestedAt(under_test.other_tenant_id, log_source_id, 0)).toBeNull();
    });

    fresh('the first ingest time at or after a moment is found, or null', async () => {
      const ask = (from: number) =>
        under_test.store.firstIngestedAt(under_test.tenant_id, log_source_id, from);
      expect(await ask(0)).toBeNull();
      await write([document(1, { ingested_at: NOW + 7 }), document(2, { ingested_at: NOW + 90 })]);
      expect([await ask(0), await ask(NOW + 7), await ask(NOW + 8), await ask(NOW + 91)]).toEqual([
        NOW + 7,
        NOW + 7,
        NOW + 90,
        null,
      ]);
    });

    fresh('lines of a service come oldest first, half-open in event time, up to the limit', async () => {
      const service_id = randomUUID();
      await write([3, 1, 2, 4].map((index) => document(index, { service_id, severity: 'error' })));
      const query = { tenant_id: under_test.tenant_id, service_id, from: NOW - 999, to: NOW - 996 };
      const lines = await under_test.store.readLines({ ...query, limit: 2 });
      expect(lines).toEqual([
        { timestamp: NOW - 999, severity: 'error', source: 'pod-1', message: 'line 1' },
        { timestamp: NOW - 998, severity: 'error', source: 'pod-1', message: 'line 2' },
      ]);
      expect(await under_test.store.readLines({ ...query, limit: 10 })).toHaveLength(3);
    });

    // Last: it takes the lines of the tests above with it where days are shared.
    fresh('whole days before a moment go, and such a day can be written again', async () => {
      const old = document(1, { timestamp: NOW - 10 * DAY_MS });
      await write([old, document(2)]);
      const dropped = await under_test.store.dropDaysBefore(under_test.tenant_id, NOW - 9 * DAY_MS);
      expect(dropped).toBeGreaterThanOrEqual(1);
      expect(await under_test.store.countSlice(range(NOW, NOW + 1))).toBe(1);
      expect(await write([old])).toMatchObject({ created: 1 });
    });
  });
}

function timePart(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

function placePart(index: number): string {
  const hex = index.toString(16).padStart(6, '0');
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

async function readAll(store: LogStore, range: SliceRange): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const page of store.readSlice(range)) lines.push(...page);
  return lines;
}
