import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Static } from 'typebox';
import { advanceClock, createLogSource } from '../../src/ingest/log-source-repository.ts';
import type { AnomalyDetail, AnomalySummary } from '../../src/anomalies/anomaly-schema.ts';
import type { WindowExplanation } from '../../src/explanations/explanation-schema.ts';
import type { Service } from '../../src/ingest/service-schema.ts';
import { startAlertReceiver, type AlertReceiver } from '../../src/simulation/alert-receiver.ts';
import { createLogSender, type Send } from '../../src/simulation/log-sender.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { startRedis } from '../redis.ts';
import { pollUntil } from './poll.ts';
import { FROM, incident, isSettled, MINUTE, PATIENCE_MS, SERVICES, shopLines } from './shop-world.ts';
import { startStack, type Stack, type StackOptions } from './stack.ts';

const LIMIT_MS = 600_000;
const SECRET = 'a secret of the test receiver';
const at = (minute: number) => FROM + minute * MINUTE;
const INCIDENTS = [incident('error_surge', 'payment', 203, 206)];
/** Minutes whose lines of shipping arrive only after minute 213: until then it is silent. */
const HELD_BACK = { service: 'shipping', from: at(205), to: at(208) };
const BATCH_MINUTES = 12;

type Items<T> = { items: T[] };
type Window = { id: string; revision: number; lines: number; score: number; window_start: string };
type Lane = { service: string; cells: (number | null)[]; lines: number[] };

const isHeldBack = ({ service, timestamp }: { service: string; timestamp: number }) =>
  service === HELD_BACK.service && timestamp >= HELD_BACK.from && timestamp < HELD_BACK.to;

/** One way to run the pipeline; `missing` says why it can not be run here. */
export interface PipelineUnderTest {
  queue: 'postgres' | 'redis';
  missing: string | null;
  /** Where log documents are stored; asked once the suite begins. */
  store?: () => StackOptions['store'];
}

