import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { describeWithEngines, ENGINES, engineUrl } from '../test/engines.ts';
import { createSearchEngine } from './logstore/search-engine-connect.ts';
import { createSearchLogStore } from './logstore/search-log-store.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { retentionJob } from './retention-job.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 5, 20, 12);

/** Neither engine has ILM or ISM here: what is deleted, the job deletes. */
describeWithEngines('retention of two tenants in', () => {
  describe.each(ENGINES)('%s', (name) => {
    let db: TestDatabase;
    const log_source_id = randomUUID();
    const tail = randomUUID().slice(0, 8);
    const tenants = [
      { slug: `long_${tail}`, term: 14, tenant_id: randomUUID() },
      { slug: `short_${tail}`, term: 2, tenant_id: randomUUID() },
      { slug: `usual_${tail}`, term: null, tenant_id: randomUUID() },
    ];
    const engine = () =>
      createSearchEngine({ engine: name, nodes: [engineUrl(name)], request_timeout_ms: 30_000 });
    let store: ReturnType<typeof createSearchLogStore>;
    let open: ReturnType<typeof engine>;

    beforeAll(async () => {
      db = await createTestDatabase();
      for (const { slug, term, tenant_id } of tenants) {
        await db.owner.query(
          'insert into tenants (id, slug, name, log_retention_days) values ($1, $2, $2, $3)',
          [tenant_id, slug, term],
        );
      }
      open = engine();
      const slugOf = (id: string) =>
        Promise.resolve(tenants.find(({ tenant_id }) => tenant_id === id)?.slug ?? 'acme');
      store = createSearchLogStore({ engine: open, slugOf });
    });
    afterAll(async () => {
      for (const { slug, tenant_id } of tenants) {
        await store.dropDaysBefore(tenant_id, Date.UTC(2100, 0, 1));
        const path = `/_index_template/seismolog-logs-${slug}`;
        await open.request({ method: 'DELETE', path }).catch(() => undefined);
      }
      await open.close();
      await db.close();
    });

    /** Ages in days of the lines that can be read. */
    const readable = async (tenant_id: string): Promise<number[]> => {
      const ages: number[] = [];
      const slice = { tenant_id, log_source_id, slice_start: 0, slice_end: NOW + DAY_MS };
      for await (const page of store.readSlice(slice))
        ages.push(...page.map(({ timestamp }) => (NOW - timestamp) / DAY_MS));
      return ages.sort((a, b) => a - b);
    };

    test('the days of each go by its own term, else by that of the installation', async () => {
      const ages = [2, 3, 8, 15];
      for (const { tenant_id } of tenants) {
        await store.write(
          tenant_id,
          ages.map((age) => ({
            event_id: randomUUID(),
            timestamp: NOW - age * DAY_MS,
            log_source_id,
            service_id: randomUUID(),
            service: 'checkout',
            source: 'pod-1',
            severity: 'info',
            message: 'm',
            metadata: null,
            ingested_at: NOW,
            is_log_time: true,
          })),
        );
      }
      const run = retentionJob({
        database: db.database,
        log_store: store,
        logger: createLogger({ level: 'silent' }),
        metrics: createMetrics({ process_metrics: false }),
        retention: { log_days: 7, window_days: 30 },
      });
      expect(await run({ wall_now: NOW })).toEqual({ days: 1 + 3 + 2 });
      expect(await Promise.all(tenants.map(({ tenant_id }) => readable(tenant_id)))).toEqual([
        [2, 3, 8],
        [2],
        [2, 3],
      ]);
      expect(await run({ wall_now: NOW })).toEqual({ days: 0 });
    }, 120_000);
  });
});
