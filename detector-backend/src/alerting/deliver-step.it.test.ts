import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createFixture, createSendDeps, HMAC_SECRET, noon, startReceiver } from './alerting-fixture.ts';
import { deliverStep, dueAlerts } from './deliver-step.ts';
import { claimAlert, recordSent, type ClaimedAlert } from './delivery-repository.ts';
import { evaluateStep } from './evaluate-step.ts';
import { MAX_ATTEMPTS } from './retry-delay.ts';

let test: TestDatabase;
let fixture: ReturnType<typeof createFixture>;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let service: string;
let policy: string;
let hook: string;
let deliver: (alert_id: string) => ReturnType<ReturnType<typeof deliverStep>>;
const deps = createSendDeps();

beforeAll(async () => {
  test = await createTestDatabase();
  fixture = createFixture(test.owner, test.tenant_id);
  receiver = await startReceiver();
  service = await fixture.service('checkout');
  const step = deliverStep({ database: test.database, ...deps });
  deliver = (alert_id) => step({ tenant_id: test.tenant_id, alert_id });
});
beforeEach(async () => {
  receiver.restart();
  await fixture.clear();
  const id = randomUUID();
  hook = await fixture.integration('hook', receiver.url, {
    id,
    sealed: deps.secret_box.seal(HMAC_SECRET, id),
  });
  policy = await fixture.policy('all', [hook]);
});
afterAll(async () => {
  await receiver.close();
  await test.close();
});

/** Records the events of one new anomaly and returns its alerts' ids in order. */
async function alertsOf(...events: ('opened' | 'escalated' | 'resolved')[]) {
  const anomaly_id = await fixture.anomaly(service);
  for (const [n, event] of events.entries()) await fixture.event(anomaly_id, event, noon + n * 1000);
  const { alert_ids } = await evaluateStep(test)({ tenant_id: test.tenant_id });
  const [first = '', second = ''] = alert_ids;
  return { anomaly_id, first, second };
}

interface Row {
  status: string;
  attempts: number;
  last_error: string | null;
  wait_ms: number | null;
  is_sent: boolean;
}
async function rowOf(id: string): Promise<Row | undefined> {
  const { rows } = await test.owner.query<Row>(
    `select status, attempts, last_error, sent_at is not null as is_sent,
       (extract(epoch from next_attempt_at - now()) * 1000)::double precision as wait_ms from alerts where id = $1`,
    [id],
  );
  return rows[0];
}

it('sends the payload of the row, signed, with the idempotency key of the alert', async () => {
  const { first, anomaly_id } = await alertsOf('opened');
  expect(await deliver(first)).toBe('sent');
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
  const signed = `${String(headers['x-seismolog-timestamp'])}:${body}`;
  expect(headers['x-seismolog-signature']).toBe(
    createHmac('sha256', HMAC_SECRET).update(signed).digest('hex'),
  );
  expect(headers['idempotency-key']).toBe(`${anomaly_id}.${policy}.${hook}.opened`);
  expect(headers['user-agent']).toBe('seismolog');
  expect(JSON.parse(body)).toMatchObject({ event: 'opened', anomaly: { id: anomaly_id, score: 80 } });
  expect(await rowOf(first)).toMatchObject({ status: 'sent', attempts: 1, is_sent: true, wait_ms: null });
  expect(await deliver(first)).toBe('none');
  expect(receiver.received).toHaveLength(1);
});

it('sends no word that the mask policy has forbidden since', async () => {
  const { first } = await alertsOf('opened');
  const setWords = (words: string[]) =>
    test.owner.query('update tenants set config = $1 where id = $2', [
      { mask_policy: { words } },
      test.tenant_id,
    ]);
  await setWords(['Payment', 'checkout']);
  // A policy may be two seconds old.
  const step = deliverStep({ database: test.database, ...deps });
  expect(await step({ tenant_id: test.tenant_id, alert_id: first })).toBe('sent');
  await setWords([]);
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
    anomaly: { summary: '<word> wrote 214 error lines in a minute, 3 expected' },
    explanation: { templates: [{ pattern: '<word> <*> failed' }] },
  });
});

