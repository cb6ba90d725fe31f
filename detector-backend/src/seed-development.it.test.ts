import { expect, test } from 'vitest';
import { createTestDatabase } from '../test/database.ts';
import { bootstrapTenant } from './access/bootstrap.ts';
import { seedTenant } from './seed-development.ts';

test('seeding twice leaves one of each, with users of every role', async () => {
  const db = await createTestDatabase();
  await bootstrapTenant({ owner_url: db.owner_url, slug: 'acme', name: 'Acme' });
  await seedTenant(db.database, db.tenant_id);
  const count = `select (select count(*)::int from services) as services, (select count(*)::int from integrations) as integrations,
    (select count(*)::int from alert_policies) as policies, (select count(*)::int from alert_policy_integrations) as targets,
    (select count(*)::int from audit_logs where actor = 'seed-dev') as audit_logs`;
  const first = (await db.owner.query(count)).rows;
  expect(first).toEqual([{ services: 4, integrations: 1, policies: 1, targets: 1, audit_logs: 5 }]);
  await seedTenant(db.database, db.tenant_id);
  expect((await db.owner.query(count)).rows).toEqual(first);
  const { rows } = await db.owner.query(
    'select r.name from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id group by 1 order by 1',
  );
  expect(rows.map((row) => row.name)).toEqual(['admin', 'editor', 'viewer']);
  await db.close();
});
