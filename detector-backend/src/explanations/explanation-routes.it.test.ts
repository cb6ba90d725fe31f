import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import type { LogDocument } from '../logstore/log-store.ts';
import { createPostgresLogStore } from '../logstore/postgres-log-store.ts';
import { createInferenceThread } from '../models/inference-thread.ts';
import { modelRoutes } from '../models/model-routes.ts';
import { createModels } from '../models/models.ts';
import { DEFAULT_INGEST_LIMITS } from '../ingest/ingest-limits.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createSourceReader } from '../reading/source-reader.ts';
import type { AuditEntry } from '../platform/http/identity.ts';
import { createCalibration, learnCalibration, type Calibration } from '../scoring/calibration.ts';
import { saveCalibrations } from '../scoring/calibration-repository.ts';
import { replaceTiles } from '../windows/tile-repository.ts';
import { featureVector } from '../windows/feature-vector.ts';
import { learnedBaseline, NOON, windowOf } from '../windows/window-fixture.ts';
import { explainStep, type ExplainStep } from './explain-step.ts';
import { explanationRoutes } from './explanation-routes.ts';
import { sampleStep, type SampleStep } from './sample-step.ts';
import type { WindowExplanation } from './explanation-schema.ts';

const SERVICE = '11111111-1111-8111-8111-111111111111';
const SOURCE = '22222222-2222-8222-8222-222222222222';
const MINUTE = 300;
const START = NOON + MINUTE * 60_000;
const FIRST_ERROR = START + 12_345;
const WINDOW_ID = `${SERVICE}.${START}.60`;

let test: TestDatabase;
let app: FastifyInstance;
let explain: ExplainStep;
let sample: SampleStep;
const audited: AuditEntry[] = [];
const thread = createInferenceThread();
const baseline = learnedBaseline(MINUTE);
const calibration: Calibration = createCalibration();
for (let minute = 0; minute < MINUTE; minute++)
  learnCalibration(calibration, [{ margins: [0, 0.5, 0, 0.5] }], 1);

const errors = { 9: { count: 7, severity_rank: 5, first_at: FIRST_ERROR } };
const input = {
  ...windowOf(MINUTE, { 1: { count: 100 }, 2: { count: 40 }, 3: { count: 10 }, ...errors }),
  service_id: SERVICE,
};

const document = (
  timestamp: number,
  severity: LogDocument['severity'],
  message: string,
  index: number,
): LogDocument => ({
  event_id: `33333333-3333-8333-8333-${String(index).padStart(12, '0')}`,
  timestamp,
  log_source_id: SOURCE,
  service_id: SERVICE,
  service: 'checkout',
  source: 'push',
  severity,
  message,
  metadata: null,
  ingested_at: timestamp,
});

beforeAll(async () => {
  test = await createTestDatabase();
  const { database, owner, tenant_id } = test;
  await owner.query(
    `insert into services (id, tenant_id, name, slug) values ($1, $2, 'checkout', 'checkout')`,
    [SERVICE, tenant_id],
  );
  await owner.query(
    `insert into log_sources (id, tenant_id, name, source_type) values ($1, $2, 'push', 'push')`,
    [SOURCE, tenant_id],
  );
  await owner.query(
    `insert into log_templates (tenant_id, id, log_source_id, service_id, canonical_id, ordinal, pattern, severity, count, example, first_seen_at, last_seen_at)
     values ($1, 9, $2, $3, 9, 0, 'card <NUM> refused', 'error', 7, 'card 1 refused', now(), now())`,
    [tenant_id, SOURCE, SERVICE],
  );
  const log_store = createPostgresLogStore({ database });
  await log_store.write(tenant_id, [
    ...Array.from({ length: 8 }, (_, index) =>
      document(FIRST_ERROR - 800 + 100 * index, 'info', `cart ${index} filled`, 200 + index),
    ),
    ...Array.from({ length: 20 }, (_, index) =>
      document(FIRST_ERROR + index, 'info', `order ${index} paid`, index),
    ),
    ...Array.from({ length: 7 }, (_, index) =>
      document(FIRST_ERROR + 100 * index, 'error', `card ${index} refused`, 100 + index),
    ),
  ]);
  await database.withTenant(tenant_id, async (client) => {
    const tile = { ...input.counts, second_counts: input.counts.second_counts.slice(0, 10) };
    await replaceTiles(
      client,
      { tenant_id, log_source_id: SOURCE, slice_start: START },
      new Map([[SERVICE, new Map([[START + 10_000, tile]])]]),
    );
    await client.query(
      `insert into baselines (tenant_id, service_id, judged_until, learned_until, window_count, state) values ($1, $2, now(), now(), 300, $3)`,
      [tenant_id, SERVICE, JSON.stringify(baseline)],
    );
    await saveCalibrations(client, tenant_id, new Map([[SERVICE, calibration]]));
  });
  const models = createModels({ database, thread });
  explain = explainStep({ database, detector: models.detector });
  const log_reader = createSourceReader({
    database,
    log_store,
    engines: {},
    readable_indices: {},
    limits: DEFAULT_INGEST_LIMITS,
    metrics: createMetrics({ process_metrics: false }),
    logger: createLogger({ level: 'silent' }),
  });
  sample = sampleStep({ log_reader });
  app = Fastify();
  const identity = {
    tenant_id,
    tenant_slug: 'acme',
    actor: 'key:test',
    permissions: ['*'],
    user_id: null,
    key_id: null,
  };
  app.addHook('onRequest', async (request) => void (request.identity = identity));
  const audit = async (_: unknown, __: unknown, entry: AuditEntry) => void audited.push(entry);
  await app.register(explanationRoutes({ database, models, explain, sample }));
  await app.register(modelRoutes({ database, models, audit }));
});
afterAll(async () => {
  await app.close();
  await thread.close();
  await test.close();
});