/** The product's whole way, from POST /logs to a signed webhook: the same on every store and queue. */
export function describePipeline(name: string, { queue, missing, store }: PipelineUnderTest): void {
  const here = missing === null;
  if (!here) console.warn(`skipped: ${name} (${missing})`);
  describe(name, () => {
    let db: TestDatabase;
    let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
    let receiver: AlertReceiver;
    let stack: Stack;
    let send: Send;
    let log_source_id: string;
    let services: Map<string, Static<typeof Service>>;
    let sent = 0;

    async function sendMinutes(from: number, to: number): Promise<void> {
      for (let minute = from; minute < to; minute += BATCH_MINUTES) {
        const end = Math.min(to, minute + BATCH_MINUTES);
        const documents = shopLines(INCIDENTS, at(minute), at(end)).filter((line) => !isHeldBack(line));
        const { accepted } = await send(documents, `minute ${minute}`);
        expect(accepted).toBe(documents.length);
        sent += accepted;
        await db.database.withTenant(db.tenant_id, (client) => advanceClock(client, log_source_id, at(end)));
      }
    }
    const settled = (minute: number) =>
      pollUntil(
        () => isSettled(db, at(minute)),
        PATIENCE_MS,
        `everything before minute ${minute} is delivered`,
      );
    const idOf = (service: string) => services.get(service)!.id;
    const anomalyOf = async (service: string): Promise<AnomalyDetail> => {
      const { items } = await stack.call<Items<AnomalySummary>>(
        'GET',
        `/anomalies?service_id=${idOf(service)}`,
      );
      expect(items).toHaveLength(1);
      return stack.call<AnomalyDetail>('GET', `/anomalies/${items[0]!.id}`);
    };

    beforeAll(async () => {
      if (!here) return;
      db = await createTestDatabase();
      redis = queue === 'redis' ? await startRedis() : undefined;
      receiver = await startAlertReceiver();
      stack = await startStack(db, { redis_url: redis?.redis_url, store: store?.() });
      send = createLogSender({ base_url: stack.base_url, api_key: stack.api_key, log_source: 'shop' });
      const source = {
        tenant_id: db.tenant_id,
        name: 'shop',
        source_type: 'simulated',
        clock_mode: 'log',
      } as const;
      log_source_id = (
        await db.database.withTenant(db.tenant_id, (client) => createLogSource(client, source, 10))
      ).id;
      const webhook = { type: 'webhook', name: 'on call', config: { url: receiver.url }, secret: SECRET };
      const integration = await stack.call<{ id: string }>('POST', '/integrations', webhook);
      await stack.call('POST', '/alert-policies', { name: 'everything', integration_ids: [integration.id] });
      await sendMinutes(0, 213);
      await settled(213);
      const list = await stack.call<Items<Static<typeof Service>>>('GET', '/services');
      services = new Map(list.items.map((service) => [service.name, service]));
    }, LIMIT_MS);
    afterAll(async () => {
      if (!here) return;
      await stack.stop();
      await receiver.close();
      await redis?.stop();
      await db.close();
    });

    test.runIf(here)('stores and counts every line once, also when a batch is sent again', async () => {
      const again = shopLines(INCIDENTS, at(0), at(BATCH_MINUTES));
      expect(await send(again, 'minute 0')).toEqual({ accepted: again.length, duplicates: 0, rejected: 0 });
      const everything = { tenant_id: db.tenant_id, log_source_id, slice_start: 0, slice_end: at(10_000) };
      expect(await stack.parts.log_store.countSlice(everything)).toBe(sent);
      const { rows } = await db.owner.query('select sum(lines)::integer as counted from tiles');
      expect(rows).toEqual([{ counted: sent }]);
      expect([...services.keys()].sort()).toEqual([...SERVICES].sort());
    });

    test.runIf(here)('judges lines that come in order once: no window is revised', async () => {
      const { rows } = await db.owner.query('select max(revision) as revision from feature_windows');
      expect(rows).toEqual([{ revision: 1 }]);
    });

    test.runIf(here)('opens one anomaly for an incident, with an explanation that adds up', async () => {
      const anomaly = await anomalyOf('payment');
      expect(anomaly).toMatchObject({ service: 'payment', status: 'resolved', simulated: true });
      expect(anomaly.score).toBeGreaterThanOrEqual(75);
      expect(Date.parse(anomaly.opened_at)).toBeGreaterThan(at(203));
      expect(Date.parse(anomaly.opened_at)).toBeLessThanOrEqual(at(206));
      const { explanation } = anomaly;
      const sum = explanation.shap_values.reduce(
        (total, { shap_value }) => total + shap_value,
        explanation.base,
      );
      expect(sum).toBeCloseTo(explanation.score, 6);
      expect(explanation.score).toBeCloseTo(anomaly.score, 6);
      expect(explanation.templates.length).toBeGreaterThan(0);
      expect(explanation.sample_lines.length).toBeGreaterThan(0);
      expect(anomaly.model_version?.version).toBeGreaterThanOrEqual(1);
      expect(anomaly.events.map(({ event }) => event)).toEqual(
        expect.arrayContaining(['opened', 'resolved']),
      );
    });

    test.runIf(here)('delivers each alert once, signed, with its idempotency key', async () => {
      const { id, alerts, events } = await anomalyOf('payment');
      const own = receiver.received.filter(({ idempotency_key }) => idempotency_key.startsWith(id));
      expect(own).toHaveLength(events.length);
      expect(alerts.map(({ status }) => status)).toEqual(alerts.map(() => 'sent'));
      expect(receiver.duplicates()).toBe(0);
      for (const { body, signature, timestamp, idempotency_key } of own) {
        const payload = JSON.parse(body) as { idempotency_key: string; anomaly: { id: string } };
        expect(signature).toBe(createHmac('sha256', SECRET).update(`${timestamp}:${body}`).digest('hex'));
        expect(payload).toMatchObject({ idempotency_key, anomaly: { id } });
      }
    });

    test.runIf(here)('shows it in every list', async () => {
      const { id, window } = await anomalyOf('payment');
      const span = `from=${at(203)}&to=${at(206)}`;
      const windows = await stack.call<Items<Window>>(
        'GET',
        `/windows?service_id=${idOf('payment')}&${span}`,
      );
      expect(Math.max(...windows.items.map(({ score }) => score))).toBeGreaterThanOrEqual(75);
      const { lanes } = await stack.call<{ lanes: Lane[] }>(
        'GET',
        `/windows/swim-lane?${span}&bucket_seconds=60`,
      );
      const cells = lanes.find(({ service }) => service === 'payment')!.cells;
      expect(cells).toHaveLength(3);
      expect(Math.max(...cells.map(Number))).toBeGreaterThanOrEqual(75);
      const why = await stack.call<WindowExplanation>('GET', `/windows/${window!.id}/explanation`);
      expect(why).toMatchObject({ service: 'payment', window_id: window!.id });
      const quiet = `${idOf('auth')}.${at(100)}.60`;
      const whyNot = await stack.call<WindowExplanation>('GET', `/windows/${quiet}/explanation`);
      const sum = whyNot.shap_values.reduce((total, { shap_value }) => total + shap_value, whyNot.base);
      expect(sum).toBeCloseTo(whyNot.score, 6);
      expect(whyNot.score).toBeLessThan(75);
      expect(services.get('payment')).toMatchObject({ state: 'ready', simulated: true, is_blind: false });
      const templates = await stack.call<Items<{ count: number }>>(
        'GET',
        `/templates?service_id=${idOf('payment')}`,
      );
      expect(templates.items.length).toBeGreaterThan(5);
      const alerts = await stack.call<Items<{ anomaly_id: string }>>('GET', `/alerts?anomaly_id=${id}`);
      expect(alerts.items.length).toBeGreaterThanOrEqual(2);
      expect(await stack.call('GET', '/status')).toMatchObject({
        sources: [{ name: 'shop', status: 'ok' }],
        services: { total: 3, ready: 3, blind: 0 },
        open_anomalies: 0,
        queue: { backend: queue, failed: 0 },
        models: { active_version: 2 },
      });
    });

    test.runIf(here)('takes feedback and keeps an audit trail', async () => {
      const { id } = await anomalyOf('payment');
      await stack.call('POST', '/feedback', { anomaly_id: id, is_true_positive: true, comment: 'it was' });
      expect((await anomalyOf('payment')).feedback).toEqual({ true_positive: 1, false_positive: 0 });
      const { items } = await stack.call<Items<{ action: string; actor: string }>>(
        'GET',
        '/audit-logs?limit=100',
      );
      const actions = items.map(({ action }) => action);
      for (const action of ['integration.create', 'alert_policy.create', 'feedback.create']) {
        expect(actions).toContain(action);
      }
    });

    test.runIf(here)(
      'withdraws a silence when its lines arrive late, in new revisions',
      { timeout: LIMIT_MS },
      async () => {
        const silence = await anomalyOf('shipping');
        expect(silence).toMatchObject({ anomaly_type: 'silence', status: 'resolved' });
        const span = `/windows?service_id=${idOf('shipping')}&from=${HELD_BACK.from}&to=${HELD_BACK.to}`;
        const minutes = async () => {
          const { items } = await stack.call<Items<Window>>('GET', span);
          return items.filter(({ window_start }) => Date.parse(window_start) % MINUTE === 0);
        };
        expect((await minutes()).map(({ lines, revision }) => ({ lines, revision }))).toEqual(
          [1, 2, 3].map(() => ({ lines: 0, revision: 1 })),
        );

        const late = shopLines(INCIDENTS, HELD_BACK.from, HELD_BACK.to).filter(isHeldBack);
        expect(await send(late, 'late')).toMatchObject({ accepted: late.length });
        sent += late.length;
        await sendMinutes(213, 215);
        await settled(215);

        const revised = await minutes();
        expect(revised.map(({ revision }) => revision)).toEqual([2, 2, 2]);
        expect(revised.reduce((sum, { lines }) => sum + lines, 0)).toBe(late.length);
        expect(Math.max(...revised.map(({ score }) => score))).toBeLessThan(75);
        const withdrawn = await anomalyOf('shipping');
        expect(withdrawn).toMatchObject({ id: silence.id, status: 'withdrawn' });
        expect(withdrawn.events.at(-1)?.event).toBe('withdrawn');
        expect(receiver.received.at(-1)?.idempotency_key).toMatch(new RegExp(`^${silence.id}.*withdrawn$`));
        expect(receiver.duplicates()).toBe(0);
        const { rows } = await db.owner.query('select sum(lines)::integer as counted from tiles');
        expect(rows).toEqual([{ counted: sent }]);
      },
    );
  });
}
