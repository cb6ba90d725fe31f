import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../test/engine-process.ts';
import { describeWithOwnEngine, ENGINES } from '../../test/engines.ts';
import {
  call,
  changeSettings,
  DAY_MS,
  expectEachOnce,
  expectReadRefused,
  NOW,
  openStage,
  QUICK,
  readAll,
  startMeddler,
  through,
  UNAVAILABLE,
  untilGreen,
  writeUntilStored,
  type Stage,
} from './search-failure-fixture.ts';

// Several pages of several slices, so that a read makes more than four searches.
const MANY = 30_000;

describeWithOwnEngine('a log store on an engine in trouble', () => {
  describe.each(ENGINES)('%s', (name) => {
    let node: RunningEngine;
    const stages: Stage[] = [];
    const open = (url = node.url) => {
      const stage = openStage(name, url);
      stages.push(stage);
      return stage;
    };
    beforeAll(async () => {
      const settings = {
        'http.max_content_length': '1mb',
        'search.keep_alive_interval': '1s',
        // At each look at the disks the engine takes the flood-stage block away again.
        'cluster.info.update.interval': '60m',
        // Here a point in time lives for 30 s at least.
        ...(name === 'opensearch' && { 'point_in_time.init.keep_alive': '1s' }),
      };
      node = await startEngine(name, { settings, java_options: QUICK });
    }, 180_000);
    afterEach(async () => {
      for (const { slug, close } of stages.splice(0)) {
        await call(node.url, 'DELETE', `/logs-${slug}-2026.06.01,logs-${slug}-2026.05.31?ignore_unavailable`);
        await close();
      }
    });
    afterAll(() => node?.stop(), 30_000);

    test('of two writers of the same documents at once, each document is created by one and known to the other', async () => {
      const stage = open();
      const documents = stage.documents(3000);
      const results = await Promise.all([stage.write(documents), stage.write(documents)]);
      expect(results.flatMap(({ errors }) => errors)).toEqual([]);
      expect(results.reduce((sum, { created }) => sum + created, 0)).toBe(3000);
      expect(results.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(3000);
      await stage.refresh();
      expectEachOnce(await readAll(stage), documents);
    }, 60_000);

    test('a batch larger than a request may be is split', async () => {
      const stage = open();
      const documents = stage.documents(3000, { message: 'x'.repeat(1500) });
      expect(await stage.write(documents)).toEqual({ created: 3000, duplicates: 0, errors: [] });
    }, 60_000);

    test('a document larger than a request may be is named, not tried for ever, and hinders no other', async () => {
      const stage = open();
      const documents = [
        stage.document(0),
        stage.document(1, { message: 'x'.repeat(1_200_000) }),
        stage.document(2),
      ];
      const { created, errors } = await stage.write(documents);
      expect(created).toBe(2);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ index: 1 });
      expect(errors[0]?.code).not.toBe('log_store_busy');
    });

    test('while a full disk blocks writes, documents are refused for now; sent again later, all are there once', async () => {
      const stage = open();
      const known = stage.documents(5);
      await stage.write(known);
      await stage.refresh();
      const blocked = stage.indexOf(NOW);
      await changeSettings(node.url, blocked, { 'index.blocks.read_only_allow_delete': true });
      const later = Array.from({ length: 5 }, (_, index) => stage.document(10 + index));
      const yesterday = stage.document(20, { timestamp: NOW - DAY_MS });
      const result = await stage.write([...later, yesterday]);
      expect(result.created).toBe(1);
      expect(result.errors.map(({ index, code }) => [index, code])).toEqual(
        later.map((_, index) => [index, 'log_store_busy']),
      );
      await expect(stage.write(later)).rejects.toMatchObject(UNAVAILABLE);
      const still_read = (await readAll(stage)).map((line) => line.event_id);
      expect(still_read).toEqual(expect.arrayContaining(known.map((one) => one.event_id)));
      await changeSettings(node.url, blocked, { 'index.blocks.read_only_allow_delete': null });
      const stored = await writeUntilStored(stage, [...later, yesterday], 20_000);
      expect(stored).toMatchObject({ created: 5, duplicates: 1 });
      await stage.refresh();
      expectEachOnce(await readAll(stage), [...known, ...later, yesterday]);
    }, 60_000);

    test('with a shard missing nothing is read rather than a part; with the shard back all is', async () => {
      const stage = open();
      const today = stage.documents(10);
      const yesterday = Array.from({ length: 10 }, (_, index) =>
        stage.document(100 + index, { timestamp: NOW - DAY_MS }),
      );
      await stage.write(today);
      await stage.refresh();
      const lost = stage.indexOf(NOW - DAY_MS);
      await createWithoutShard(node.url, lost);
      const { store, range } = stage;
      await expectReadRefused(stage);
      await expect(store.countSlice(range)).rejects.toMatchObject(UNAVAILABLE);
      await expect(store.tallySlice(range, 60_000)).rejects.toMatchObject(UNAVAILABLE);
      const { tenant_id, log_source_id } = range;
      await expect(store.firstIngestedAt(tenant_id, log_source_id, 0)).rejects.toMatchObject(UNAVAILABLE);
      await expect(
        store.readLines({
          tenant_id,
          service_id: stage.document(0).service_id,
          from: NOW - DAY_MS,
          to: NOW + 1,
          limit: 100,
        }),
      ).rejects.toMatchObject(UNAVAILABLE);
      await changeSettings(node.url, lost, { 'index.routing.allocation.require._name': null });
      await untilGreen(node);
      await stage.write(yesterday);
      await stage.refresh();
      expect(await store.countSlice(range)).toBe(20);
      expectEachOnce(await readAll(stage), [...today, ...yesterday]);
    }, 60_000);

    test('a reader slower than its point in time lives skips no line', async () => {
      const stage = open();
      const documents = stage.documents(MANY);
      await writeUntilStored(stage, documents, 60_000);
      await stage.refresh();
      const meddler = await startMeddler(node.url, { at: 3, meddle: () => sleep(4000), keep_alive: '1s' });
      const slow = through(name, meddler.url, stage);
      await expectReadRefused(slow);
      // Tried again it is as slow as anybody.
      expectEachOnce(await readAll(slow), documents);
      expect(meddler.searches()).toBeGreaterThan(4);
      await slow.close();
      await meddler.close();
    }, 120_000);

    test('what a slow refresh hides is found by counting again', async () => {
      const stage = open();
      await stage.write(stage.documents(10));
      await stage.refresh();
      await changeSettings(node.url, stage.indexOf(NOW), { 'index.refresh_interval': '-1' });
      await stage.write(stage.documents(15));
      const hidden = await readAll(stage);
      expect(await stage.store.countSlice(stage.range)).toBe(hidden.length);
      await stage.refresh();
      expect(await stage.store.countSlice(stage.range)).toBe(15);
      expectEachOnce(await readAll(stage), stage.documents(15));
    });

    test('an index that goes while it is read ends the read with an error that may be retried', async () => {
      const stage = open();
      const documents = stage.documents(MANY);
      const yesterday = stage.document(MANY, { timestamp: NOW - DAY_MS });
      await writeUntilStored(stage, [...documents, yesterday], 60_000);
      await stage.refresh();
      const meddle = () => call(node.url, 'DELETE', `/${stage.indexOf(NOW)}`);
      const meddler = await startMeddler(node.url, { at: 3, meddle });
      const read = through(name, meddler.url, stage);
      await expectReadRefused(read);
      expectEachOnce(await readAll(read), [yesterday]);
      await read.close();
      await meddler.close();
    }, 60_000);
  });
});

/**
 * An index whose one shard no node may hold. Only a new one stays like that: a shard that has data is given to the node of
 * its data whatever the setting says.
 */
async function createWithoutShard(url: string, index: string): Promise<void> {
  const settings = { 'index.routing.allocation.require._name': 'nowhere' };
  const { status } = await call(url, 'PUT', `/${index}?wait_for_active_shards=0`, { settings });
  expect(status).toBe(200);
}
