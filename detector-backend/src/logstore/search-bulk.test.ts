import { afterEach, describe, expect, test } from 'vitest';
import { createLimiter } from './limiter.ts';
import { scriptedEngine, type ScriptedAnswer, type ScriptedEngine } from './scripted-engine-fixture.ts';
import { chunksOf, sendBulk, type BulkEntry, type BulkResult } from './search-bulk.ts';

const entry = (place: number, values: Partial<BulkEntry> = {}): BulkEntry => ({
  place,
  id: `id-${place}`,
  index: 'logs-acme-2026.06.01',
  is_timed: true,
  source: `{"n":${place}}`,
  ...values,
});
const entries = (count: number, values?: Partial<BulkEntry>) =>
  Array.from({ length: count }, (_, place) => entry(place, values));

const idsOf = (body: string): string[] =>
  [...body.matchAll(/"create":\{.*?"_id":"([^"]+)"/g)].map(([, id]) => id ?? '');
const answerOf = (statuses: number[]): ScriptedAnswer => ({
  status: 200,
  body: {
    errors: statuses.some((status) => status > 299),
    items: statuses.map((status) => ({
      create: { status, ...(status > 299 && { error: { type: 't', reason: 'r' } }) },
    })),
  },
});

describe('a bulk that is sent', () => {
  let far: ScriptedEngine | undefined;
  afterEach(() => far?.close());
  async function send(
    given: BulkEntry[],
    script: (ids: string[], place: number) => ScriptedAnswer,
    budget_ms = 5000,
  ): Promise<{ result: BulkResult; sent: string[][]; bodies: string[] }> {
    far = await scriptedEngine('elasticsearch', ({ body }, place) => script(idsOf(body), place));
    const options = { limiter: createLimiter(3), deadline: Date.now() + budget_ms };
    const result = await sendBulk(far.engine, given, options);
    const bodies = far.requests.map(({ body }) => body);
    return { result, sent: bodies.map(idsOf), bodies };
  }

  test('only what the engine was too busy for is sent again', async () => {
    const { result, sent } = await send(entries(4), (ids, place) =>
      answerOf(place === 0 ? [201, 429, 409, 429] : ids.map(() => 201)),
    );
    expect(result).toEqual({ created: 3, duplicates: 1, errors: [] });
    expect(sent).toEqual([
      ['id-0', 'id-1', 'id-2', 'id-3'],
      ['id-1', 'id-3'],
    ]);
  });

  test('what was stored by an attempt without an answer counts as created, but not for a key of a client', async () => {
    const given = [entry(0), entry(1), entry(2, { is_timed: false })];
    const { result } = await send(given, (_ids, place) => (place === 0 ? 'cut' : answerOf([409, 201, 409])));
    expect(result).toEqual({ created: 2, duplicates: 1, errors: [] });
  });

  test('a request that was rejected before it was carried out leaves no doubt', async () => {
    const { result } = await send(entries(2), (_ids, place) =>
      place === 0
        ? { status: 429, body: { error: { type: 'x', reason: 'pressure' } } }
        : answerOf([409, 201]),
    );
    expect(result).toEqual({ created: 1, duplicates: 1, errors: [] });
  });

  test('what stays busy until the deadline is an error of its place', async () => {
    const started = performance.now();
    const { result, sent } = await send(
      entries(3),
      (ids) => answerOf(ids.map((id) => (id === 'id-1' ? 429 : 201))),
      3000,
    );
    expect(result.created).toBe(2);
    expect(result.errors).toEqual([{ index: 1, code: 'log_store_busy', message: 'r' }]);
    expect(sent.length).toBeGreaterThan(2);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('a body that is too large is halved until it fits', async () => {
    const { result, sent } = await send(entries(5), (ids) =>
      ids.length > 2 || ids.includes('id-4') ? { status: 413 } : answerOf(ids.map(() => 201)),
    );
    expect(result.created).toBe(4);
    expect(result.errors).toEqual([
      { index: 4, code: 'invalid_document', message: expect.stringContaining('larger') as string },
    ]);
    expect(
      sent
        .filter((ids) => ids.length <= 2 && !ids.includes('id-4'))
        .flat()
        .sort(),
    ).toEqual(['id-0', 'id-1', 'id-2', 'id-3']);
  });

  test('a writer without the right to write gets no second try', async () => {
    const { result, sent } = await send(entries(2), () => ({
      status: 403,
      body: { error: { type: 's', reason: 'no' } },
    }));
    expect(result.errors.map(({ code }) => code)).toEqual(['log_store_refused', 'log_store_refused']);
    expect(sent).toHaveLength(1);
  });

  test('each document goes to the index of its day', async () => {
    const given = [entry(0), entry(1, { index: 'logs-acme-2026.06.02' })];
    const { bodies } = await send(given, () => answerOf([201, 201]));
    expect(far?.requests[0]?.path).toBe('/logs-acme-2026.06.01/_bulk');
    expect(bodies[0]?.split('\n')).toEqual([
      '{"create":{"_id":"id-0"}}',
      '{"n":0}',
      '{"create":{"_index":"logs-acme-2026.06.02","_id":"id-1"}}',
      '{"n":1}',
      '',
    ]);
  });
});

test('chunks have at most about 5 MB and 5,000 documents, and equal parts', () => {
  expect(chunksOf([])).toEqual([]);
  expect(chunksOf(entries(12_000, { id: 'x', source: '{}' })).map((chunk) => chunk.length)).toEqual([
    4000, 4000, 4000,
  ]);
  const large = entries(12, { source: 'x'.repeat(1_000_000) });
  expect(chunksOf(large).map((chunk) => chunk.length)).toEqual([4, 4, 4]);
  expect(chunksOf([entry(0, { source: 'x'.repeat(9_000_000) })])).toHaveLength(1);
});

test('a limiter lets only so many run, in the order in which they came', async () => {
  const limiter = createLimiter(2);
  const order: number[] = [];
  let running = 0;
  await Promise.all(
    [0, 1, 2, 3, 4].map((place) =>
      limiter.run(async () => {
        expect((running += 1)).toBeLessThanOrEqual(2);
        order.push(place);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
      }),
    ),
  );
  expect(order).toEqual([0, 1, 2, 3, 4]);
});
