import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createFixture, noon } from './alerting-fixture.ts';
import { alertId } from './alert-key.ts';
import type { AlertPayload } from './alert-payload.ts';
import { evaluateStep, type Evaluated } from './evaluate-step.ts';

let test: TestDatabase;
let fixture: ReturnType<typeof createFixture>;
let checkout: string;
let cart: string;
let hook: string;
let evaluate: () => Promise<Evaluated>;

beforeAll(async () => {
  test = await createTestDatabase();
  fixture = createFixture(test.owner, test.tenant_id);
  checkout = await fixture.service('checkout');
  cart = await fixture.service('cart');
  const step = evaluateStep({ database: test.database });
  evaluate = () => step({ tenant_id: test.tenant_id });
});
beforeEach(async () => {
  await fixture.clear();
  hook = await fixture.integration('hook', 'http://127.0.0.1:1/');
});
afterAll(() => test.close());

interface Row {
  anomaly_id: string;
  event: string;
  status: string;
  status_reason: string;
}
const rowsOf = async (...anomaly_ids: string[]): Promise<Row[]> => {
  const { rows } = await test.owner.query<Row>(
    'select anomaly_id, event, status, status_reason from alerts order by occurred_at, event',
  );
  return rows.filter((row) => anomaly_ids.length === 0 || anomaly_ids.includes(row.anomaly_id));
};
const statuses = async (...anomaly_ids: string[]) =>
  (await rowsOf(...anomaly_ids)).map((row) => `${row.event} ${row.status}`);
const reasonOf = async (anomaly_id: string) => (await rowsOf(anomaly_id))[0]?.status_reason;

it('fills the outbox with one row an (anomaly, policy, integration, event), named by its key', async () => {
  const second = await fixture.integration('second', 'http://127.0.0.1:1/');
  const policy_id = await fixture.policy('all', [hook, second]);
  const anomaly_id = await fixture.anomaly(checkout);
  await fixture.event(anomaly_id, 'opened', noon);
  const { decided, matched, alert_ids } = await evaluate();
  expect([decided, matched]).toEqual([1, 2]);
  const key = { anomaly_id, policy_id, event: 'opened' as const };
  expect(new Set(alert_ids)).toEqual(
    new Set([alertId({ ...key, integration_id: hook }), alertId({ ...key, integration_id: second })]),
  );
  expect(await evaluate()).toEqual({ decided: 0, matched: 0, alert_ids: [] });
});

it('writes what will be sent', async () => {
  const policy_id = await fixture.policy('all', [hook]);
  const anomaly_id = await fixture.anomaly(checkout);
  await fixture.event(anomaly_id, 'opened', noon + 5000, 95);
  await evaluate();
  const { rows } = await test.owner.query<{ payload: AlertPayload }>('select payload from alerts');
  expect(rows[0]?.payload).toEqual({
    version: 1,
    event: 'opened',
    idempotency_key: `${anomaly_id}.${policy_id}.${hook}.opened`,
    severity: 'critical',
    occurred_at: '2026-01-05T12:00:05.000Z',
    policy: { id: policy_id, name: 'all' },
    anomaly: {
      id: anomaly_id,
      anomaly_type: 'error_surge',
      kinds: ['error_surge'],
      severity: 'high',
      score: 95,
      summary: 'checkout wrote 214 error lines in a minute, 3 expected',
      service: { id: checkout, name: 'checkout', environment: 'default' },
      started_at: '2026-01-05T12:00:00.000Z',
      opened_at: '2026-01-05T12:00:00.000Z',
      resolved_at: null,
      simulated: false,
    },
    explanation: {
      base: 5,
      shap_values: [
        { feature: 'error_surprisal', shap_value: 70, actual: 214, expected: 3 },
        { feature: 'volume_high', shap_value: 5, actual: 900, expected: 700 },
      ],
      templates: [
        { template_id: 42, pattern: 'payment <*> failed', severity: 'error', count: 211, expected: 3 },
      ],
    },
    link: `/a/seismolog-detector-app/anomalies/${anomaly_id}`,
  });
});

it('makes exactly one row a key under eight evaluations at once', async () => {
  const second = await fixture.integration('second', 'http://127.0.0.1:1/');
  await fixture.policy('all', [hook, second]);
  await fixture.policy('cooled', [hook], { cooldown_seconds: 600 });
  for (let n = 0; n < 30; n++) {
    const anomaly_id = await fixture.anomaly(n % 2 ? checkout : cart);
    await fixture.event(anomaly_id, 'opened', noon + n * 60_000);
    await fixture.event(anomaly_id, 'resolved', noon + n * 60_000 + 30_000);
  }
  const runs = await Promise.all(Array.from({ length: 8 }, evaluate));
  expect(runs.reduce((sum, run) => sum + run.decided, 0)).toBe(60);
  const ids = runs.flatMap((run) => run.alert_ids);
  expect(new Set(ids).size).toBe(ids.length);
  const { rows } = await test.owner.query<{ all: number; keys: number; pending: number }>(
    `select count(*)::int as all, count(distinct (anomaly_id, policy_id, integration_id, event))::int as keys,
       (count(*) filter (where status = 'pending'))::int as pending from alerts`,
  );
  // 60 events for two integrations of one policy; three opened of each service in 30 min pass a cooldown of 10 min.
  expect(rows[0]).toEqual({ all: 180, keys: 180, pending: ids.length });
  expect(ids.length).toBe(120 + 2 * 2 * 3);
});

