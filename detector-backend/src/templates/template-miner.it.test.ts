import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine, Severity } from '../logstore/log-store.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createTemplateMiner, type TemplateMiner } from './template-miner.ts';
import { countEvicted, findParameters, findTemplate, listTemplates } from './template-repository.ts';
import type { TemplateHit } from './template-schema.ts';

let db: TestDatabase;
let source: string;
let service: string;
const START = Date.UTC(2026, 0, 5);
const FILTER = { service_id: null, words: [], named: [], status: null, limit: 100, after: null };

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
      pattern: 'order <NUM> paid in <NUM>', status: 'active', severity: 'info', severity_counts: [0, 0, 0, 2, 0, 0, 0], version: 1, count: 2,
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

  it('gives a service the same ids when two sources meet the same lines at once', async () => {
    const sources = [source, await addSource()];
    const miners = sources.map(() => createTemplateMiner({ database: db.database }));
    const lines = MESSAGES.map((message, i) => lineOf(message, i));
    const read = (i: number) => mine(miners[i] as TemplateMiner, lines, sources[i]);
    const save = (i: number) => commit(miners[i] as TemplateMiner, sources[i]);
    const hits = await Promise.all([read(0), read(1)]);
    const saved = await Promise.allSettled([save(0), save(1)]);
    const late = saved.findIndex(({ status }) => status === 'rejected');
    expect(saved).toMatchObject(
      [0, 1].map((i) => (i === late ? { reason: { code: 'lost_lease', retryable: true } } : {})),
    );
    miners[late]?.discard(sources[late] as string);
    hits[late] = await read(late);
    await save(late);
    expect(ids(hits[0])).toEqual(ids(hits[1]));
    const canonical = new Map<string, Set<number>>();
    for (const { pattern, canonical_id } of await rows())
      canonical.set(pattern, (canonical.get(pattern) ?? new Set()).add(canonical_id));
    expect([...canonical.values()].map(({ size }) => size)).toEqual([...canonical].map(() => 1));
  });

  it('lets each event have its own twin, however lines are cut into pages', async () => {
    const users = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'];
    const came = (names: string[]) => names.map((name, i) => lineOf(`user ${name} came`, i));
    const miner = createTemplateMiner({ database: db.database });
    const known = ids(await mine(miner, came(users)));
    await commit(miner);
    const other = came([...users].reverse().concat('ivy'));
    for (const cuts of [[9], [8, 1], [3, 5, 1]]) {
      const into = await addSource();
      const worker = createTemplateMiner({ database: db.database });
      const pages = cuts.map((size, i) => {
        const from = cuts.slice(0, i).reduce((sum, one) => sum + one, 0);
        return other.slice(from, from + size);
      });
      const found: number[] = [];
      for (const page of pages) found.push(...ids(await mine(worker, page, into)));
      expect(found).toEqual([...known].reverse().concat(known[7] as number));
    }
  });

  it('calls a template by the severity of most of its lines, however they were cut into slices', async () => {
    const miner = createTemplateMiner({ database: db.database });
    for (const severity of ['info', 'error', 'error', 'info', 'error'] as const) {
      await mine(miner, [lineOf('payment 7 done', 0, severity)]);
      await commit(miner);
    }
    expect(await rows()).toMatchObject([{ severity: 'error', severity_counts: [0, 0, 0, 2, 0, 3, 0] }]);
  });

  describe('with a full tree', () => {
    const newMiner = () => createTemplateMiner({ database: db.database, max_templates: 20 });
    const everything = async () =>
      (
        await db.owner.query<{ row: { status: string; count: number; id: number } }>(
          `select to_jsonb(t) - 'embedding' as row from log_templates t where service_id = $1 order by id`,
          [service],
        )
      ).rows.map(({ row }) => row);
    const wordOf = (n: number) => String.fromCharCode(97 + (n % 26)).repeat(3 + Math.floor(n / 26));
    // Many kinds, some of which come back: at once, after they were evicted, and after they were forgotten.
    const lines = () =>
      Array.from({ length: 400 }, (_, i) =>
        i % 5 === 0
          ? lineOf('order 7 paid', i)
          : lineOf(`job ${wordOf((i * i + 7 * (i % 11)) % 97)} ends${' now'.repeat(i % 7)}`, i - (i % 13)),
      );

    it('ends the same however lines are cut into slices and whoever mines them', async () => {
      const whole = newMiner();
      const all = lines();
      const expected = ids(await mine(whole, all));
      await commit(whole);
      const before = await everything();
      expect(whole.stats().evicted_templates).toBeGreaterThan(40);
      expect(whole.stats().revived_templates).toBeGreaterThan(0);
      expect(whole.stats().forgotten_templates).toBeGreaterThan(0);
      await db.owner.query('delete from log_templates where service_id = $1', [service]);
      const miners = [newMiner(), newMiner(), newMiner()];
      const found: number[] = [];
      for (let from = 0, turn = 0; from < all.length; turn++) {
        const miner = miners[turn % 3] as TemplateMiner;
        const size = 1 + ((turn * 7) % 23);
        found.push(...ids(await mine(miner, all.slice(from, from + size))));
        if (turn % 4 > 0) await commit(miner);
        else {
          // A slice that fails is mined again.
          miner.discard(source);
          expect(ids(await mine(miner, all.slice(from, from + size)))).toEqual(found.slice(from));
          await commit(miner);
        }
        from += size;
      }
      expect(found).toEqual(expected);
      const after = await everything();
      expect(after.map(({ id, status }) => [id, status])).toEqual(
        before.map(({ id, status }) => [id, status]),
      );
      expect(after).toEqual(before);
      expect(after.filter(({ status }) => status === 'evicted').length).toBeLessThanOrEqual(20);
      expect(after.length).toBeLessThanOrEqual(
        2 * 20 + before.filter(({ status }) => status === 'merged').length,
      );
    });

    it('says what was evicted in its row, and goes on with that row when it comes back', async () => {
      const miner = newMiner();
      const [cart] = ids(
        await mine(miner, [lineOf('cart a.txt opened', 0), lineOf('cart b-1.txt opened', 0)]),
      );
      await commit(miner);
      const kinds = Array.from({ length: 20 }, (_, i) => lineOf(`${wordOf(i)} has left the room`, i + 1));
      await mine(miner, kinds);
      await commit(miner);
      const own = async () => (await rows()).find(({ id }) => id === cart);
      expect(await own()).toMatchObject({ status: 'evicted', count: 2 });
      const evicted = async () =>
        db.database.withTenant(db.tenant_id, (client) => countEvicted(client, service));
      expect(await evicted()).toBe(2);
      const another = newMiner();
      expect(ids(await mine(another, [lineOf('cart c-2.txt opened', 99)]))).toEqual([cart]);
      await commit(another);
      expect(await own()).toMatchObject({ status: 'active', count: 3, version: 2, first_seen_at: START });
    });
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
