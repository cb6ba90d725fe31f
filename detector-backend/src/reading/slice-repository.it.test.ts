import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { updateLogSource } from '../ingest/log-source-repository.ts';
import { cancelRecounts } from './recount-repository.ts';
import { deleteSlicesBefore } from './slice-repository.ts';

// The id of the shard comes first: only the order of the locks keeps it from being locked before its source.
const SOURCE = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
const SHARD = '00000000-0000-4000-8000-000000000000';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.owner.query(
    `insert into log_sources (id, tenant_id, name, source_type, shard_of, split_at)
     values ($1, $3, 'a', 'push', null, null), ($2, $3, 'a/1', 'push', $1, now())`,
    [SOURCE, SHARD, db.tenant_id],
  );
  await db.owner.query(
    `insert into slices (tenant_id, log_source_id, slice_start, slice_end, state, fencing_token, completed_at, recount_at)
     select $1, unnest($2::uuid[]), now() - interval '9 days', now() - interval '8 days', 'done', 1, now(), now()`,
    [db.tenant_id, [SOURCE, SHARD]],
  );
});
afterAll(() => db.close());

/** Until a connection of this database waits for a lock. */
const untilSomebodyWaits = () =>
  expect
    .poll(async () => {
      const { rowCount } = await db.owner.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rowCount;
    })
    .toBe(1);

test('slices of a source and its shard expire while the source is changed: neither waits for the other', async () => {
  const change = await db.database.withTenant(db.tenant_id, async (client) => {
    await updateLogSource(client, SOURCE, { is_enabled: true });
    const expiry = db.database.withTenant(db.tenant_id, (other) => deleteSlicesBefore(other, Date.now()));
    const settled = Promise.allSettled([expiry]);
    await untilSomebodyWaits();
    await cancelRecounts(client, SOURCE);
    return { settled };
  });
  expect(await change.settled).toEqual([{ status: 'fulfilled', value: 2 }]);
});
