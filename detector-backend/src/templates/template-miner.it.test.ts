import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine, Severity } from '../logstore/log-store.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createTemplateMiner, type TemplateMiner } from './template-miner.ts';
import { findParameters, findTemplate, listTemplates } from './template-repository.ts';
import type { TemplateHit } from './template-schema.ts';

let db: TestDatabase;
let source: string;
let service: string;
const START = Date.UTC(2026, 0, 5);
const FILTER = { service_id: null, words: [], named: [], canonical: null, limit: 100, after: null };

beforeAll(async () => void (db = await createTestDatabase()));
afterAll(() => db.close());
beforeEach(async () => {
  source = await addSource();
  service = await addService();
});

async function addSource(): Promise<string> {
  const { rows } = await db.owner.query<{ id: string }>(
    "insert into log_sources (tenant_id, name, source_type) values ($1, $2, 'push') returning id",
    [db.tenant_id, randomUUID()],
  );
  return rows[0]?.id ?? '';
}
async function addService(): Promise<string> {
  const id = randomUUID();
  await db.owner.query(
    'insert into services (id, tenant_id, name, slug) values ($1::uuid, $2, $1::text, $1::text)',
    [id, db.tenant_id],
  );
  return id;
}
const lineOf = (message: string, i: number, severity: Severity = 'info'): LogLine => ({
  event_id: randomUUID(),
  timestamp: START + i * 1000,
  service_id: service,
  severity,
  message,
  release: null,
});
const mine = (miner: TemplateMiner, lines: LogLine[], log_source_id = source): Promise<TemplateHit[]> =>
  miner.mine({ tenant_id: db.tenant_id, log_source_id, lines });
async function commit(miner: TemplateMiner, log_source_id = source): Promise<void> {
  await db.database.withTenant(db.tenant_id, (client) => miner.save(client, db.tenant_id, log_source_id));
  miner.committed(log_source_id);
}
const ids = (hits: TemplateHit[]): number[] => hits.map((hit) => hit.template_id);
const rows = () =>
  db.database.withTenant(db.tenant_id, (client) => listTemplates(client, { ...FILTER, service_id: service }));
const MESSAGES = [
  'order 17 paid in 12ms',
  'order 18 paid in 9ms',
  'cart a-1 opened by alice',
  'payment refused: no funds',
  'cart a-2 opened by bob',
];

