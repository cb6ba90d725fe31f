import { createHash } from 'node:crypto';
import { createSecretBox } from '../../src/alerting/secret-box.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/ingest/ingest-limits.ts';
import { ingestStep } from '../../src/ingest/ingest-step.ts';
import { advanceClock } from '../../src/ingest/log-source-repository.ts';
import { createPostgresLogStore } from '../../src/logstore/postgres-log-store.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import {
  startAlertReceiver,
  type AlertReceiver,
  type ReceivedAlert,
} from '../../src/simulation/alert-receiver.ts';
import { linesOf, type ShopLine } from '../../src/simulation/shop-generator.ts';
import type { Incident } from '../../src/simulation/shop-incidents.ts';
import { CHECK_FROM_MS } from '../../src/simulation/shop-run.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { pollUntil } from './poll.ts';

/** The same in every database, so that runs can be compared row by row. */
const TENANT = 'c0ffee00-0000-4000-8000-000000000001';
const LOG_SOURCE = 'c0ffee00-0000-4000-8000-000000000002';
const INTEGRATION = 'c0ffee00-0000-4000-8000-000000000003';
const POLICY = 'c0ffee00-0000-4000-8000-000000000004';
export const MINUTE = 60_000;
const STEP_MS = MINUTE;
/** How far lines are stored and the clock is moved ahead of what is judged: work never runs out, and is not done at once. */
const LEAD_MS = 10 * MINUTE;
const SEED = 7;
export const PATIENCE_MS = 300_000;

export const FROM = CHECK_FROM_MS;
/** A service is ready, so that an anomaly can open, after 200 minutes; time is left to resolve the last one. */
export const TO = FROM + 216 * MINUTE;
/** The quietest services of the shop, or a run would take a minute. */
export const SERVICES = ['payment', 'shipping', 'auth'];
export const incident = (kind: Incident['kind'], service: string, from: number, to: number): Incident => ({
  kind,
  service,
  started_at: FROM + from * MINUTE,
  ended_at: FROM + to * MINUTE,
});
const INCIDENTS = [incident('error_surge', 'payment', 203, 206), incident('silence', 'shipping', 205, 210)];

/** Lines of our services in [from, to), in the order of their time. */
export const shopLines = (incidents: Incident[], from: number, to: number): ShopLine[] =>
  linesOf(SEED, incidents, from, to).filter(({ service }) => SERVICES.includes(service));

/** A tenant with one log source in log time, one policy and one receiver, in a database of its own. */
export interface ShopWorld {
  db: TestDatabase;
  receiver: AlertReceiver;
  secret_key: string;
  close(): Promise<void>;
}

export async function createShopWorld(onAlert?: (alert: ReceivedAlert) => void): Promise<ShopWorld> {
  const receiver = await startAlertReceiver(onAlert);
  const db = await createTestDatabase({ tenant_id: TENANT });
  const secret_key = createHash('sha256').update('shop world').digest();
  const secret = createSecretBox(secret_key).seal('a secret of the test receiver', INTEGRATION);
  await db.owner.query(
    `insert into log_sources (id, tenant_id, name, source_type, clock_mode) values ($2, $1, 'shop', 'simulated', 'log')`,
    [TENANT, LOG_SOURCE],
  );
  await db.owner.query(
    `insert into integrations (id, tenant_id, type, name, config, secret) values ($2, $1, 'webhook', 'receiver', $3, $4)`,
    [TENANT, INTEGRATION, { url: receiver.url }, secret],
  );
  await db.owner.query(`insert into alert_policies (id, tenant_id, name) values ($2, $1, 'everything')`, [
    TENANT,
    POLICY,
  ]);
  await db.owner.query(
    'insert into alert_policy_integrations (tenant_id, policy_id, integration_id) values ($1, $2, $3)',
    [TENANT, POLICY, INTEGRATION],
  );
  return {
    db,
    receiver,
    secret_key: secret_key.toString('base64'),
    async close() {
      await receiver.close();
      await db.close();
    },
  };
}

/** Stores the shop's lines step by step and moves the clock behind them, until everything is judged and delivered. */
export async function runShop(world: ShopWorld): Promise<void> {
  const { db } = world;
  const ingest = ingestStep({
    database: db.database,
    log_store: createPostgresLogStore({ database: db.database }),
    metrics: createMetrics({ process_metrics: false }),
    limits: DEFAULT_INGEST_LIMITS,
  });
  for (let at = FROM; at < TO; at += STEP_MS) {
    const key = `shop-${at}`;
    await ingest({
      tenant: { tenant_id: TENANT, tenant_slug: 'acme' },
      log_source_name: 'shop',
      records: shopLines(INCIDENTS, at, at + STEP_MS),
      idempotency: { key, body_sha256: createHash('sha256').update(key).digest() },
      received_at: at + STEP_MS,
    });
    await db.database.withTenant(TENANT, (client) => advanceClock(client, LOG_SOURCE, at + STEP_MS));
    await pollUntil(
      async () => (await progressOf(world)).judged >= at - LEAD_MS,
      PATIENCE_MS,
      `judged until ${at}`,
    );
  }
  await pollUntil(() => isSettled(db, TO), PATIENCE_MS, 'everything judged and delivered');
}

export interface Progress {
  /** Log time read and judged so far, epoch ms. */
  read: number;
  judged: number;
  /** Minute windows learned by all services, and whether a model was trained. */
  window_count: number;
  models: number;
}

export async function progressOf({ db }: ShopWorld): Promise<Progress> {
  const { rows } = await db.owner.query<Progress>(
    `select coalesce(extract(epoch from (select cursor_at from log_sources)) * 1000, $1)::float8 as read,
       coalesce(extract(epoch from (select min(judged_until) from baselines)) * 1000, $1)::float8 as judged,
       (select coalesce(sum(window_count), 0)::integer from baselines) as window_count,
       (select count(*)::integer from model_versions) as models`,
    [FROM],
  );
  return rows[0]!;
}

/** Whether everything before `at` (epoch ms of log time) is read, judged, decided and delivered. */
export async function isSettled({ owner }: TestDatabase, at: number): Promise<boolean> {
  const { rows } = await owner.query<{ settled: boolean }>(
    `select ls.cursor_at >= $1
       and not exists (select from services s left join baselines b on b.service_id = s.id
         where coalesce(b.judged_until, '-infinity')
           < date_bin('10 seconds', ls.cursor_at - make_interval(secs => ls.allowed_lateness_seconds), 'epoch'))
       and not exists (select from dirty_windows) and not exists (select from anomaly_events where decided_at is null)
       and not exists (select from alerts where status = 'pending') as settled
     from log_sources ls`,
    [new Date(at)],
  );
  return rows[0]?.settled ?? false;
}

/**
 * Lets the time pass (45 s) after which an alert is tried again whose sender died. Call it while no worker runs, or it
 * would also be taken from one that lives.
 */
export async function passDeliveryLease({ db }: ShopWorld): Promise<void> {
  await db.owner.query(
    `update alerts set next_attempt_at = now() where status = 'pending' and next_attempt_at > now()`,
  );
}
