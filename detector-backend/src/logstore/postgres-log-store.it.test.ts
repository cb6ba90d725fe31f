import { expect, test } from 'vitest';
import { createTestDatabase } from '../../test/database.ts';
import { createDatabase } from '../platform/postgres.ts';
import { describeLogStore } from './log-store-conformance.ts';
import { createPostgresLogStore } from './postgres-log-store.ts';

describeLogStore('log store in PostgreSQL', async () => {
  const db = await createTestDatabase();
  const { rows } = await db.owner.query<{ id: string }>(
    `insert into tenants (slug, name) values ('other', 'Other') returning id`,
  );
  return {
    store: createPostgresLogStore({ database: db.database }),
    tenant_id: db.tenant_id,
    other_tenant_id: rows[0]?.id ?? '',
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
  const [store, other] = [db, db].map(({ database }) => createPostgresLogStore({ database }));
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
  await store?.write(db.tenant_id, [document(1)]);
  expect(await other?.dropDaysBefore(db.tenant_id, ms + 86_400_000)).toBe(1);
  expect(await store?.write(db.tenant_id, [document(2)])).toMatchObject({ created: 1 });
  await db.close();
});