describe('template miner', () => {
  it('gives hits in the order of the lines and saves what they added', async () => {
    const miner = createTemplateMiner({ database: db.database });
    const hits = await mine(
      miner,
      MESSAGES.map((message, i) => lineOf(message, i, i === 3 ? 'error' : 'info')),
    );
    expect(hits).toMatchObject([
      { duration_ms: 12 },
      { duration_ms: 9 },
      { duration_ms: null },
      { severity_rank: 5 },
      {},
    ]);
    expect(hits[0]?.template_id).toBe(hits[1]?.template_id);
    await commit(miner);
    const found = (await rows()).find((row) => row.id === hits[0]?.template_id);
    expect(found).toEqual({
      id: hits[0]?.template_id, service_id: service, log_source_id: source, canonical_id: hits[0]?.template_id,
      pattern: 'order <NUM> paid in <NUM>', severity: 'info', severity_counts: [0, 0, 0, 2, 0, 0, 0], version: 1, count: 2,
      example: 'order 17 paid in 12ms', first_release: null, split_of: null, first_seen_at: START, last_seen_at: START + 1000,
    }); // prettier-ignore
  });

  it('adds counts over commits and writes nothing twice', async () => {
    const miner = createTemplateMiner({ database: db.database });
    const first = await mine(miner, [lineOf('order 1 paid', 0)]);
    await commit(miner);
    await commit(miner);
    await mine(miner, [lineOf('order 2 paid', 9), lineOf('order 3 paid', 8)]);
    await commit(miner);
    expect(await rows()).toMatchObject([
      {
        id: ids(first)[0],
        count: 3,
        severity_counts: [0, 0, 0, 3, 0, 0, 0],
        first_seen_at: START,
        last_seen_at: START + 9000,
      },
    ]);
  });

  it('goes on the same in another worker, and after that one wrote, in the first again', async () => {
    const reference = createTemplateMiner({ database: db.database });
    const lines = Array.from({ length: 60 }, (_, i) =>
      lineOf(
        i % 3 === 0
          ? `user ${'abcdefghij'[i % 10]?.repeat(4)} logged in`
          : `file ${i}-x.log opened by p${i % 7}`,
        i,
      ),
    );
    const expected = ids(await mine(reference, lines));
    const [one, two] = [
      createTemplateMiner({ database: db.database }),
      createTemplateMiner({ database: db.database }),
    ];
    const found: number[] = [];
    for (const [i, line] of lines.entries()) {
      const miner = i % 2 === 0 ? one : two;
      found.push(...ids(await mine(miner, [line])));
      await commit(miner);
    }
    expect(found).toEqual(expected);
    expect((await rows()).reduce((sum, row) => sum + row.count, 0)).toBe(lines.length);
  });

  it('keeps what values were, over commits and workers', async () => {
    const known = (id = 0) => db.database.withTenant(db.tenant_id, (client) => findParameters(client, id));
    const [one, two] = [
      createTemplateMiner({ database: db.database }),
      createTemplateMiner({ database: db.database }),
    ];
    const [id] = ids(await mine(one, [lineOf('paid 10ms', 0), lineOf('paid 20ms', 0)]));
    await commit(one);
    await mine(two, [lineOf('paid 2s', 1)]);
    await commit(two);
    await mine(one, [lineOf('something else', 1)]);
    await commit(one);
    expect((await known(id))?.positions).toMatchObject([
      {
        kind: 'NUM',
        lines: 3,
        unit: 'ms',
        values: ['10ms', '20ms', '2s'],
        sketch: { count: 3, min: 10, max: 2000 },
      },
    ]);
  });

  it('keeps the release of the first line', async () => {
    const [one, two] = [
      createTemplateMiner({ database: db.database }),
      createTemplateMiner({ database: db.database }),
    ];
    const released = (message: string, release: string | null) => ({ ...lineOf(message, 0), release });
    await mine(one, [released('order 1 paid', '1.4.2'), released('order 2 paid', '1.5.0')]);
    await mine(one, [released('cart opened', null)]);
    await commit(one);
    await mine(two, [released('order 3 paid', '1.5.0'), released('cart opened', '1.5.0')]);
    await commit(two);
    const found = (await rows()).map((row) => [row.pattern, row.first_release]);
    expect(new Map(found as [string, string | null][])).toEqual(
      new Map([
        ['order <NUM> paid', '1.4.2'],
        ['cart opened', null],
      ]),
    );
  });

  it('forgets what was not committed', async () => {
    const miner = createTemplateMiner({ database: db.database });
    await mine(miner, [lineOf('order 1 paid', 0)]);
    await commit(miner);
    const lost = await mine(miner, [lineOf('something else', 1), lineOf('order 2 paid', 1)]);
    await expect(
      db.database.withTenant(db.tenant_id, async (client) => {
        await miner.save(client, db.tenant_id, source);
        throw new Error('lost the lease');
      }),
    ).rejects.toThrow('lost the lease');
    miner.discard(source);
    expect(await rows()).toMatchObject([{ count: 1 }]);
    expect(ids(await mine(miner, [lineOf('something else', 1), lineOf('order 2 paid', 1)]))).toEqual(
      ids(lost),
    );
    await commit(miner);
    expect((await rows()).map((row) => row.count).sort()).toEqual([1, 2]);
  });

  it('keeps the canonical ids of a service that moves to another source', async () => {
    const miner = createTemplateMiner({ database: db.database });
    const before = ids(await mine(miner, MESSAGES.map(lineOf as (message: string, i: number) => LogLine)));
    await commit(miner);
    const other = await addSource();
    const after = ids(
      await mine(
        miner,
        [...MESSAGES, 'brand new'].map((message, i) => lineOf(message, i)),
        other,
      ),
    );
    await commit(miner, other);
    expect(after.slice(0, -1)).toEqual(before);
    expect(before).not.toContain(after.at(-1));
    const own = (await rows()).filter((row) => row.log_source_id === other);
    expect(own.filter((row) => row.id === row.canonical_id)).toHaveLength(1);
  });

  it('stores any text, cut to 2 kB', async () => {
    const miner = createTemplateMiner({ database: db.database });
    const nasty = ['a\0b \ud800 x', '\ud83d', '', '   ', 'x'.repeat(100_000), '\u0000'];
    const hits = await mine(
      miner,
      nasty.map((message, i) => lineOf(message, i)),
    );
    expect(hits).toHaveLength(nasty.length);
    await commit(miner);
    for (const row of await rows()) expect(row.example.length).toBeLessThanOrEqual(2048);
  });

  it('drops the least recently used trees, and only idle ones', async () => {
    const miner = createTemplateMiner({ database: db.database, max_trees: 2 });
    const services = [service, await addService(), await addService()];
    const lines = services.map((service_id, i) => ({ ...lineOf('order 1 paid', i), service_id }));
    const first = ids(await mine(miner, lines));
    expect(miner.stats().trees).toBe(3);
    await commit(miner);
    expect(miner.stats()).toMatchObject({ trees: 2, evicted_trees: 1 });
    expect(ids(await mine(miner, lines))).toEqual(first);
  });

  it('lists newest first, page by page, and searches', async () => {
    const miner = createTemplateMiner({ database: db.database });
    await mine(
      miner,
      MESSAGES.map((message, i) => lineOf(message, i)),
    );
    await commit(miner);
    await db.database.withTenant(db.tenant_id, async (client) => {
      const filter = { ...FILTER, service_id: service, limit: 2 };
      const page = await listTemplates(client, filter);
      const last = page.at(-1);
      const next = await listTemplates(client, { ...filter, after: last ?? null });
      expect([...page, ...next].map((row) => row.first_seen_at)).toEqual([
        START + 4000,
        START + 3000,
        START + 2000,
        START,
      ]);
      expect(await listTemplates(client, { ...filter, words: ['fund', 'no'] })).toMatchObject([
        { pattern: 'payment refused: no funds' },
      ]);
      expect(await findTemplate(client, page[0]?.id ?? 0)).toEqual(page[0]);
      expect(await findTemplate(client, 1)).toBeNull();
    });
  });
});
