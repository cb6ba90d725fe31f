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
