import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeWithEngines, ENGINES, engineUrl } from '../test/engines.ts';
import { DEFAULT_INGEST_LIMITS } from './ingest/ingest-limits.ts';
import { createIngestTestApp, type IngestTestApp } from './ingest/ingest-test-app.ts';
import { serviceId } from './ingest/service-identity.ts';
import type { LogReader } from './logstore/log-store.ts';
import { createPostgresLogStore } from './logstore/postgres-log-store.ts';
import { createSearchEngine } from './logstore/search-engine-connect.ts';
import type { SearchEngine } from './logstore/search-engine.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { readJob, recountJob, type ReadJobDeps } from './read-job.ts';
import { cancelRecounts } from './reading/recount-repository.ts';
import { ECS_PROPERTIES, iso } from './reading/search-source-fixture.ts';
import { splitSource } from './reading/shard-repository.ts';
import { createSourceReader } from './reading/source-reader.ts';
import { createTemplateMiner } from './templates/template-miner.ts';

const MINUTE = 60_000;

describeWithEngines('a log source in a cluster that is changed or split', () => {
  describe.each(ENGINES)('%s', (name) => {
    const prefix = `chg${randomUUID().slice(0, 8)}`;
    let app: IngestTestApp;
    let engine: SearchEngine;
    let reader: LogReader;
    let index: string;

    beforeAll(async () => {
      engine = createSearchEngine({ engine: name, nodes: [engineUrl(name)], request_timeout_ms: 30_000 });
      const engines = { [name]: engine };
      const readable_indices = { acme: [`${prefix}-*`] };
      const config = { readable_indices, backfill_hours: 1 };
      app = await createIngestTestApp({}, { engines, config, onSelectionChange: cancelRecounts });
      const { database } = app.db;
      reader = createSourceReader({
        database,
        log_store: createPostgresLogStore({ database }),
        engines,
        readable_indices,
        limits: DEFAULT_INGEST_LIMITS,
        metrics: createMetrics({ process_metrics: false }),
        logger: createLogger({ level: 'silent' }),
      });
    });
    afterAll(async () => {
      await app.close();
      await engine.close();
    });
    beforeEach(async () => {
      index = `${prefix}-${randomUUID().slice(0, 8)}`;
      const body = { settings: { number_of_replicas: 0 }, mappings: { properties: ECS_PROPERTIES } };
      await engine.request({ method: 'PUT', path: `/${index}`, body });
      return () => engine.request({ method: 'DELETE', path: `/${index}` });
    });

    const write = (documents: object[]) =>
      engine.request({
        method: 'POST',
        path: `/${index}/_bulk`,
        query: { refresh: true },
        body: documents.map((one) => `{"create":{}}\n${JSON.stringify(one)}\n`).join(''),
      });
    async function call(method: string, path: string, body: object): Promise<{ id: string }> {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(app.base_url + path, { method, headers, body: JSON.stringify(body) });
      expect(response.ok, `${method} ${path}`).toBe(true);
      return (await response.json()) as { id: string };
    }
    const deps = (values: Partial<ReadJobDeps> = {}): ReadJobDeps => ({
      database: app.db.database,
      log_store: reader,
      miner: createTemplateMiner({ database: app.db.database }),
      wallNow: Date.now,
      ...values,
    });
    async function readAll(log_source_id: string, values: Partial<ReadJobDeps> = {}): Promise<void> {
      const read = readJob(deps(values));
      while ((await read({ tenant_id: app.db.tenant_id, log_source_id })).more !== null);
    }
    async function recountAll(log_source_id: string): Promise<void> {
      const { rows } = await app.db.owner.query<{ slice_start: Date }>(
        'select slice_start from slices where log_source_id = $1',
        [log_source_id],
      );
      const recount = recountJob(deps());
      for (const { slice_start } of rows)
        await recount({ tenant_id: app.db.tenant_id, log_source_id, slice_start: slice_start.getTime() });
    }
    const numbersOf = async (id: string) => {
      const { rows } = await app.db.owner.query<{
        lines_read: string;
        slices_reread: string;
        missed: string;
      }>('select lines_read, slices_reread, recounts_missed as missed from log_sources where id = $1', [id]);
      const { lines_read, slices_reread, missed } = rows[0]!;
      return { lines_read: Number(lines_read), slices_reread: Number(slices_reread), missed: Number(missed) };
    };
    const document = (at: number, service: string | string[], ingested = at) => ({
      '@timestamp': iso(at),
      event: { ingested: iso(ingested) },
      service: { name: service },
      message: 'order placed',
    });

    test('another cursor field makes no line count again in the slices that were read by the first one', async () => {
      const now = Date.now();
      const fields = { cursor: null };
      // By its time in one slice, by event.ingested in a later one.
      await write([
        document(now - 50 * MINUTE, 'cart'),
        document(now - 40 * MINUTE, 'cart', now - 20 * MINUTE),
      ]);
      const { id } = await call('POST', '/log-sources', {
        name: 'cursor',
        source_type: name,
        connection_config: { index, fields },
      });
      await readAll(id);
      expect(await numbersOf(id)).toEqual({ lines_read: 2, slices_reread: 0, missed: 0 });
      const patch = (connection_config: object) =>
        call('PATCH', `/log-sources/${id}`, { connection_config: { index, ...connection_config } });

      await patch({ fields: { ...fields, source: 'host.id' } });
      await write([document(now - 45 * MINUTE, 'cart')]);
      await recountAll(id);
      expect(await numbersOf(id)).toEqual({ lines_read: 3, slices_reread: 1, missed: 0 });

      await patch({});
      await recountAll(id);
      const { missed, ...rest } = await numbersOf(id);
      expect(rest).toEqual({ lines_read: 3, slices_reread: 1 });
      expect(missed).toBeGreaterThan(0);
    });

    test('a slice that is being read meanwhile is read again as the source is now', async () => {
      const now = Date.now();
      await write([
        document(now - 2 * MINUTE, 'cart'),
        { ...document(now - 2 * MINUTE, 'cart'), log: { level: 'debug' } },
      ]);
      const { id } = await call('POST', '/log-sources', {
        name: 'query',
        source_type: name,
        connection_config: { index },
      });
      const query = { bool: { must_not: [{ term: { 'log.level': 'debug' } }] } };
      const changing: LogReader = {
        ...reader,
        async *readSlice(range, options) {
          yield* reader.readSlice(range, options);
          await call('PATCH', `/log-sources/${id}`, { connection_config: { index, query } });
        },
      };
      await expect(readAll(id, { log_store: changing })).rejects.toMatchObject({ code: 'lost_lease' });
      await readAll(id);
      await recountAll(id);
      expect(await numbersOf(id)).toEqual({ lines_read: 1, slices_reread: 0, missed: 0 });
    });

    test('a document of several services is counted once, however these are split', async () => {
      const now = Date.now();
      await write(['a', 'b', 'c'].map((service) => document(now - 5 * MINUTE, service)));
      const parent = await call('POST', '/log-sources', {
        name: 'split',
        source_type: name,
        connection_config: { index },
      });
      await readAll(parent.id);
      const { tenant_id } = app.db;
      const split = (service: string) =>
        app.db.database.withTenant(tenant_id, (client) =>
          splitSource(client, {
            tenant_id,
            log_source_id: parent.id,
            service_ids: [serviceId(tenant_id, service, 'default')],
          }),
        );
      const ids = [parent.id, (await split('b')).id, (await split('c')).id];

      const services = [
        'a',
        'b',
        'c',
        ['a', 'b'],
        ['b', 'a'],
        ['c', 'b'],
        ['b', 'c'],
        ['a', 'c'],
        ['a', 'd'],
      ];
      await write(services.map((service, place) => document(now + place, service)));
      for (const id of ids) await readAll(id, { wallNow: () => now + 2 * MINUTE });
      for (const id of ids) await recountAll(id);
      const numbers = await Promise.all(ids.map(numbersOf));
      // The rest, what has a `b`, and what has a `c` but no `b`.
      expect(numbers.map(({ lines_read }) => lines_read)).toEqual([3 + 2, 5, 2]);
      expect(numbers.map(({ slices_reread }) => slices_reread)).toEqual([0, 0, 0]);
      const { rows } = await app.db.owner.query<{ name: string; lines: string }>(
        `select s.name, sum(t.lines) as lines from tiles t join services s on s.id = t.service_id
         where t.log_source_id = any($1) group by s.name order by s.name`,
        [ids],
      );
      expect(rows.map((row) => [row.name, Number(row.lines)])).toEqual([
        ['a', 1 + 4],
        ['b', 1 + 3],
        ['c', 1 + 2],
      ]);
    });
  });
});
