import { setTimeout as sleep } from 'node:timers/promises';
import type { Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogSource } from '../../src/ingest/log-source-schema.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { startEngine, type RunningEngine } from '../engine-process.ts';
import { describeWithOwnEngine, ENGINES } from '../engines.ts';
import { pollUntil } from './poll.ts';
import { startStack, type Stack } from './stack.ts';

type Source = Static<typeof LogSource>;

const REQUEST_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 5_000;
/** What a machine that runs other tests beside this one may add. */
const SLACK_MS = 15_000;

describeWithOwnEngine('a cluster that hangs', () => {
  describe.each(ENGINES)('%s', (name) => {
    let node: RunningEngine;
    let db: TestDatabase;
    let stack: Stack;
    beforeAll(async () => {
      node = await startEngine(name, { java_options: ['-XX:TieredStopAtLevel=1'] });
      db = await createTestDatabase();
      const connection = { engine: name, nodes: [node.url], request_timeout_ms: REQUEST_TIMEOUT_MS };
      stack = await startStack(db, { cluster: { connection, patterns: ['app-*'] } });
    }, 180_000);
    afterAll(async () => {
      await stack?.stop();
      await db?.close();
      await node?.stop();
    }, 60_000);

    const addDocument = async () => {
      const answer = await fetch(`${node.url}/app-logs/_doc?refresh=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ '@timestamp': new Date(), message: 'up', service: { name: 'checkout' } }),
      });
      expect(answer.status).toBe(201);
    };
    const sources = async () => {
      const { items } = await stack.call<{ items: Source[] }>('GET', '/log-sources');
      const named = (source: string) => items.find((one) => one.name === source) as Source;
      return { hanging: [named('first'), named('second')] as const, healthy: named('healthy') };
    };
    const untilSources = (
      what: string,
      limit_ms: number,
      holds: (of: Awaited<ReturnType<typeof sources>>) => boolean,
    ) => pollUntil(async () => holds(await sources()), limit_ms, what);

    test('holds up no source of another store, is blind soon, and is read again soon after it answers', async () => {
      await addDocument();
      for (const source of ['first', 'second']) {
        await stack.call('POST', '/log-sources', {
          name: source,
          source_type: name,
          connection_config: { index: 'app-logs' },
          read_lag_seconds: 1,
        });
      }
      await stack.call('POST', '/logs?log_source=healthy', { message: 'up', service: 'other' });
      await untilSources('all sources are read', 60_000, ({ hanging, healthy }) =>
        [...hanging, healthy].every(({ status, lag_seconds }) => status === 'ok' && lag_seconds !== null),
      );

      await node.pause();
      const paused_at = Date.now();
      const first_error_ms = REQUEST_TIMEOUT_MS + PROBE_TIMEOUT_MS + SLACK_MS;
      await untilSources('the first request runs out of time', first_error_ms, ({ hanging }) =>
        hanging.every(({ last_error }) => last_error !== null),
      );
      await untilSources(
        'the healthy one has caught up with the first, unforeseen time limit',
        SLACK_MS,
        ({ healthy }) => (healthy.lag_seconds ?? Infinity) < 10,
      );
      let longest_lag = 0;
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(250)) {
        longest_lag = Math.max(longest_lag, (await sources()).healthy.lag_seconds ?? Infinity);
      }
      // It would be 17 s and more if it waited for a time limit and its probe.
      expect(longest_lag).toBeLessThan(14);
      const { hanging } = await sources();
      expect(hanging.map(({ status }) => status)).toEqual(['blind', 'blind']);
      expect(hanging[0].last_error).toContain('did not answer');
      expect(hanging[1].last_error).toBe(hanging[0].last_error);
      const { rows } = await db.owner.query<{ blind_since: Date }>(
        `select blind_since from log_sources where source_type = $1`,
        [name],
      );
      for (const { blind_since } of rows)
        expect(blind_since.getTime() - paused_at).toBeLessThan(first_error_ms + 25_000);

      node.resume();
      const resumed_at = Date.now();
      await untilSources('both are read again', 60_000, (of) =>
        of.hanging.every(({ status }) => status === 'ok'),
      );
      // The longest pause of the circuit breaker, and a sweep or two.
      expect(Date.now() - resumed_at).toBeLessThan(10_000 + SLACK_MS);
    }, 240_000);
  });
});
