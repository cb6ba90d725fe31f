import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../test/engine-process.ts';
import { describeWithOwnEngine, ENGINES } from '../../test/engines.ts';
import {
  call,
  expectEachOnce,
  expectReadRefused,
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
const BATCH = 1000;
const TIMEOUT_MS = 2000;

describeWithOwnEngine('a log store whose engine goes away', () => {
  describe.each(ENGINES)('%s', (name) => {
    let node: RunningEngine;
    const stages: Stage[] = [];
    const keep = (stage: Stage) => {
      stages.push(stage);
      return stage;
    };
    const open = () => keep(openStage(name, node.url));
    beforeAll(async () => {
      node = await startEngine(name, { java_options: QUICK });
    }, 180_000);
    afterEach(async () => {
      for (const { close } of stages.splice(0)) await close();
    });
    afterAll(() => node?.stop(), 30_000);

    test('an engine killed in the middle of a read ends it with an error; read again, each line is there once', async () => {
      const stage = open();
      const documents = stage.documents(MANY);
      await writeUntilStored(stage, documents, 60_000);
      await stage.refresh();
      const meddler = await startMeddler(node.url, { at: 3, meddle: () => node.kill() });
      const read = keep(through(name, meddler.url, stage));
      await expectReadRefused(read);
      await expect(stage.store.countSlice(stage.range)).rejects.toMatchObject(UNAVAILABLE);
      await expect(stage.store.ping()).rejects.toMatchObject(UNAVAILABLE);
      await node.restart();
      await untilGreen(node);
      expect(await stage.store.countSlice(stage.range)).toBe(MANY);
      expectEachOnce(await readAll(read), documents);
      await meddler.close();
    }, 240_000);

    test('an engine killed under two writers loses no document that was sent until stored, and doubles none', async () => {
      const patient = open();
      // Its caller sees the outage, and sends again; the other writer does that by itself.
      const impatient = keep(through(name, node.url, patient, { write_budget_ms: 2000 }));
      const documents = patient.documents(MANY);
      await patient.write([patient.document(0)]);
      const sums: Awaited<ReturnType<typeof writeUntilStored>>[] = [];
      const writeHalf = async (writer: Stage, from: number) => {
        let refusals = 0;
        for (let at = from; at < from + MANY / 2; at += BATCH) {
          const sum = await writeUntilStored(writer, documents.slice(at, at + BATCH), 180_000);
          sums.push(sum);
          refusals += sum.refusals;
        }
        return refusals;
      };
      const crash = async () => {
        while (sums.length < 5) await sleep(5);
        await node.kill();
        await node.restart();
      };
      const [refusals] = await Promise.all([writeHalf(impatient, 0), writeHalf(patient, MANY / 2), crash()]);
      expect(refusals).toBeGreaterThan(0);
      expect(sums.reduce((sum, { created, duplicates }) => sum + created + duplicates, 0)).toBe(MANY);
      await untilGreen(node);
      await patient.refresh();
      expect(await patient.store.countSlice(patient.range)).toBe(MANY);
      expectEachOnce(await readAll(patient), documents);
    }, 240_000);

    test('an engine that hangs is an error within a few time limits, and answers again afterwards', async () => {
      const seeded = open();
      const documents = seeded.documents(MANY);
      await writeUntilStored(seeded, documents, 60_000);
      await seeded.refresh();
      const limits = { connection: { request_timeout_ms: TIMEOUT_MS }, write_budget_ms: 3 * TIMEOUT_MS };
      const stage = keep(through(name, node.url, seeded, limits));
      await stage.write([stage.document(0)]);
      const meddler = await startMeddler(node.url, { at: 3, meddle: () => node.pause() });
      const read = keep(through(name, meddler.url, seeded, limits));
      const extra = stage.document(MANY);
      const { tenant_id, log_source_id } = stage.range;
      const calls = {
        read: () => readAll(read),
        count: () => stage.store.countSlice(stage.range),
        first: () => stage.store.firstIngestedAt(tenant_id, log_source_id, 0),
        write: () => stage.write([extra]),
        ping: () => stage.store.ping(),
      };
      for (const [what, start] of Object.entries(calls)) {
        const began = performance.now();
        await expect(start(), what).rejects.toMatchObject(UNAVAILABLE);
        // Some are tried again, some close what they opened.
        expect(performance.now() - began, what).toBeLessThan(10 * TIMEOUT_MS);
      }
      node.resume();
      // Not at once: the circuit breaker leaves it alone for a while.
      await expect.poll(() => stage.store.ping(), { timeout: 45_000 }).toBeUndefined();
      // What was sent while it hung may have been stored or not: sent again it is there once.
      await writeUntilStored(stage, [extra], 20_000);
      await stage.refresh();
      expectEachOnce(await readAll(seeded), [...documents, extra]);
      await meddler.close();
    }, 180_000);
  });
});

describeWithOwnEngine('a log store whose engine is busy', () => {
  describe.each(ENGINES)('%s', (name) => {
    let node: RunningEngine;
    beforeAll(async () => {
      const settings = { 'indexing_pressure.memory.limit': '2mb', 'thread_pool.write.queue_size': '1' };
      node = await startEngine(name, { settings, java_options: QUICK });
    }, 180_000);
    afterAll(() => node?.stop(), 30_000);

    test('what it rejects, whole requests or single documents, is refused for now; sent again later, all is there once', async () => {
      const stage = openStage(name, node.url);
      // Its caller sees it too, and not only the writer.
      const hasty = through(name, node.url, stage, { write_budget_ms: 1000 });
      const documents = stage.documents(20_000, { message: 'x'.repeat(300) });
      await stage.write([stage.document(0)]);
      const writers = Array.from({ length: 40 }, (_, at) =>
        writeUntilStored(at % 2 === 0 ? stage : hasty, documents.slice(at * 500, (at + 1) * 500), 150_000),
      );
      const sums = await Promise.all(writers);
      expect(await rejections(node.url)).toBeGreaterThan(0);
      expect(sums.some(({ refusals }) => refusals > 0)).toBe(true);
      expect(sums.reduce((sum, { created, duplicates }) => sum + created + duplicates, 0)).toBe(20_000);
      await stage.refresh();
      expectEachOnce(await readAll(stage), documents);
      await hasty.close();
      await stage.close();
    }, 200_000);
  });
});

interface Stats {
  nodes: Record<
    string,
    {
      thread_pool: { write: { rejected: number } };
      indexing_pressure: {
        memory: { total: { coordinating_rejections: number; primary_rejections: number } };
      };
    }
  >;
}

/** How often the engine itself said that it was too busy. */
async function rejections(url: string): Promise<number> {
  const { body } = await call<Stats>(url, 'GET', '/_nodes/_local/stats/thread_pool,indexing_pressure');
  return Object.values(body.nodes).reduce((sum, { thread_pool, indexing_pressure }) => {
    const { coordinating_rejections, primary_rejections } = indexing_pressure.memory.total;
    return sum + thread_pool.write.rejected + coordinating_rejections + primary_rejections;
  }, 0);
}