it('is found by the sweep while it is due, and not after', async () => {
  const { first } = await alertsOf('opened');
  expect(await dueAlerts(test.database)).toEqual([
    { tenant_id: test.tenant_id, id: first, next_attempt_at: expect.any(Number) },
  ]);
  await deliver(first);
  expect(await dueAlerts(test.database)).toEqual([]);
});

it('tries again after a failure, with the same key, until the receiver takes it', async () => {
  receiver.restart((count) => ({ status: count < 3 ? 503 : 200 }));
  const { first } = await alertsOf('opened');
  expect(await deliver(first)).toBe('retry');
  expect(await rowOf(first)).toMatchObject({ status: 'pending', attempts: 1, last_error: 'HTTP 503' });
  expect(await deliver(first)).toBe('none');
  await fixture.becomeDue();
  expect(await deliver(first)).toBe('retry');
  await fixture.becomeDue();
  expect(await deliver(first)).toBe('sent');
  expect(receiver.received).toHaveLength(3);
  expect(new Set(receiver.keys()).size).toBe(1);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  expect(await rowOf(first)).toMatchObject({ status: 'sent', attempts: 3, last_error: null });
});

it('honours Retry-After', async () => {
  receiver.restart(() => ({ status: 429, headers: { 'retry-after': '300' } }));
  const { first } = await alertsOf('opened');
  expect(await deliver(first)).toBe('retry');
  const wait = (await rowOf(first))?.wait_ms ?? 0;
  expect(wait).toBeGreaterThan(290_000);
  expect(wait).toBeLessThanOrEqual(300_000);
});

it('sends again after a crash between send and record, once the lease ran out, with the same key', async () => {
  const { first } = await alertsOf('opened');
  const crashed = deliverStep({
    database: test.database,
    secret_box: deps.secret_box,
    // The receiver got it, and the process died before it could write that down.
    send: async (url, request) => {
      await deps.send(url, request);
      throw new Error('killed');
    },
  });
  await expect(crashed({ tenant_id: test.tenant_id, alert_id: first })).rejects.toThrow('killed');
  expect(await rowOf(first)).toMatchObject({ status: 'pending', attempts: 1 });
  expect(await dueAlerts(test.database)).toEqual([]);
  expect(await deliver(first)).toBe('none');
  await fixture.becomeDue();
  expect(await deliver(first)).toBe('sent');
  expect(receiver.received).toHaveLength(2);
  expect(new Set(receiver.keys()).size).toBe(1);
});

it('is sent once by eight workers at once', async () => {
  const { first } = await alertsOf('opened');
  const results = await Promise.all(Array.from({ length: 8 }, () => deliver(first)));
  expect(results.filter((result) => result === 'sent')).toHaveLength(1);
  expect(results.filter((result) => result === 'none')).toHaveLength(7);
  expect(receiver.received).toHaveLength(1);
});

it('lets a worker whose lease ran out record success, but no failure', async () => {
  receiver.restart(() => ({ status: 500 }));
  const { first } = await alertsOf('opened');
  const slow = deliverStep({
    database: test.database,
    secret_box: deps.secret_box,
    send: async (url, request) => {
      const outcome = await deps.send(url, request);
      await fixture.becomeDue();
      await test.database.withTenant(test.tenant_id, (client) => claimAlert(client, first));
      return outcome;
    },
  });
  await slow({ tenant_id: test.tenant_id, alert_id: first });
  // The second claim's lease stands.
  expect(await rowOf(first)).toMatchObject({ status: 'pending', attempts: 2, last_error: null });
  receiver.restart();
  await fixture.becomeDue();
  await slow({ tenant_id: test.tenant_id, alert_id: first });
  expect(await rowOf(first)).toMatchObject({ status: 'sent' });
});

