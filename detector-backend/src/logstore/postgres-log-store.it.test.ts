import { expect, test } from 'vitest';
import { createTestDatabase } from '../../test/database.ts';
import { createDatabase } from '../platform/postgres.ts';
import { describeLogStore, OTHER_SERVICE_ID, SERVICE_ID } from './log-store-conformance.ts';
import { deleteDaysBefore } from './postgres-log-deletes.ts';
import { createPostgresLogStore } from './postgres-log-store.ts';

describeLogStore('log store in PostgreSQL', async () => {
  const db = await createTestDatabase();
  const { rows } = await db.owner.query<{ id: string }>(
    `insert into tenants (slug, name) values ('other', 'Other') returning id`,
  );
  const other_tenant_id = rows[0]?.id ?? '';
  // As `ingest` does before it stores a line.
  for (const service of [
    [SERVICE_ID, db.tenant_id],
    [OTHER_SERVICE_ID, other_tenant_id],
  ])
    await db.owner.query(
      "insert into services (id, tenant_id, name, slug) values ($1, $2, 'checkout', 'checkout')",
      service,
    );
  return {
    store: createPostgresLogStore({ database: db.database }),
    tenant_id: db.tenant_id,
    other_tenant_id,
    close: db.close,
  };
});

test('a database that can not be reached is log_store_unavailable', async () => {
  const database = createDatabase({ url: 'postgres://seismolog@127.0.0.1:1/x', onError: () => undefined });
  const store = createPostgresLogStore({ database });
  await expect(store.ping()).rejects.toMatchObject({ code: 'log_store_unavailable' });
  await expect(store.firstIngestedAt('x', 'y', 0)).rejects.toMatchObject({ code: 'log_store_unavailable' });
  await database.close();
});

test('a day that another process dropped is made again by the next write', async () => {
  const db = await createTestDatabase();
  const store = createPostgresLogStore({ database: db.database });
  const ms = Date.UTC(2026, 0, 1);
  const document = (index: number) => ({
    event_id: `00000000-0000-0000-0000-00000000000${index}`,
    timestamp: ms,
    log_source_id: '11111111-1111-4111-8111-111111111111',
    service_id: '11111111-1111-4111-8111-111111111111',
    service: 's',
    source: 's',
    severity: 'info' as const,
    message: 'm',
    metadata: null,
    ingested_at: ms,
  });
  await store.write(db.tenant_id, [document(1)]);
  await db.owner.query("select drop_day_partitions('embedded_logs', '2026-01-02')");
  expect(await store.write(db.tenant_id, [document(2)])).toMatchObject({ created: 1 });
  await db.close();
});

test('a day goes with more lines than one transaction deletes, and no line of another tenant or day', async () => {
  const db = await createTestDatabase();
  const [stranger = ''] = (
    await db.owner.query<{ id: string }>(
      "insert into tenants (slug, name) values ('stranger', 'S') returning id",
    )
  ).rows.map(({ id }) => id);
  await db.owner.query(
    `select ensure_day_partitions('embedded_logs', array['2026-01-01', '2026-01-02', '2026-01-03']::date[])`,
  );
  for (const [tenant_id, name] of [
    [db.tenant_id, 'a'],
    [stranger, 'b'],
  ])
    await db.owner.query(
      `with service as (
         insert into services (tenant_id, name, slug, id) values ($1, $2, $2, gen_random_uuid()) returning id)
       insert into embedded_logs (event_id, timestamp, tenant_id, log_source_id, service_id, service, source, severity,
                                  message, ingested_at)
       select gen_random_uuid(), timestamptz '2026-01-01 00:00+00' + n * interval '5 s', $1, service.id, service.id,
              's', 's', 'info', 'm', now()
       from service, generate_series(0, 3 * 17280 - 1) n`,
      [tenant_id, name],
    );
  const store = createPostgresLogStore({ database: db.database });
  const count = async () => {
    const sql = 'select count(*)::integer as n from embedded_logs where tenant_id = $1';
    return (await db.owner.query<{ n: number }>(sql, [db.tenant_id])).rows[0]?.n;
  };
  // Out of time after the first transaction: the next call goes on.
  await deleteDaysBefore(db.database, db.tenant_id, { before: Date.UTC(2026, 0, 3, 12) }, 0);
  expect(await count()).toBe(41_840);
  expect(await store.dropDaysBefore(db.tenant_id, Date.UTC(2026, 0, 3, 12))).toBe(2);
  const { rows } = await db.owner.query<{ lines: string; first: Date }>(
    `select t.slug, count(*)::integer as lines, min(timestamp at time zone 'UTC')::date::text as first
     from embedded_logs l join tenants t on t.id = l.tenant_id group by 1 order by 1`,
  );
  expect(rows).toEqual([
    { slug: 'acme', lines: 17_280, first: '2026-01-03' },
    { slug: 'stranger', lines: 51_840, first: '2026-01-01' },
  ]);
  expect(await store.dropDaysBefore(db.tenant_id, Date.UTC(2026, 0, 3, 12))).toBe(0);
  await db.close();
});
