import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { FEATURE_COUNT, FEATURE_NAMES } from '../windows/window-schema.ts';
import { saveWindows, type StoredWindow } from '../windows/window-repository.ts';
import { createInferenceThread } from './inference-thread.ts';
import { modelDue, modelVersionId } from './model.ts';
import { usualRows } from './model-fixture.ts';
import { activateVersion, listModelVersions } from './model-repository.ts';
import { createModels, type Models } from './models.ts';
import { predictStep } from './predict-step.ts';

const SERVICE = '11111111-1111-8111-8111-111111111111';
const NOON = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;

let test: TestDatabase;
let models: Models;
const thread = createInferenceThread();

beforeAll(async () => {
  test = await createTestDatabase();
  models = createModels({ database: test.database, thread });
  await test.owner.query('insert into services (id, tenant_id, name, slug) values ($1, $2, $3, $3)', [
    SERVICE,
    test.tenant_id,
    'checkout',
  ]);
});
afterAll(async () => {
  await thread.close();
  await test.close();
});

/** Stores minute windows [from, to) and says that the service learned `to` of them. */
async function learnMinutes(from: number, to: number): Promise<void> {
  const windows = usualRows(to)
    .slice(from)
    .map((row, index): StoredWindow => {
      const window_start = NOON + (from + index) * 60_000;
      const features = [...row.subarray(0, FEATURE_COUNT)];
      const judged = {
        score: 3,
        head_p: [1, 1, 1],
        model_version_id: null,
        learn_weight: 1,
        is_minute: true,
        is_blind: false,
      };
      const counts = {
        lines: 10,
        errors: 0,
        expected_lines: 10,
        features,
        hashed_counts: [...row.subarray(FEATURE_COUNT)],
      };
      return {
        service_id: SERVICE,
        window_start,
        window_end: window_start + 60_000,
        window_seconds: 60,
        revision: 1,
        ...counts,
        ...judged,
      };
    });
  await test.database.withTenant(test.tenant_id, async (client) => {
    await saveWindows(client, test.tenant_id, windows);
    await client.query(
      `insert into baselines (tenant_id, service_id, judged_until, learned_until, window_count) values ($1, $2, now(), now(), $3)
       on conflict (service_id) do update set window_count = excluded.window_count`,
      [test.tenant_id, SERVICE, to],
    );
  });
}

describe('modelDue', () => {
  it('is due first with 256 windows, again when they doubled, then every six hours', () => {
    expect([modelDue(null, 255, NOON), modelDue(null, 256, NOON)]).toEqual([false, true]);
    const latest = { window_count: 300, trained_until: NOON };
    expect([modelDue(latest, 599, NOON + HOUR), modelDue(latest, 600, NOON + HOUR)]).toEqual([false, true]);
    expect([modelDue(latest, 301, NOON + 6 * HOUR - 1), modelDue(latest, 301, NOON + 6 * HOUR)]).toEqual([
      false,
      true,
    ]);
  });
});

describe('training', () => {
  it('makes no model of too little, then versions of which exactly one is active', async () => {
    const { tenant_id, database } = test;
    await learnMinutes(0, 100);
    expect(await models.active(tenant_id)).toBeNull();
    expect(models.train.isDue(tenant_id, 100, NOON)).toBe(false);
    expect(await models.train.run(tenant_id, NOON + 100 * 60_000)).toBeNull();

    await learnMinutes(100, 300);
    expect(models.train.isDue(tenant_id, 300, NOON)).toBe(true);
    const first = await models.train.run(tenant_id, NOON + 300 * 60_000);
    expect(first).toBe(modelVersionId(tenant_id, 'ensemble', 1));
    expect(await models.train.run(tenant_id, NOON + 300 * 60_000)).toBeNull();

    const second = await models.train.run(tenant_id, NOON + 300 * 60_000 + 6 * HOUR);
    const versions = await database.withTenant(tenant_id, (client) =>
      listModelVersions(client, { before: null, limit: 9 }),
    );
    expect(versions.map(({ id, is_active }) => [id, is_active])).toEqual([
      [second, true],
      [first, false],
    ]);
    expect(versions[0]).toMatchObject({
      version: 2,
      window_count: 300,
      card: { feature_names: [...FEATURE_NAMES], rows: 300 },
    });
    expect(versions[0]?.artifact_path).toMatch(/^db:[0-9a-f]{64}$/);
  });

  it('gives the same bytes for the same windows', async () => {
    const versions = await test.database.withTenant(test.tenant_id, (client) =>
      listModelVersions(client, { before: null, limit: 9 }),
    );
    expect(new Set(versions.map(({ artifact_path }) => artifact_path)).size).toBe(1);
  });

  it('can be taken back: an older version becomes the active one', async () => {
    const first = modelVersionId(test.tenant_id, 'ensemble', 1);
    await test.database.withTenant(test.tenant_id, (client) => activateVersion(client, first));
    expect((await models.active(test.tenant_id))?.model_version_id).toBe(first);
    expect(
      await test.database.withTenant(test.tenant_id, (client) => activateVersion(client, SERVICE)),
    ).toBeNull();
  });

  it('shows nothing to another tenant', async () => {
    const { rows } = await test.owner.query<{ id: string }>(
      `insert into tenants (slug, name) values ('other', 'Other') returning id`,
    );
    expect(await models.active(rows[0]?.id ?? '')).toBeNull();
  });
});

describe('predictStep', () => {
  it('scores and explains rows given by name, with the active model', async () => {
    const predict = predictStep({ database: test.database, models });
    const reply = await predict(test.tenant_id, {
      service_id: SERVICE,
      rows: [
        { features: { error_surprisal: 14, new_templates: 6 } },
        { features: new Array<number>(12).fill(0) },
      ],
    });
    const [loud, quiet] = reply.predictions;
    expect(reply.model_version_id).toBe((await models.active(test.tenant_id))?.model_version_id);
    expect(loud?.score).toBeGreaterThan(50);
    expect(quiet?.score).toBeLessThan(20);
    expect(loud?.head_p.rarity).toBeLessThan(1e-5);
    const total = loud?.shap_values.reduce((sum, { shap_value }) => sum + shap_value, loud.base);
    expect(total).toBeCloseTo(loud?.score ?? NaN, 6);
  });

  it('names what is wrong', async () => {
    const predict = predictStep({ database: test.database, models });
    await expect(predict(test.tenant_id, { rows: [{ features: { errors: 1 } }] })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'rows[0].features.errors',
    });
    await expect(
      predict(test.tenant_id, { service_id: test.tenant_id, rows: [{ features: {} }] }),
    ).rejects.toMatchObject({ field: 'service_id' });
  });
});
