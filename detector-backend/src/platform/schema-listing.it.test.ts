import { expect, test } from 'vitest';
import { createTestDatabase } from '../../test/database.ts';
import { listSchema } from './schema-listing.ts';

// After a change of migrations: `npm run seismolog -- schema`, and review the diff.
test('migrations/schema.sql is what the migrations make', async () => {
  const db = await createTestDatabase();
  await expect(await listSchema(db.owner)).toMatchFileSnapshot('../../../migrations/schema.sql');
  await db.close();
});

test('the key indexes and the 14 tables of the specification are there', async () => {
  const db = await createTestDatabase();
  const listing = await listSchema(db.owner);
  await db.close();
  const tables =
    'tenants roles users user_roles services log_sources model_versions feature_windows anomalies alert_policies alerts integrations feedback audit_logs';
  for (const table of tables.split(' ')) expect(listing).toContain(`table ${table} (row security forced`);
  expect(listing).toMatch(/feature_windows USING btree \(tenant_id, service_id, window_start\)/);
  expect(listing).toMatch(/anomalies USING btree \(tenant_id, service_id, created_at\)/);
  expect(listing).toMatch(/audit_logs USING btree \(tenant_id, created_at\)/);
});
