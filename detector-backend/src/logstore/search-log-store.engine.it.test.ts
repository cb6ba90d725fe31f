import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithEngines, ENGINES, engineUrl } from '../../test/engines.ts';
import type { SearchEngineName } from '../platform/search-connection.ts';
import { describeLogStore } from './log-store-conformance.ts';
import type { LogDocument, LogLine } from './log-store.ts';
import { createSearchEngine } from './search-engine-connect.ts';
import { readSortedPages } from './search-log-reads.ts';
import { createSearchLogStore } from './search-log-store.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const DAY_MS = 86_400_000;

/** A store with two tenants of its own; the slug of one begins like that of the other. */
function openStore(name: SearchEngineName) {
  const engine = createSearchEngine({ engine: name, nodes: [engineUrl(name)], request_timeout_ms: 30_000 });
  const slug = `store_${randomUUID().slice(0, 8)}`;
  const [tenant_id, other_tenant_id] = [randomUUID(), randomUUID()];
  const slugs = new Map<string, string>([
    [tenant_id, slug],
    [other_tenant_id, `${slug}_eu`],
  ]);
  const store = createSearchLogStore({ engine, slugOf: (id) => Promise.resolve(slugs.get(id) ?? '') });
  const close = async () => {
    for (const [id, name_of_it] of slugs) {
      await store.dropDaysBefore(id, Date.UTC(2100, 0, 1));
      const path = `/_index_template/seismolog-logs-${name_of_it}`;
      await engine.request({ method: 'DELETE', path }).catch(() => undefined);
    }
    await engine.close();
  };
  return { engine, store, slug, tenant_id, other_tenant_id, close };
}

describeWithEngines('log store in', () => {
  for (const name of ENGINES) describeLogStore(name, () => Promise.resolve(openStore(name)));
});

describeWithEngines('what only the log store in an engine does:', () => {
  describe.each(ENGINES)('%s', (name) => {
    let open: ReturnType<typeof openStore>;
    beforeAll(() => {
      open = openStore(name);
    });
    afterAll(() => open.close());

    const log_source_id = randomUUID();
    const document = (index: number, values: Partial<LogDocument> = {}): LogDocument => ({
      event_id: randomUUID(),
      timestamp: NOW,
      log_source_id,
      service_id: '11111111-1111-4111-8111-111111111111',
      service: 'checkout',
      source: 'pod-1',
      severity: 'info',
      message: `line ${index}`,
      metadata: null,
      ingested_at: NOW + index,
      is_log_time: true,
      ...values,
    });
    const range = (source_id: string) => {
      return { tenant_id: open.tenant_id, log_source_id: source_id, slice_start: 0, slice_end: NOW + DAY_MS };
    };

    test('a document goes to the index of its day, with the nine fields and those of the detector', async () => {
      const { store, engine, slug, tenant_id } = open;
      const given = document(7, {
        metadata: JSON.parse('{"__proto__":{"a":1},"pod":"a"}') as LogDocument['metadata'],
      });
      await store.write(tenant_id, [given]);
      const path = `/logs-${slug}-2026.06.01/_doc/${given.event_id}`;
      const { _source } = await engine.request<{ _source: object }>({ method: 'GET', path });
      const { event_id: _id, metadata, ...rest } = given;
      expect(_source).toEqual({
        ...rest,
        tenant_id,
        '@timestamp': '2026-06-01T12:00:00.000Z',
        timestamp: '2026-06-01T12:00:00.000Z',
        ingested_at: '2026-06-01T12:00:00.007Z',
        metadata,
      });
    });

    test('a slice that is too long to be sorted comes whole, in another order', async () => {
      const { store, engine, slug, tenant_id } = open;
      const source_id = randomUUID();
      const documents = Array.from({ length: 3000 }, (_, index) =>
        document(3000 - index, { log_source_id: source_id }),
      );
      await store.write(tenant_id, documents);
      const read = async (max_sorted_lines: number) => {
        const lines: LogLine[] = [];
        const options = { sample_of: 1, max_sorted_lines };
        for await (const page of readSortedPages(engine, `logs-${slug}-2*`, range(source_id), options))
          lines.push(...page);
        return lines.map((line) => line.message);
      };
      const sorted = documents.map((one) => one.message).reverse();
      expect(await read(3000)).toEqual(sorted);
      const unsorted = await read(2999);
      expect(unsorted).not.toEqual(sorted);
      expect(unsorted.sort()).toEqual(sorted.sort());
    });

    test('long messages make a slice too long to be sorted, too', async () => {
      const { store, engine, slug, tenant_id } = open;
      const source_id = randomUUID();
      const message = 'm'.repeat(3000);
      const documents = [3, 2, 1].map((place) => document(place, { log_source_id: source_id, message }));
      await store.write(tenant_id, documents);
      const times = async (max_sorted_lines: number) => {
        const read: number[] = [];
        const options = { sample_of: 1, max_sorted_lines };
        for await (const page of readSortedPages(engine, `logs-${slug}-2*`, range(source_id), options))
          read.push(...page.map((line) => line.timestamp));
        return read;
      };
      const stored = documents.map((one) => one.timestamp);
      expect(await times(30)).toEqual([...stored].sort());
      expect(await times(29)).toEqual(stored);
    });

    test('a time before the patterns of our indices is refused, not stored where nobody reads', async () => {
      const { store, tenant_id } = open;
      const result = await store.write(tenant_id, [
        document(1),
        document(2, { timestamp: Date.UTC(1999, 11, 31) }),
      ]);
      expect(result).toMatchObject({ created: 1, errors: [{ index: 1, code: 'invalid_document' }] });
    });

    test('retention deletes whole days of its tenant by name, and nothing else', async () => {
      const { store, engine, slug, tenant_id, other_tenant_id } = open;
      const source_id = randomUUID();
      const old = [3, 4].map((days) =>
        document(1, { timestamp: NOW - days * DAY_MS, log_source_id: source_id }),
      );
      await store.write(tenant_id, old);
      await store.write(other_tenant_id, [document(1, { timestamp: NOW - 4 * DAY_MS })]);
      // Not of the form of our names, although the tenant's pattern matches it.
      const foreign = `logs-${slug}-2026.05-archive`;
      await engine.request({ method: 'PUT', path: `/${foreign}` });
      expect(await store.dropDaysBefore(tenant_id, NOW - 3 * DAY_MS)).toBe(1);
      expect(await store.countSlice(range(source_id))).toBe(1);
      expect(await store.countSlice({ ...range(log_source_id), tenant_id: other_tenant_id })).toBe(1);
      await engine.request({ method: 'DELETE', path: `/${foreign}` });
    });
  });

  test('a cluster that can not be reached is log_store_unavailable', async () => {
    const nodes = ['http://127.0.0.1:1'];
    const engine = createSearchEngine({ engine: 'elasticsearch', nodes, request_timeout_ms: 1000 });
    const store = createSearchLogStore({ engine, slugOf: () => Promise.resolve('nowhere') });
    await expect(store.ping()).rejects.toMatchObject({ code: 'log_store_unavailable' });
    await expect(store.firstIngestedAt('x', 'y', 0)).rejects.toMatchObject({ code: 'log_store_unavailable' });
    await engine.close();
  });
});
