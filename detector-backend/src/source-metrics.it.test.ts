import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { createMetrics } from './platform/metrics.ts';
import { createDatabase } from './platform/postgres.ts';
import { showSources } from './source-metrics.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

test('each enabled source shows its lag, its lines and whether it is blind', async () => {
  await db.owner.query(
    `insert into log_sources (tenant_id, name, source_type, cursor_at, lines_read, lines_late, lines_unmined, slices_reread, recounts_missed, blind_since, is_enabled)
     values ($1, 'nginx', 'push', now() - interval '90 seconds', 1000, 7, 40, 2, 3, now(), true),
            ($1, 'off', 'push', now(), 5, 0, 0, 0, 0, null, false)`,
    [db.tenant_id],
  );
  const metrics = createMetrics({ process_metrics: false });
  showSources(metrics, db.database);
  const text = await metrics.registry.metrics();
  const valueOf = (name: string) =>
    Number(
      new RegExp(
        `^seismolog_log_source_${name}{tenant_id="${db.tenant_id}",log_source="nginx"} (.*)$`,
        'm',
      ).exec(text)?.[1],
    );
  expect(valueOf('lag_seconds')).toBeGreaterThanOrEqual(90);
  expect(valueOf('lag_seconds')).toBeLessThan(120);
  expect(
    [
      'blind',
      'lines_total',
      'late_lines_total',
      'unmined_lines_total',
      'reread_slices_total',
      'missed_recounts_total',
    ].map(valueOf),
  ).toEqual([1, 1000, 7, 40, 2, 3]);
  expect(text).not.toContain('"off"');
});

test('a database that is away leaves the values out, and the metrics readable', async () => {
  const database = createDatabase({ url: 'postgres://seismolog@127.0.0.1:1/x', onError: () => undefined });
  const metrics = createMetrics({ process_metrics: false });
  showSources(metrics, database);
  const text = await metrics.registry.metrics();
  expect(text).toContain('# TYPE seismolog_log_source_lag_seconds gauge');
  expect(text).not.toMatch(/^seismolog_log_source_lag_seconds{/m);
  await database.close();
});