const sumOf = (explanation: { base: number; shap_values: { shap_value: number }[] }) =>
  explanation.shap_values.reduce((sum, { shap_value }) => sum + shap_value, explanation.base);

describe('explainStep', () => {
  it('says what happened, since when, by which template, and shows its lines', async () => {
    const vector = featureVector(input, baseline);
    const explanation = await explain({
      tenant_id: test.tenant_id,
      service: 'checkout',
      vector,
      calibration,
      baseline,
      model: null,
    });
    expect(explanation.score).toBeGreaterThan(75);
    expect(sumOf(explanation)).toBeCloseTo(explanation.score, 6);
    expect(explanation.started_at).toBe(FIRST_ERROR);
    expect(explanation).toMatchObject({ anomaly_type: 'new_template', lines: { actual: 157 } });
    expect(explanation.summary).toBe(
      'checkout wrote a message never seen before, “card <NUM> refused” (7 in a minute).',
    );
    expect(explanation.templates[0]).toMatchObject({
      template_id: 9,
      pattern: 'card <NUM> refused',
      count: 7,
      expected: 0,
    });
    const { tenant_id } = test;
    const lines = await sample({ tenant_id, window: vector, explanation, is_sparing: true });
    expect(lines.sample_lines).toHaveLength(10);
    expect(lines.sample_lines.filter(({ message }) => message.startsWith('card'))).toHaveLength(7);
    expect(lines.lines_before.map(({ message }) => message)).toEqual(
      [3, 4, 5, 6, 7].map((index) => `cart ${index} filled`),
    );
    expect(lines.unread_sources).toEqual([]);
  });
});

describe('GET /windows/:id/explanation', () => {
  const get = async (id: string) => app.inject({ url: `/windows/${id}/explanation` });

  it('explains a window that was not kept, from its tiles', async () => {
    const reply = await get(WINDOW_ID);
    const body = reply.json<WindowExplanation>();
    expect(reply.statusCode).toBe(200);
    expect(body).toMatchObject({
      window_id: WINDOW_ID,
      service: 'checkout',
      judged_score: null,
      window_start: new Date(START).toISOString(),
    });
    expect(sumOf(body)).toBeCloseTo(body.score, 6);
    expect(body.started_at).toBe(new Date(FIRST_ERROR).toISOString());
  });

  it('explains an empty window too', async () => {
    const body = (await get(`${SERVICE}.${START + 600_000}.60`)).json<WindowExplanation>();
    expect(body).toMatchObject({ anomaly_type: 'silence', lines: { actual: 0 } });
    expect(body.summary).toMatch(/^checkout fell silent/);
    expect(body.sample_lines).toEqual([]);
    // The last lines that there were, not the first ones of the minutes before.
    expect(body.lines_before.map(({ message }) => message)).toEqual([
      ...Array.from({ length: 4 }, (_, index) => `order ${index + 16} paid`),
      ...Array.from({ length: 6 }, (_, index) => `card ${index + 1} refused`),
    ]);
  });

  it('refuses what is no window, and finds no stranger’s service', async () => {
    for (const id of ['nonsense', `${SERVICE}.123.60`, `${SERVICE}.${START}.0`, `${SERVICE}.${START}.99990`])
      expect((await get(id)).statusCode).not.toBe(200);
    expect((await get(`${SOURCE}.${START}.60`)).statusCode).not.toBe(200);
  });
});

describe('model routes', () => {
  it('answers a prediction by the plain detector before a model is trained', async () => {
    const reply = await app.inject({
      method: 'POST',
      url: '/predict',
      payload: { service_id: SERVICE, rows: [{ features: { error_surprisal: 30 } }] },
    });
    expect(reply.json()).toMatchObject({
      model_version_id: null,
      predictions: [{ head_p: { isolation: 1 } }],
    });
    expect((await app.inject({ url: '/model-versions' })).json()).toEqual({ items: [], next_cursor: null });
  });

  it('activates a version and writes it down', async () => {
    const id = '44444444-4444-8444-8444-444444444444';
    await test.owner.query(
      `insert into model_versions (id, tenant_id, name, version, model_type, artifact_path, card, trained_until, window_count)
       values ($1, $2, 'ensemble', 1, 'onnx-ensemble', 'db:x', '{"trained_from": 0}', now(), 300)`,
      [id, test.tenant_id],
    );
    const reply = await app.inject({ method: 'POST', url: `/model-versions/${id}/activate` });
    expect(reply.json()).toMatchObject({ id, is_active: true });
    expect(audited).toMatchObject([
      {
        action: 'model_version.activate',
        resource_id: id,
        details: { before: { version: null }, after: { version: 1 } },
      },
    ]);
    expect((await app.inject({ url: '/model-versions' })).json()).toMatchObject({
      items: [{ id, version: 1 }],
    });
  });
});