it('decides nothing when it is interrupted, and the same when it is run again', async () => {
  await fixture.policy('all', [hook]);
  const anomaly_id = await fixture.anomaly(checkout);
  await fixture.event(anomaly_id, 'opened', noon);
  await evaluate();
  const before = await test.owner.query('select id, payload, status from alerts');
  await test.owner.query('update anomaly_events set decided_at = null');
  expect(await evaluate()).toEqual({ decided: 1, matched: 0, alert_ids: [] });
  expect((await test.owner.query('select id, payload, status from alerts')).rows).toEqual(before.rows);
});

describe('cooldown', () => {
  beforeEach(() => fixture.policy('cooled', [hook], { cooldown_seconds: 600 }));

  it('runs in log time, per service, across evaluations', async () => {
    const times = [0, 599, 600, 1199, 1300];
    for (const [n, seconds] of times.entries()) {
      const anomaly_id = await fixture.anomaly(checkout);
      await fixture.event(anomaly_id, 'opened', noon + seconds * 1000);
      // Some in one batch with the next, some alone.
      if (n % 2) await evaluate();
    }
    await fixture.event(await fixture.anomaly(cart), 'opened', noon + 1000);
    await evaluate();
    expect((await rowsOf()).map((row) => row.status)).toEqual([
      'pending',
      'pending',
      'suppressed',
      'pending',
      'suppressed',
      'pending',
    ]);
  });

  it('lets the escalation of a suppressed anomaly pass, and its end follow', async () => {
    const first = await fixture.anomaly(checkout);
    const second = await fixture.anomaly(checkout);
    await fixture.event(first, 'opened', noon);
    await fixture.event(second, 'opened', noon + 60_000);
    await fixture.event(second, 'escalated', noon + 70_000, 95);
    await fixture.event(second, 'resolved', noon + 80_000);
    await evaluate();
    expect(await statuses(second)).toEqual(['opened suppressed', 'escalated pending', 'resolved pending']);
  });
});

describe('the end of an anomaly', () => {
  it('is told only to who heard of its beginning', async () => {
    const quiet = await fixture.anomaly(checkout);
    await fixture.policy('high only', [hook], { conditions: { min_score: 90 } });
    const loud = await fixture.anomaly(cart);
    await fixture.event(quiet, 'opened', noon, 80);
    await fixture.event(quiet, 'resolved', noon + 60_000, 40);
    await fixture.event(loud, 'opened', noon, 95);
    await evaluate();
    await fixture.event(loud, 'withdrawn', noon + 60_000, 10);
    await evaluate();
    expect(await statuses(quiet)).toEqual(['opened suppressed', 'resolved suppressed']);
    expect(await reasonOf(quiet)).toBe('score 80 is below min_score 90');
    expect(await statuses(loud)).toEqual(['opened pending', 'withdrawn pending']);
  });
});

it('asks no disabled policy and sends to no disabled integration', async () => {
  const off = await fixture.policy('off', [hook]);
  await test.owner.query('update alert_policies set is_enabled = false where id = $1', [off]);
  const muted = await fixture.integration('muted', 'http://127.0.0.1:1/');
  await test.owner.query('update integrations set is_enabled = false where id = $1', [muted]);
  await fixture.policy('on', [muted]);
  const anomaly_id = await fixture.anomaly(checkout);
  await fixture.event(anomaly_id, 'opened', noon);
  await fixture.event(anomaly_id, 'resolved', noon + 1000);
  expect(await evaluate()).toEqual({ decided: 2, matched: 0, alert_ids: [] });
  expect(await statuses(anomaly_id)).toEqual(['opened suppressed', 'resolved suppressed']);
  expect(await reasonOf(anomaly_id)).toBe('the integration is disabled');
});

it('touches nothing of another tenant', async () => {
  const { rows } = await test.owner.query<{ id: string }>(
    "insert into tenants (slug, name) values ('other', 'Other') returning id",
  );
  await fixture.policy('all', [hook]);
  await fixture.event(await fixture.anomaly(checkout), 'opened', noon);
  const other = evaluateStep({ database: test.database });
  expect(await other({ tenant_id: rows[0]?.id ?? '' })).toMatchObject({ decided: 0 });
  expect(await evaluate()).toMatchObject({ decided: 1, matched: 1 });
});
