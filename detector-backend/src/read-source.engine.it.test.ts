import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithEngines, ENGINES } from '../test/engines.ts';
import { serviceId } from './ingest/service-identity.ts';
import { readJob, recountJob, type ReadJobDeps } from './read-job.ts';
import {
  createSearchStage,
  ECS_PROPERTIES,
  iso,
  makeDataStream,
  type SearchStage,
} from './reading/search-source-fixture.ts';
import { createTemplateMiner } from './templates/template-miner.ts';

const MINUTE = 60_000;

describeWithEngines('the read job on a log source in a cluster', () => {
  describe.each(ENGINES)('%s', (name) => {
    let stage: SearchStage;
    beforeAll(async () => {
      stage = await createSearchStage(name);
    });
    afterAll(() => stage.close());

    const deps = (values: Partial<ReadJobDeps> = {}): ReadJobDeps => ({
      database: stage.db.database,
      log_store: stage.reader,
      miner: createTemplateMiner({ database: stage.db.database }),
      wallNow: Date.now,
      ...values,
    });
    const rowsOf = <T extends object>(text: string, values: unknown[]): Promise<T[]> =>
      stage.db.database.withTenant(
        stage.tenant_id,
        async (client) => (await client.query<T>(text, values)).rows,
      );
    const sourceOf = async (id: string) =>
      (await rowsOf<Record<string, unknown>>('select * from log_sources where id = $1', [id]))[0] ?? {};
    async function readAll(log_source_id: string, values: Partial<ReadJobDeps> = {}): Promise<void> {
      const read = readJob(deps(values));
      while ((await read({ tenant_id: stage.tenant_id, log_source_id })).more !== null);
    }
    async function countedLines(service: string): Promise<number> {
      const [row] = await rowsOf<{ lines: number }>(
        'select coalesce(sum(lines), 0)::integer as lines from tiles where service_id = $1',
        [serviceId(stage.tenant_id, service, 'default')],
      );
      return row?.lines ?? -1;
    }
    const document = (ago_ms: number, service: string, place: number) => ({
      '@timestamp': iso(Date.now() - ago_ms),
      service: { name: service },
      log: { level: place % 10 === 0 ? 'error' : 'info' },
      message: `order ${place} took ${place % 90} ms`,
    });
    const spread = (service: string, count: number, from_ms: number, step_ms: number) =>
      Array.from({ length: count }, (_, place) => document(from_ms - place * step_ms, service, place));

    test('counts the last hour of an ECS data stream exactly, and what comes late once it is there', async () => {
      const stream = `logs-${stage.prefix}.job-default`;
      await makeDataStream(stage, stream);
      await stage.write(stream, [
        ...spread('checkout', 1000, 40 * MINUTE, 2000),
        ...spread('cart', 500, 35 * MINUTE, 3000),
        ...spread('cart', 50, 3 * 60 * MINUTE, 1000),
      ]);
      const id = await stage.addSource({ index: stream });
      await stage.db.owner.query('update log_sources set backfill_hours = 1 where id = $1', [id]);
      await readAll(id);
      // What is older than the backfill stays where it is.
      expect([await countedLines('checkout'), await countedLines('cart')]).toEqual([1000, 500]);
      expect(await sourceOf(id)).toMatchObject({ lines_read: 1500, lines_unmined: 0, last_error: null });

      await stage.write(stream, spread('cart', 7, 20 * MINUTE, 10));
      const slices = await rowsOf<{ slice_start: number }>(
        'select slice_start from slices where log_source_id = $1 order by slice_start',
        [id],
      );
      const recount = recountJob(deps());
      for (const { slice_start } of slices)
        await recount({ tenant_id: stage.tenant_id, log_source_id: id, slice_start });
      expect([await countedLines('checkout'), await countedLines('cart')]).toEqual([1000, 507]);
      expect(await sourceOf(id)).toMatchObject({ lines_read: 1507, lines_late: 7 });
    });

    test('counts a slice with too many lines whole, and says what was not mined', async () => {
      const index = `${stage.prefix}-flood`;
      await stage.makeIndex(index, ECS_PROPERTIES);
      // All within one slice.
      const slice_start = Math.floor((Date.now() - 2 * MINUTE) / 5000) * 5000;
      await stage.write(index, spread('flood', 4000, Date.now() - slice_start - 200, 1));
      const id = await stage.addSource({ index });
      await readAll(id, { max_lines: 500, sample_lines: 200 });
      expect(await countedLines('flood')).toBe(4000);
      const { lines_read, lines_unmined } = await sourceOf(id);
      expect(lines_read).toBe(4000);
      expect(lines_unmined).toBeGreaterThan(2000);
    });

    test('keeps why a source could not be read, and goes on where it was once it can', async () => {
      const index = `${stage.prefix}-later`;
      const id = await stage.addSource({ index });
      const read = { tenant_id: stage.tenant_id, log_source_id: id };
      await expect(readJob(deps())(read)).rejects.toThrow(`no index "${index}"`);
      expect(await sourceOf(id)).toMatchObject({
        last_error: expect.stringContaining(`no index "${index}"`) as string,
      });
      await stage.makeIndex(index, ECS_PROPERTIES);
      await stage.write(index, spread('later', 20, 2 * MINUTE, 10));
      await readAll(id);
      expect(await countedLines('later')).toBe(20);
      expect(await sourceOf(id)).toMatchObject({ last_error: null });
    });
  });
});