describe('order', () => {
  it('holds a later event of the anomaly back until the earlier one is through', async () => {
    receiver.restart((count) => ({ status: count === 1 ? 503 : 200 }));
    const { first, second } = await alertsOf('opened', 'resolved');
    expect(await deliver(second)).toBe('none');
    expect(await deliver(first)).toBe('retry');
    expect(await deliver(second)).toBe('none');
    await fixture.becomeDue();
    expect(await deliver(second)).toBe('none');
    expect((await rowOf(second))?.wait_ms).toBeGreaterThan(0);
    expect(await deliver(first)).toBe('sent');
    // Released with the first, not left to its own waiting time.
    expect(await deliver(second)).toBe('sent');
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { event: string }).event)).toEqual([
      'opened',
      'opened',
      'resolved',
    ]);
  });

  it('is released when the earlier one is recorded at the very moment that the later one looks', async () => {
    const { first, second } = await alertsOf('opened', 'resolved');
    const claim = (id: string) =>
      test.database.withTenant(test.tenant_id, (client) => claimAlert(client, id));
    const earlier = (await claim(first)) as ClaimedAlert;
    const later = await test.database.withTenant(test.tenant_id, async (client) => {
      await recordSent(client, earlier);
      const looking = claim(second);
      await untilSomebodyWaits();
      return { looking };
    });
    expect(await later.looking).toMatchObject({ id: second, attempts: 1 });
  });
});

/** Until a connection of this database waits for a lock; at most a second. */
async function untilSomebodyWaits(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    const { rowCount } = await test.owner.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rowCount) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('what will never work', () => {
  it('fails at once, and says why', async () => {
    receiver.restart(() => ({ status: 410 }));
    const { first } = await alertsOf('opened');
    expect(await deliver(first)).toBe('failed');
    expect(await rowOf(first)).toMatchObject({ status: 'failed', last_error: 'HTTP 410', wait_ms: null });
  });

  it.each([
    'http://10.0.0.8/',
    'http://[::1]:9/',
    'http://169.254.169.254/latest',
    'http://user:pw@127.0.0.1/',
  ])('is a target that the guard refuses at the time of sending: %s', async (url) => {
    const { first } = await alertsOf('opened');
    await test.owner.query('update integrations set config = $1', [{ url }]);
    expect(await deliver(first)).toBe('failed');
    expect(receiver.received).toHaveLength(0);
  });

  it('is an integration that was disabled meanwhile', async () => {
    const { first } = await alertsOf('opened');
    await test.owner.query('update integrations set is_enabled = false');
    expect(await deliver(first)).toBe('failed');
    expect(await rowOf(first)).toMatchObject({ last_error: 'the integration is disabled' });
    expect(receiver.received).toHaveLength(0);
  });

  it('ends after the last attempt, and after a day', async () => {
    receiver.restart(() => ({ status: 500 }));
    const { first } = await alertsOf('opened');
    await test.owner.query('update alerts set attempts = $1', [MAX_ATTEMPTS - 1]);
    expect(await deliver(first)).toBe('failed');
    expect((await rowOf(first))?.last_error).toBe('gave up after 15 attempts; last: HTTP 500');
    const { first: old } = await alertsOf('opened');
    await test.owner.query("update alerts set created_at = now() - interval '24 hours'");
    expect(await deliver(old)).toBe('failed');
  });

  it('does not go on for ever when every attempt crashes', async () => {
    const { first } = await alertsOf('opened');
    await test.owner.query('update alerts set attempts = $1', [MAX_ATTEMPTS]);
    expect(await deliver(first)).toBe('failed');
    expect(receiver.received).toHaveLength(0);
  });
});

it('waits when the key of the secrets is not the one they were sealed with', async () => {
  const { first } = await alertsOf('opened');
  const wrong = deliverStep({ database: test.database, ...createSendDeps() });
  expect(await wrong({ tenant_id: test.tenant_id, alert_id: first })).toBe('retry');
  expect((await rowOf(first))?.last_error).toContain('SEISMOLOG_SECRET_KEY');
  expect(receiver.received).toHaveLength(0);
});
