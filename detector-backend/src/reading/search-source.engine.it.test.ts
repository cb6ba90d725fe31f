import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithEngines, ENGINES } from '../../test/engines.ts';
import {
  createSearchStage,
  ECS_PROPERTIES,
  iso,
  makeDataStream,
  NOON,
  readAll,
  type SearchStage,
} from './search-source-fixture.ts';

describeWithEngines('log sources in a cluster', () => {
  describe.each(ENGINES)('%s', (name) => {
    let stage: SearchStage;
    beforeAll(async () => {
      stage = await createSearchStage(name);
    });
    afterAll(() => stage.close());

    const range = (log_source_id: string, slice_start = NOON, slice_end = NOON + 60_000) => ({
      tenant_id: stage.tenant_id,
      log_source_id,
      slice_start,
      slice_end,
    });
    const servicesById = async () => {
      const { rows } = await stage.db.owner.query<{ id: string; name: string; environment: string }>(
        'select id, name, environment from services',
      );
      return new Map(rows.map((row) => [row.id, `${row.name}/${row.environment}`]));
    };

    test('an ECS data stream is read completely by its index alone, also over a rollover and once event.ingested comes', async () => {
      const stream = `logs-${stage.prefix}.ecs-default`;
      await makeDataStream(stage, stream);
      const id = await stage.addSource({ index: stream });
      const nested = (place: number) => ({
        '@timestamp': iso(NOON + place),
        log: { level: 'WARN' },
        service: { name: 'checkout', environment: 'prod', version: '1.4.2' },
        host: { name: 'web-1' },
        message: `order ${place} of ann@example.org`,
      });
      const dotted = (place: number) => ({
        '@timestamp': NOON + place,
        'log.level': 'error',
        'service.name': 'cart',
        message: `cart ${place}`,
      });
      await stage.write(
        stream,
        Array.from({ length: 1200 }, (_, place) => nested(place)),
      );
      await stage.engine.request({ method: 'POST', path: `/${stream}/_rollover` });
      await stage.write(
        stream,
        Array.from({ length: 600 }, (_, place) => dotted(10_000 + place)),
      );
      // From here on a pipeline of the user's sets event.ingested: late by its clock, not by its time.
      const late = { ...nested(5), event: { ingested: iso(NOON + 40_000) }, message: 'late' };
      await stage.write(stream, [late]);

      expect(await stage.reader.firstIngestedAt(stage.tenant_id, id, NOON - 1000)).toBe(NOON);
      expect(await stage.reader.firstIngestedAt(stage.tenant_id, id, NOON + 20_000)).toBe(NOON + 40_000);
      expect(await stage.reader.countSlice(range(id))).toBe(1801);
      const lines = await readAll(stage.reader, range(id));
      expect(new Set(lines.map((line) => line.event_id)).size).toBe(1801);
      expect(lines.at(-1)).toMatchObject({ message: 'late', timestamp: NOON + 5 });
      const before = lines.slice(0, -1).map((line) => line.timestamp);
      expect(before).toEqual(before.toSorted((a, b) => a - b));

      const services = await servicesById();
      const [first] = lines;
      expect(first).toMatchObject({ severity: 'warn', message: 'order 0 of <email>', release: '1.4.2' });
      expect(services.get(first?.service_id ?? '')).toBe('checkout/prod');
      const cart = lines.filter((line) => services.get(line.service_id) === 'cart/default');
      expect(cart).toHaveLength(600);
      expect(cart[0]).toMatchObject({ severity: 'error', message: 'cart 10000' });
      // Half-open, and read by the cursor: the late one belongs to the slice in which it came.
      expect(await readAll(stage.reader, range(id, NOON, NOON + 10_000))).toHaveLength(1200);
      expect(await stage.reader.countSlice(range(id, NOON + 40_000, NOON + 45_000))).toBe(1);
      // Reading again gives the same lines in the same order.
      expect(await readAll(stage.reader, range(id))).toEqual(lines);
    });

    test('other names are read by naming the fields, and a query leaves documents out', async () => {
      const index = `${stage.prefix}-own-names`;
      await stage.makeIndex(index, {
        when: { type: 'date', format: 'dd/MMM/yyyy:HH:mm:ss||epoch_second' },
        received: { type: 'date_nanos' },
      });
      const at = NOON / 1000;
      await stage.write(index, [
        {
          when: at + 1,
          received: iso(NOON + 2000),
          kube: { app: ['Billing', 'x'] },
          lvl: 3,
          txt: 'one',
          n: 'a',
        },
        {
          when: at + 2,
          received: iso(NOON + 3000).replace('Z', '999999Z'),
          'kube.app': 'billing',
          lvl: 99,
          txt: 'WARN two',
        },
        { when: at + 3, received: iso(NOON + 4000), kube: { app: 'probe' }, txt: 'three' },
      ]);
      const id = await stage.addSource({
        index: `${stage.prefix}-own-*`,
        fields: {
          timestamp: 'when',
          cursor: 'received',
          service: 'kube.app',
          severity: 'lvl',
          message: 'txt',
          source: 'n',
        },
        query: { bool: { must_not: [{ match: { 'kube.app': 'probe' } }] } },
      });
      const lines = await readAll(stage.reader, range(id));
      expect(lines).toMatchObject([
        { timestamp: NOON + 1000, severity: 'error', message: 'one' },
        { timestamp: NOON + 2000, severity: 'warn', message: 'WARN two' },
      ]);
      expect(new Set(lines.map((line) => line.service_id)).size).toBe(1);
      expect(await stage.reader.countSlice(range(id, NOON + 3000, NOON + 4000))).toBe(1);
      expect(await stage.reader.firstIngestedAt(stage.tenant_id, id, NOON)).toBe(NOON + 2000);
      // Mapped by the engine as text: it is its sub-field that can be counted by.
      const lines_of_probe = await stage.reader.tallySlice(
        range(
          await stage.addSource({
            index,
            fields: { timestamp: 'when', service: 'kube.app', severity: 'lvl', cursor: null },
            query: { match: { 'kube.app': 'probe' } },
          }),
        ),
        10_000,
      );
      expect(lines_of_probe).toMatchObject([{ bucket_start: NOON, severity: null, count: 1 }]);
    });

    test('documents without message, service, level or a readable time are lines as well', async () => {
      const index = `${stage.prefix}-odd`;
      await stage.makeIndex(index, {
        ...ECS_PROPERTIES,
        '@timestamp': { type: 'date', ignore_malformed: true },
      });
      const ingested = (place: number) => ({ event: { ingested: iso(NOON + place) } });
      await stage.write(index, [
        { event: { ...ingested(1).event, original: 'raw text' } },
        { ...ingested(2), up: true },
        { ...ingested(3), '@timestamp': 'yesterday', message: 'a' },
        { ...ingested(4), '@timestamp': iso(NOON - 90 * 86_400_000), message: 'ancient' },
        { ...ingested(5), message: 'x'.repeat(1_000_000), service: { name: 'y'.repeat(2000) } },
      ]);
      const id = await stage.addSource({ index });
      const lines = await readAll(stage.reader, range(id));
      expect(lines.map(({ timestamp, message }) => [timestamp - NOON, message.slice(0, 40)])).toEqual([
        [1, 'raw text'],
        [2, `{"event":{"ingested":"${iso(NOON + 2)}"},"up":true}`.slice(0, 40)],
        [3, 'a'],
        [4, 'ancient'],
        [5, 'x'.repeat(40)],
      ]);
      expect(await stage.reader.countSlice(range(id))).toBe(5);
      const tally = await stage.reader.tallySlice(range(id), 10_000);
      expect(tally.reduce((sum, { count }) => sum + count, 0)).toBe(5);
      expect(new Set(tally.map((one) => one.bucket_start))).toEqual(new Set([NOON]));
    });

    describe('a busy slice', () => {
      const PLACES = Array.from({ length: 6000 }, (_, place) => place);
      let id: string;
      beforeAll(async () => {
        const index = `${stage.prefix}-busy`;
        await stage.makeIndex(index, ECS_PROPERTIES, { number_of_shards: 3 });
        const names = ['checkout', 'Checkout', 'cart', undefined, 'billing'];
        await stage.write(
          index,
          PLACES.map((place) => ({
            '@timestamp': iso(NOON + place * 10),
            ...(names[place % 5] && {
              service: { name: names[place % 5], environment: place % 2 ? 'prod' : undefined },
            }),
            ...(place % 3 && { log: { level: place % 3 === 1 ? 'Warning' : 'weird' } }),
            message: `line ${place}`,
          })),
        );
        id = await stage.addSource({ index });
      });

      test('is counted in the cluster as reading it would count', async () => {
        const lines = await readAll(stage.reader, range(id));
        const counted = new Map<string, number>();
        for (const { service_id, timestamp, severity } of lines) {
          const bucket = Math.floor(timestamp / 10_000) * 10_000;
          // A word that means nothing to us is as no word: the line may still say its severity.
          const key = `${service_id} ${bucket} ${severity === 'unknown' ? null : severity}`;
          counted.set(key, (counted.get(key) ?? 0) + 1);
        }
        const tally = await stage.reader.tallySlice(range(id), 10_000);
        const given = tally.map((one) => [
          `${one.service_id} ${one.bucket_start} ${one.severity}`,
          one.count,
        ]);
        expect(Object.fromEntries(given)).toEqual(Object.fromEntries(counted));
      });

      test('is sampled over its whole length, the same lines each time', async () => {
        const sample = await readAll(stage.reader, range(id), 10);
        expect(sample.length).toBeGreaterThan(450);
        expect(sample.length).toBeLessThan(750);
        expect(await readAll(stage.reader, range(id), 10)).toEqual(sample);
        const thirds = [0, 1, 2].map(
          (third) => sample.filter((line) => Math.floor((line.timestamp - NOON) / 20_000) === third).length,
        );
        expect(Math.min(...thirds)).toBeGreaterThan(120);
      });

      test('is split by service without losing or doubling a line, whatever the spelling', async () => {
        const all = await readAll(stage.reader, range(id));
        const services = await servicesById();
        const only = [...new Set(all.map((line) => line.service_id))].filter((service_id) =>
          ['checkout/prod', 'unknown/default'].includes(services.get(service_id)?.toLowerCase() ?? ''),
        );
        expect(only).toHaveLength(2);
        const parts = [{ only }, { except: only }].map((filter) => ({ ...range(id), services: filter }));
        const [own = [], rest = []] = await Promise.all(parts.map((part) => readAll(stage.reader, part)));
        expect(own.length).toBe(2400);
        expect([...own, ...rest].map((line) => line.event_id).sort()).toEqual(
          all.map((line) => line.event_id).sort(),
        );
        for (const [place, part] of parts.entries()) {
          const lines = place === 0 ? own : rest;
          expect(await stage.reader.countSlice(part)).toBe(lines.length);
          const tally = await stage.reader.tallySlice(part, 10_000);
          expect(tally.reduce((sum, { count }) => sum + count, 0)).toBe(lines.length);
        }
        expect(await stage.reader.countSlice({ ...range(id), services: { only: [] } })).toBe(0);
        expect(await stage.reader.countSlice({ ...range(id), services: { except: [] } })).toBe(6000);
      });

      test('gives lines of a service by time', async () => {
        const [first] = await readAll(stage.reader, range(id));
        const query = {
          tenant_id: stage.tenant_id,
          service_id: first?.service_id ?? '',
          from: NOON,
          at: NOON,
          to: NOON + 1000,
          before: 0,
        };
        const { after: lines, unread_sources } = await stage.reader.readAround({ ...query, after: 1000 });
        expect(unread_sources).toEqual([]);
        // checkout and Checkout are one service; its environment alternates.
        expect(lines.map(({ message }) => Number(message.slice(5)))).toEqual(
          PLACES.filter((place) => place < 100 && place % 5 < 2 && place % 2 === 0),
        );
        expect(lines[0]).toEqual({
          timestamp: NOON,
          severity: 'unknown',
          source: expect.any(String) as string,
          message: 'line 0',
        });
        const middle = { ...query, at: lines[8]?.timestamp ?? 0 };
        expect(await stage.reader.readAround({ ...middle, before: 5, after: 3 })).toEqual({
          before: lines.slice(3, 8),
          after: lines.slice(8, 11),
          unread_sources: [],
        });
      });
    });
  });
});
