import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { bootstrapTenant, ensureUser } from './access/bootstrap.ts';
import { audit } from './access/audit-repository.ts';
import type { RoleName } from './access/role.ts';
import { insertIntegration } from './alerting/integration-repository.ts';
import { insertPolicy } from './alerting/policy-repository.ts';
import { insertServices } from './ingest/service-repository.ts';
import { DEFAULT_ENVIRONMENT, serviceId } from './ingest/service-identity.ts';
import { loadConfig, type Config } from './platform/config.ts';
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts';
import type { Identity } from './platform/http/identity.ts';
import { createLogger } from './platform/logger.ts';
import { migrate } from './platform/migrate.ts';
import { createDatabase, type Client, type Database } from './platform/postgres.ts';

const SLUG = 'demo';
const PASSWORD = 'seismolog-dev';
const USERS: Record<string, RoleName> = {
  'operator@demo.local': 'admin',
  'editor@demo.local': 'editor',
  'viewer@demo.local': 'viewer',
};
const SERVICES = ['storefront', 'checkout', 'payment', 'inventory'];
/** Where a receiver of a developer may listen; the embedded mode lets webhooks reach 127.0.0.1. */
const WEBHOOK_URL = 'http://127.0.0.1:3199/alerts';

/**
 * Fills the database of the configuration (embedded, or that of OWNER_DATABASE_URL) with what a developer needs: a
 * tenant, a user of each role, services, an integration and a policy. What exists stays.
 * @returns what to tell the person at the terminal
 */
export async function seedDevelopment(): Promise<string> {
  const config = loadConfig();
  const { owner_url, stop } = await openDatabase(config);
  try {
    await migrate({ owner_url });
    const key_file = config.mode === 'embedded' ? { key_file: path.join(config.data_dir, 'admin-key') } : {};
    const { tenant_id, api_key } = await bootstrapTenant({
      owner_url,
      slug: SLUG,
      name: 'Demo',
      ...key_file,
    });
    // The owner may become the application's role, so its login serves here as well.
    const database = createDatabase({ url: owner_url, max: 1, onError: () => undefined });
    await seedTenant(database, tenant_id).finally(() => database.close());
    return summary(api_key);
  } finally {
    await stop();
  }
}

async function openDatabase(config: Readonly<Config>): Promise<{ owner_url: string; stop(): Promise<void> }> {
  if (config.owner_database_url !== undefined) {
    return { owner_url: config.owner_database_url, stop: () => Promise.resolve() };
  }
  const logger = createLogger({ level: 'warn' });
  return startEmbeddedPostgres({ dir: path.join(config.data_dir, 'postgres'), logger });
}

/** Users, services, integration and policy of a tenant that was bootstrapped; may be called again. */
export async function seedTenant(database: Database, tenant_id: string): Promise<void> {
  const identity: Identity = {
    tenant_id,
    tenant_slug: SLUG,
    actor: 'seed-dev',
    permissions: ['*'],
    user_id: null,
    key_id: null,
  };
  await database.withTenant(tenant_id, async (client) => {
    for (const [email, role] of Object.entries(USERS))
      await ensureUser(client, identity, email, role, PASSWORD);
    const services = SERVICES.map((name) => ({
      id: serviceId(tenant_id, name, DEFAULT_ENVIRONMENT),
      name,
      slug: name,
      environment: DEFAULT_ENVIRONMENT,
    }));
    await insertServices(client, tenant_id, services);
    await seedAlerting(client, identity);
  });
}

async function seedAlerting(client: Client, identity: Identity): Promise<void> {
  const trace = (resource_type: string, resource_id: string, after: Record<string, unknown>) =>
    audit(client, identity, {
      action: `${resource_type}.create`,
      resource_type,
      resource_id,
      details: { after },
      request_id: null,
    });
  const config = { url: WEBHOOK_URL };
  const integration = await insertIntegration(client, {
    id: randomUUID(),
    type: 'webhook',
    name: 'local receiver',
    config,
    secret: null,
    is_enabled: true,
  });
  if (integration === null) return;
  await trace('integration', integration.id, { name: integration.name, config });
  const policy = {
    name: 'every high anomaly',
    is_enabled: true,
    conditions: { severities: ['high' as const] },
    severity_mapping: {},
    cooldown_seconds: 300,
    integration_ids: [integration.id],
  };
  const policy_id = await insertPolicy(client, policy);
  if (policy_id !== null) await trace('alert_policy', policy_id, policy);
}

function summary(api_key: string | null): string {
  const key = api_key === null ? 'its API key was shown when it was made' : `API key ${api_key}`;
  return [
    `Tenant ${SLUG}: ${key}`,
    `Users (password ${PASSWORD}): ${Object.entries(USERS)
      .map(([email, role]) => `${email} (${role})`)
      .join(', ')}`,
    `Services: ${SERVICES.join(', ')}`,
    `Alerts of high anomalies go to ${WEBHOOK_URL}`,
  ].join('\n');
}
