import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createHttpServer } from '../platform/http/http-server.ts';
import type { AuditEntry } from '../platform/http/identity.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { IGNORED_TEMPLATE_ID } from './template-edits.ts';
import { MAX_SPLITS } from './manage-template.ts';
import { findMovedLines } from './template-event-repository.ts';
import { templateEventRoutes } from './template-event-routes.ts';
import { createTemplateMiner, type TemplateMiner } from './template-miner.ts';
import { templateRoutes } from './template-routes.ts';

let db: TestDatabase;
let app: FastifyInstance;
let service: string;
let source: string;
let audited: AuditEntry[] = [];
const MESSAGES = ['order 7 paid', 'cart opened', 'payment refused'];
const START = Date.UTC(2026, 0, 5);

beforeAll(async () => {
  db = await createTestDatabase();
  app = await createHttpServer({
    config: { body_limit_bytes: 1000, requests_per_minute: 100_000 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  app.addHook('onRequest', async (request) => {
    const { tenant_id } = db;
    const who = { tenant_slug: 'acme', actor: 'user:ann', permissions: ['*'], user_id: null, key_id: null };
    request.identity = { tenant_id, ...who };
  });
  const deps = {
    database: db.database,
    audit: (_client: unknown, _identity: unknown, entry: AuditEntry) =>
      Promise.resolve(void audited.push(entry)),
  };
  await app.register(templateRoutes(deps));
  await app.register(templateEventRoutes(deps));
});
afterAll(async () => {
  await app.close();
  await db.close();
});
beforeEach(async () => {
  audited = [];
  service = await addService();
  source = await addSource();
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
const newMiner = () => createTemplateMiner({ database: db.database });
/** Mines and commits; template ids of the messages. */
async function mine(miner: TemplateMiner, messages = MESSAGES, log_source_id = source): Promise<number[]> {
  const lines = messages.map((message, i) => {
    const [event_id, severity] = [randomUUID(), 'info' as const];
    return { event_id, timestamp: START + i, service_id: service, severity, message, release: null };
  });
  const hits = await miner.mine({ tenant_id: db.tenant_id, log_source_id, lines });
  await db.database.withTenant(db.tenant_id, (client) => miner.save(client, db.tenant_id, log_source_id));
  miner.committed(log_source_id);
  return hits.map((hit) => hit.template_id);
}
interface Answer {
  event: { id: number; kind: string; is_undone: boolean; into_id: number };
  template: { id: number; canonical_id: number; name: string | null; status: string };
  items: {
    id: number;
    kind: string;
    is_undone: boolean;
    canonical_id: number;
    pattern: string;
    split_of: number | null;
  }[];
  code: string;
  field: string;
  next_cursor: string | null;
}
async function post(url: string, payload: object = {}): Promise<{ status: number; body: Answer }> {
  const response = await app.inject({ method: 'POST', url, payload });
  return { status: response.statusCode, body: response.json<Answer>() };
}
const get = async (url: string) => (await app.inject({ url })).json<Answer>();

describe('editing templates', () => {
  it('merges: lines of both count as one, also in other workers and sources, until it is undone', async () => {
    const miner = newMiner();
    const [order = 0, cart = 0, refused = 0] = await mine(miner);
    const merged = await post(`/templates/${order}/merge`, { into: cart });
    expect(merged).toMatchObject({
      status: 201,
      body: { event: { kind: 'merge' }, template: { canonical_id: cart, is_merged: true } },
    });
    expect(await mine(miner)).toEqual([cart, cart, refused]);
    expect(await mine(newMiner())).toEqual([cart, cart, refused]);
    expect(await mine(newMiner(), MESSAGES, await addSource())).toEqual([cart, cart, refused]);
    const undone = await post(`/template-events/${merged.body.event.id}/undo`);
    expect(undone).toMatchObject({ status: 201, body: { template: { canonical_id: order } } });
    expect(await mine(miner)).toEqual([order, cart, refused]);
    expect(await mine(newMiner())).toEqual([order, cart, refused]);
    expect((await post(`/template-events/${undone.body.event.id}/undo`)).status).toBe(201);
    expect(await mine(miner)).toEqual([cart, cart, refused]);
    expect((await post(`/templates/${order}/split`)).body.template.canonical_id).toBe(order);
    expect(await mine(miner)).toEqual([order, cart, refused]);
  });

  it('ignores: lines are hits of no template', async () => {
    const miner = newMiner();
    const [order = 0, cart = 0, refused = 0] = await mine(miner);
    expect((await post(`/templates/${cart}/ignore`)).body.template.status).toBe('ignored');
    expect(await mine(miner)).toEqual([order, IGNORED_TEMPLATE_ID, refused]);
    const ignored = await get(`/templates?service_id=${service}&status=ignored`);
    expect(ignored.items.map((item) => item.id)).toEqual([cart]);
    expect((await get(`/templates?service_id=${service}&status=active`)).items).toHaveLength(2);
    await post(`/templates/${cart}/ignore`, { is_ignored: false });
    expect(await mine(miner)).toEqual([order, cart, refused]);
  });

  it('says in the row what was decided, also of templates that are mined later', async () => {
    const statuses = async () => {
      const { rows } = await db.owner.query<{ status: string }>(
        'select status from log_templates where service_id = $1 order by log_source_id = $2 desc, ordinal',
        [service, source],
      );
      return rows.map(({ status }) => status);
    };
    const miner = newMiner();
    const [order = 0, cart = 0] = await mine(miner);
    const stale = newMiner();
    await mine(stale);
    await post(`/templates/${cart}/ignore`);
    expect(await statuses()).toEqual(['active', 'ignored', 'active']);
    await mine(miner);
    await mine(newMiner(), MESSAGES, await addSource());
    expect(await statuses()).toEqual(['active', 'ignored', 'active', 'active', 'ignored', 'active']);
    const merged = await post(`/templates/${order}/merge`, { into: cart });
    expect(merged.body.template).toMatchObject({ id: order, status: 'ignored' });
    await post(`/templates/${cart}/ignore`, { is_ignored: false });
    expect(await statuses()).toEqual(['merged', 'active', 'active', 'merged', 'active', 'active']);
    expect((await get(`/templates?service_id=${service}&status=merged`)).items).toHaveLength(2);
    await post(`/template-events/${merged.body.event.id}/undo`);
    expect(await statuses()).toEqual(Array(6).fill('active'));
  });

  it('says in the row what was decided before rows said so', async () => {
    const messages = [...MESSAGES, 'stock counted', 'refund sent', 'file 5 opened by root'];
    const [order, cart, refused, stock, refund, file] = await mine(newMiner(), messages);
    const event = async (url: string, payload = {}) => (await post(url, payload)).body.event.id;
    await event(`/templates/${order}/merge`, { into: cart });
    await event(`/templates/${cart}/merge`, { into: refused });
    await event(`/templates/${refused}/ignore`);
    const ignored = await event(`/templates/${stock}/ignore`);
    const undone = await event(`/template-events/${ignored}/undo`);
    await event(`/template-events/${undone}/undo`);
    await event(`/templates/${refund}/ignore`);
    await event(`/templates/${refund}/ignore`, { is_ignored: false });
    const split = await event(`/templates/${file}/split`, { position: 0, value: '5' });
    await mine(newMiner(), messages);
    await event(`/template-events/${split}/undo`);
    const statuses = async () =>
      (
        await db.owner.query<{ pattern: string; status: string }>(
          'select pattern, status from log_templates where service_id = $1 order by ordinal',
          [service],
        )
      ).rows.map(({ status }) => status);
    const decided = await statuses();
    expect(decided).toEqual(['ignored', 'ignored', 'ignored', 'ignored', 'active', 'active', 'merged']);
    await db.owner.query("update log_templates set status = 'active' where service_id = $1", [service]);
    const file_url = new URL('../../../migrations/0015_decided_statuses.sql', import.meta.url);
    await db.owner.query(fs.readFileSync(file_url, 'utf8'));
    expect(await statuses()).toEqual(decided);
  });

  it('lets no template be saved under what was decided before it', async () => {
    const miner = newMiner();
    const [order = 0] = await mine(miner);
    const lines = ['order 8 paid', 'brand new'].map((message, i) => {
      const [event_id, severity] = [randomUUID(), 'info' as const];
      return { event_id, timestamp: START + i, service_id: service, severity, message, release: null };
    });
    const save = () =>
      db.database.withTenant(db.tenant_id, (client) => miner.save(client, db.tenant_id, source));
    await miner.mine({ tenant_id: db.tenant_id, log_source_id: source, lines });
    await post(`/templates/${order}/ignore`);
    await expect(save()).rejects.toMatchObject({ retryable: true });
    miner.discard(source);
    const hits = await miner.mine({ tenant_id: db.tenant_id, log_source_id: source, lines });
    expect(hits[0]?.template_id).toBe(IGNORED_TEMPLATE_ID);
    await save();
  });

  it('pins: a line that would make the pattern more general is another template', async () => {
    const messages = (file: string) => ['file a-1.txt opened', `file ${file} opened`];
    const miner = newMiner();
    const [first = 0] = await mine(miner, messages('a-1.txt'));
    await post(`/templates/${first}/pin`);
    const [again, other] = await mine(miner, messages('"b"'));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(await mine(newMiner(), messages('"b"'))).toEqual([again, other]);
    await post(`/templates/${first}/pin`, { is_pinned: false });
    expect((await mine(miner, messages('c-1.txt')))[0]).toBe(first);
  });

  it('splits: lines with a value are a template of their own, in every worker and source, until it is undone', async () => {
    const files = ['file a-1.txt read in 5ms', 'file b-2.txt read in 9ms', 'file c-3.txt read in 5ms'];
    const miner = newMiner();
    const [file = 0] = await mine(miner, files);
    const split = await post(`/templates/${file}/split`, { position: 0, value: 'b-2.txt' });
    expect(split).toMatchObject({
      status: 201,
      body: {
        event: { kind: 'split', template_id: file, token_index: 1, token: 'b-2.txt' },
        template: { id: file, split_of: null },
      },
    });
    const part = split.body.event.into_id;
    const movedLines = async () =>
      (await db.database.withTenant(db.tenant_id, (client) => findMovedLines(client, [service]))).get(
        service,
      );
    expect(await movedLines()).toEqual({ redirects: new Map(), splits: new Map([[part, file]]) });
    expect(await mine(miner, files)).toEqual([file, part, file]);
    expect(await mine(newMiner(), files)).toEqual([file, part, file]);
    const other = await addSource();
    expect(await mine(newMiner(), files, other)).toEqual([file, part, file]);
    expect(await mine(newMiner(), files, other)).toEqual([file, part, file]);
    expect(await mine(miner, files)).toEqual([file, part, file]);
    const onlyParts = await addSource();
    expect(await mine(newMiner(), ['file b-2.txt read in 5ms'], onlyParts)).toEqual([part]);
    expect(await mine(newMiner(), files, onlyParts)).toEqual([file, part, file]);
    const parts = (await get(`/templates?service_id=${service}&q=b-2.txt`)).items;
    expect(parts.filter((item) => item.canonical_id === part)).toHaveLength(3);
    const own = parts.find((item) => item.canonical_id === part && item.split_of === file);
    expect(own).toMatchObject({
      pattern: 'file b-2.txt read in <NUM>',
      is_pinned: true,
      count: 3,
      first_seen_at: new Date(START).toISOString(),
    });

    // A value that the masker hides is found, too.
    const slow = await post(`/templates/${file}/split`, { position: 1, value: '9ms' });
    expect(await mine(newMiner(), ['file d-4.txt read in 9ms', ...files])).toEqual([
      slow.body.event.into_id,
      file,
      part,
      file,
    ]);

    const undone = await post(`/template-events/${split.body.event.id}/undo`);
    expect(undone.status).toBe(201);
    await post(`/template-events/${slow.body.event.id}/undo`);
    expect(await mine(miner, files)).toEqual([file, file, file]);
    expect(await mine(newMiner(), files)).toEqual([file, file, file]);
    const moved = await movedLines();
    expect(moved?.redirects.get(part)).toBe(file);
    expect(moved?.splits.get(part)).toBe(file);
    await post(`/template-events/${undone.body.event.id}/undo`);
    expect(await mine(newMiner(), files)).toEqual([file, part, file]);
    expect(audited.map(({ action }) => action).slice(0, 2)).toEqual(['template.split', 'template.split']);
  });

  it('refuses to split what can not be split, naming the field', async () => {
    const [file = 0, pair = 0] = await mine(newMiner(), ['file a-1.txt read', 'seat [1][2] taken']);
    const refusal = async (body: object, id = file) => {
      const { body: problem } = await post(`/templates/${id}/split`, body);
      return [problem.code, problem.field];
    };
    expect(await refusal({ position: 0 })).toEqual(['invalid_request', 'value']);
    expect(await refusal({ value: 'x' })).toEqual(['invalid_request', 'position']);
    expect(await refusal({ position: 0, value: ' ' })).toEqual(['invalid_request', 'value']);
    expect(await refusal({ position: 3, value: 'x' })).toEqual(['invalid_request', 'position']);
    expect(await refusal({ position: 0, value: '1' }, pair)).toEqual(['invalid_request', 'position']);
    expect(await refusal({ position: -1, value: 'x' })).toEqual(['invalid_request', 'position']);
    expect(await refusal({ position: 0, value: 'x'.repeat(201) })).toEqual(['invalid_request', 'value']);
    await post(`/templates/${file}/split`, { position: 0, value: 'a-1.txt' });
    expect(await refusal({ position: 0, value: 'a-1.txt' })).toEqual(['conflict', 'value']);
    await mine(newMiner(), ['file a-1.txt read']);
    const { items } = await get(`/templates?service_id=${service}`);
    const part = items.find((item) => item.split_of === file)?.id;
    expect(await refusal({ position: 0, value: 'b' }, part)).toEqual(['conflict', 'id']);
    expect((await post(`/templates/${part}/pin`)).body).toMatchObject({ code: 'conflict', field: 'id' });
    for (let i = 1; i < MAX_SPLITS; i++)
      await post(`/templates/${file}/split`, { position: 0, value: `${i}` });
    expect(await refusal({ position: 0, value: 'more' })).toEqual(['conflict', 'id']);
    const empty = await app.inject({ method: 'POST', url: `/templates/${file}/split` });
    expect(empty.json()).toMatchObject({ code: 'conflict' });
  });

  it('lets baselines know what the miner merged, and edits of either be edits of the one that remains', async () => {
    const users = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'].map((user) => `user ${user} came`);
    const miner = newMiner();
    const [first = 0, ...others] = await mine(miner, users);
    expect(await mine(miner, ['user ivy came'])).toEqual([first]);
    const moved = await db.database.withTenant(db.tenant_id, (client) => findMovedLines(client, [service]));
    expect(moved.get(service)?.redirects).toEqual(new Map(others.map((id) => [id, first])));
    expect((await post(`/templates/${others[3] ?? 0}/ignore`)).body.template).toMatchObject({
      id: first,
      status: 'ignored',
    });
    expect(await mine(newMiner(), ['user joe came'])).toEqual([IGNORED_TEMPLATE_ID]);
    expect((await get(`/templates?service_id=${service}&status=active`)).items).toEqual([]);
    expect((await get(`/templates?service_id=${service}&status=ignored`)).items).toHaveLength(1);
  });

  describe('when the miner merges templates that are alike', () => {
    const lineOf = (user: string, from = '10.0.0.1') => `user ${user} came from ${from}`;
    const users = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'];
    /** Each edits the template `own` and gives what its lines count as from then on. */
    const EDITS: Record<string, (own: number, cart: number) => Promise<number>> = {
      rename: async (own) => (await post(`/templates/${own}/rename`, { name: 'ours' })).body.template.id,
      pin: async (own) => (await post(`/templates/${own}/pin`)).body.template.id,
      ignore: async (own) => (await post(`/templates/${own}/ignore`)).body.template.id && IGNORED_TEMPLATE_ID,
      merge: async (own, cart) =>
        (await post(`/templates/${own}/merge`, { into: cart })).body.template.canonical_id,
      'merge of another one into it': async (own, cart) =>
        (await post(`/templates/${cart}/merge`, { into: own })).body.template.canonical_id,
      split: async (own) =>
        (await post(`/templates/${own}/split`, { position: 0, value: '10.0.0.1' })).body.event.into_id,
    };

    it.each(Object.keys(EDITS).flatMap((kind) => [0, 7].map((place) => ({ kind, place }))))(
      'a $kind of one of them (number $place) still holds for its lines, in every worker and source',
      async ({ kind, place }) => {
        const miner = newMiner();
        const [cart = 0, ...ids] = await mine(miner, ['cart opened', ...users.map((user) => lineOf(user))]);
        const own = ids[place] as number;
        const counted = (await EDITS[kind]?.(own, cart)) as number;
        const others = ids.filter((id) => id !== own);
        const line = lineOf(users[place] as string);
        const [, , ...after] = await mine(
          miner,
          ['ivy', 'joe', 'kim'].map((user) => lineOf(user)).concat(line),
        );
        expect(after).toEqual([others[0], counted]);
        expect(
          await mine(
            miner,
            users.map((user) => lineOf(user)),
          ),
        ).toEqual(ids.map((id) => (id === own ? counted : others[0])));
        expect(await mine(newMiner(), [lineOf('leo'), line])).toEqual([others[0], counted]);
        expect(await mine(newMiner(), [line, lineOf('leo')], await addSource())).toEqual([
          counted,
          others[0],
        ]);
        const all = [...users, 'ivy', 'joe'].map((user) => lineOf(user));
        expect((await mine(newMiner(), all, await addSource())).slice(8)).toEqual([others[0], others[0]]);
        const { items } = await get(`/templates?service_id=${service}&q=${users[place]}`);
        expect(items.filter((item) => item.id === own)).toMatchObject([
          { pattern: `user ${users[place]} came from <IP>` },
        ]);
      },
    );

    it('one of them does not hold for what they are merged to where they were not met before', async () => {
      const ids = await mine(
        newMiner(),
        users.map((user) => lineOf(user)),
      );
      await post(`/templates/${ids[0]}/ignore`);
      const all = [...users, 'ivy', 'joe'].map((user) => lineOf(user));
      const hits = await mine(newMiner(), all, await addSource());
      expect(hits.slice(1)).not.toContain(IGNORED_TEMPLATE_ID);
    });

    it('an undone one does not hinder it', async () => {
      const miner = newMiner();
      const ids = await mine(
        miner,
        users.map((user) => lineOf(user)),
      );
      const { event } = (await post(`/templates/${ids[3]}/rename`, { name: 'ours' })).body;
      await post(`/template-events/${event.id}/undo`);
      expect(await mine(miner, [lineOf('ivy'), lineOf('dan')])).toEqual([ids[0], ids[0]]);
    });

    it('one that is made meanwhile holds, too: the lines that merged it are read again', async () => {
      const miner = newMiner();
      const ids = await mine(
        miner,
        users.map((user) => lineOf(user)),
      );
      const lines = [lineOf('ivy'), lineOf('dan')].map((message, i) => {
        const [event_id, severity] = [randomUUID(), 'info' as const];
        return { event_id, timestamp: START + i, service_id: service, severity, message, release: null };
      });
      const input = { tenant_id: db.tenant_id, log_source_id: source, lines };
      const found = async () => (await miner.mine(input)).map((hit) => hit.template_id);
      expect(await found()).toEqual([ids[0], ids[0]]);
      await post(`/templates/${ids[3]}/rename`, { name: 'ours' });
      const saved = db.database.withTenant(db.tenant_id, (client) =>
        miner.save(client, db.tenant_id, source),
      );
      await expect(saved).rejects.toMatchObject({ retryable: true });
      miner.discard(source);
      expect((await found())[1]).toBe(ids[3]);
    });
  });

  it('renames, and finds by name', async () => {
    const [order = 0] = await mine(newMiner());
    expect((await post(`/templates/${order}/rename`, { name: 'Happy customers' })).body.template.name).toBe(
      'Happy customers',
    );
    expect((await get(`/templates?service_id=${service}&q=happy%20cust`)).items).toMatchObject([
      { id: order, name: 'Happy customers' },
    ]);
    expect((await get(`/templates?q=nobody`)).items).toEqual([]);
    expect((await post(`/templates/${order}/rename`, { name: null })).body.template.name).toBeNull();
  });

  it('lists events newest first, page by page, and traces each', async () => {
    const [order = 0, cart = 0] = await mine(newMiner());
    const { event } = (await post(`/templates/${order}/pin`)).body;
    await post(`/templates/${order}/merge`, { into: cart });
    await post(`/template-events/${event.id}/undo`);
    const page = await get(`/template-events?service_id=${service}&limit=2`);
    expect(page.items).toMatchObject([
      { kind: 'undo', undoes_id: event.id, actor: 'user:ann', is_undone: false },
      { kind: 'merge', template_id: order, into_id: cart },
    ]);
    const next = await get(
      `/template-events?service_id=${service}&limit=2&cursor=${String(page.next_cursor)}`,
    );
    expect(next).toMatchObject({ items: [{ kind: 'pin', is_undone: true }], next_cursor: null });
    expect(audited.map(({ action }) => action)).toEqual(['template.pin', 'template.merge', 'template.undo']);
    expect(audited[1]?.details).toMatchObject({
      before: { canonical_id: order },
      after: { canonical_id: cart },
    });
  });

  it('refuses what makes no sense', async () => {
    const [order = 0, cart = 0] = await mine(newMiner());
    const own = service;
    service = await addService();
    const [other = 0] = await mine(newMiner());
    service = own;
    const codeOf = async (url: string, body?: object) => (await post(url, body)).body.code;
    expect(await codeOf(`/templates/${order}/merge`, { into: order })).toBe('conflict');
    expect(await codeOf(`/templates/${order}/merge`, { into: other })).toBe('invalid_request');
    expect(await codeOf(`/templates/${order}/merge`, { into: 12 })).toBe('not_found');
    expect(await codeOf(`/templates/${order}/merge`)).toBe('invalid_request');
    expect(await codeOf(`/templates/12/pin`)).toBe('not_found');
    expect(await codeOf(`/templates/${order}/split`)).toBe('conflict');
    expect(await codeOf(`/templates/${order}/pin`, { is_pinned: false })).toBe('conflict');
    expect(await codeOf(`/template-events/999999/undo`)).toBe('not_found');
    await post(`/templates/${cart}/ignore`);
    await post(`/templates/${order}/merge`, { into: cart });
    expect(await codeOf(`/templates/${order}/ignore`, { is_ignored: false })).toBe('conflict');
    const { event } = (await post(`/templates/${order}/pin`)).body;
    await post(`/template-events/${event.id}/undo`);
    expect(await codeOf(`/template-events/${event.id}/undo`)).toBe('conflict');
    const removed = db.database.withTenant(db.tenant_id, (client) =>
      client.query('delete from template_events'),
    );
    await expect(removed).rejects.toThrow('permission denied');
  });
});
