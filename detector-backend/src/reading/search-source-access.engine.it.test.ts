import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithEngines, ENGINES } from '../../test/engines.ts';
import {
  createSearchStage,
  ECS_PROPERTIES,
  iso,
  NOON,
  readAll,
  type SearchStage,
} from './search-source-fixture.ts';

/** As our own template maps them. */
const OWN_PROPERTIES = {
  timestamp: { type: 'date' },
  ingested_at: { type: 'date' },
  ...Object.fromEntries(
    ['tenant_id', 'log_source_id', 'service_id', 'service', 'severity', 'source'].map((field) => [
      field,
      { type: 'keyword' },
    ]),
  ),
  message: { type: 'text' },
};

describeWithEngines('what a log source in a cluster may read', () => {
  describe.each(ENGINES)('%s', (name) => {
    let stage: SearchStage;
    beforeAll(async () => {
      stage = await createSearchStage(name);
      const own = `logs-${stage.prefix}acme-2026.01.01`;
      const foreign = `logs-${stage.prefix}other-2026.01.01`;
      await stage.makeIndex(own, OWN_PROPERTIES);
      await stage.makeIndex(foreign, OWN_PROPERTIES);
      const written = (tenant: string, message: string) => ({
        timestamp: iso(NOON + 1000),
        ingested_at: iso(NOON + 2000),
        tenant_id: tenant,
        service: 'checkout',
        severity: 'error',
        source: 'web-1',
        message,
        metadata: { release: '7' },
      });
      const pushed = { log_source_id: randomUUID(), service_id: randomUUID() };
      await stage.write(own, [
        written(stage.tenant_id, 'by Logstash'),
        written(`${stage.prefix}acme`, 'by Logstash with the slug'),
        { ...written(stage.tenant_id, 'by POST /logs'), ...pushed },
      ]);
      await stage.write(foreign, [
        written(stage.other_tenant_id, 'of another tenant'),
        { ...written(stage.other_tenant_id, 'pushed by another tenant'), ...pushed },
      ]);
    });
    afterAll(() => stage.close());

    const range = (log_source_id: string, tenant_id = stage.tenant_id) => ({
      tenant_id,
      log_source_id,
      slice_start: NOON,
      slice_end: NOON + 60_000,
    });

    test('what Logstash wrote into our own indices is read by the preset, what was pushed is not read twice', async () => {
      const index = `logs-${stage.prefix}acme-2*`;
      const id = await stage.addSource({ index, preset: 'seismolog' });
      const lines = await readAll(stage.reader, range(id));
      expect(lines.map((line) => line.message).sort()).toEqual(['by Logstash', 'by Logstash with the slug']);
      expect(lines[0]).toMatchObject({ timestamp: NOON + 1000, severity: 'error', release: '7' });
      expect(await stage.reader.countSlice(range(id))).toBe(2);
    });

    test('a pattern that an operator allowed too widely still gives no document of another tenant', async () => {
      const id = await stage.addSource({ index: `logs-${stage.prefix}*`, preset: 'seismolog' });
      const lines = await readAll(stage.reader, range(id));
      expect(lines.map((line) => line.message).sort()).toEqual(['by Logstash', 'by Logstash with the slug']);
      expect(await stage.reader.firstIngestedAt(stage.tenant_id, id, 0)).toBe(NOON + 2000);
    });

    test('a tenant reads only what the operator allows it, whatever its row says', async () => {
      const allowed = await stage.addSource({ index: `${stage.prefix}-*` });
      const refused = { code: 'forbidden', field: 'connection_config.index' };
      for (const index of [`${stage.prefix}-*`, `logs-${stage.prefix}acme-2*`, `${stage.prefix}-a,secret`]) {
        const id = await stage.addSource({ index }, stage.other_tenant_id);
        const own = range(id, stage.other_tenant_id);
        await expect(readAll(stage.reader, own)).rejects.toMatchObject(refused);
        await expect(stage.reader.countSlice(own)).rejects.toMatchObject(refused);
        await expect(stage.reader.tallySlice(own, 10_000)).rejects.toMatchObject(refused);
        await expect(stage.reader.firstIngestedAt(stage.other_tenant_id, id, 0)).rejects.toMatchObject(
          refused,
        );
      }
      // Nor can a tenant read by naming another tenant's source.
      await expect(stage.reader.countSlice(range(allowed, stage.other_tenant_id))).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    test('a source that can not be read says why', async () => {
      const first = async (config: Parameters<SearchStage['addSource']>[0]) =>
        stage.reader.firstIngestedAt(stage.tenant_id, await stage.addSource(config), NOON);
      const index = `${stage.prefix}-wrong`;
      await stage.makeIndex(index, {
        ...ECS_PROPERTIES,
        when: { type: 'keyword' },
        plain: { type: 'text' },
      });
      await expect(first({ index: `${stage.prefix}-none` })).rejects.toMatchObject({
        field: 'connection_config.index',
        message: expect.stringContaining(`no index "${stage.prefix}-none"`) as string,
      });
      await expect(first({ index: `${stage.prefix}-none-*` })).rejects.toMatchObject({
        message: expect.stringContaining('no index that matches') as string,
      });
      await expect(first({ index, fields: { timestamp: 'nope' } })).rejects.toMatchObject({
        field: 'connection_config.fields.timestamp',
        message: expect.stringContaining('no date field "nope"') as string,
      });
      await expect(first({ index, fields: { cursor: 'when' } })).rejects.toMatchObject({
        code: 'invalid_request',
      });
      const ungrouped = await stage.addSource({ index, fields: { service: 'plain' } });
      await expect(stage.reader.tallySlice(range(ungrouped), 10_000)).rejects.toMatchObject({
        field: 'connection_config.fields.service',
        message: expect.stringContaining('can not be grouped by') as string,
      });
      // An index that is merely empty is no error.
      expect(await first({ index })).toBeNull();
    });

    test('our own sources are read from our own store, and lines of a service come from both', async () => {
      const index = `${stage.prefix}-both`;
      await stage.makeIndex(index, ECS_PROPERTIES);
      await stage.write(index, [
        { '@timestamp': iso(NOON + 2), service: { name: 'both' }, message: 'two' },
        { '@timestamp': iso(NOON + 4), service: { name: 'both' }, message: 'four' },
      ]);
      const [line] = await readAll(stage.reader, range(await stage.addSource({ index })));
      const service_id = line?.service_id ?? '';
      const own = randomUUID();
      await stage.db.owner.query(
        `insert into log_sources (id, tenant_id, name, source_type) values ($1, $2, 'push', 'push')`,
        [own, stage.tenant_id],
      );
      const document = (place: number) => ({
        event_id: randomUUID(),
        timestamp: NOON + place,
        log_source_id: own,
        service_id,
        service: 'both',
        source: 'web-1',
        severity: 'info' as const,
        message: `pushed ${place}`,
        metadata: null,
        ingested_at: NOON + place,
      });
      await stage.log_store.write(stage.tenant_id, [document(1), document(3)]);
      expect(await stage.reader.countSlice(range(own))).toBe(2);
      const query = { tenant_id: stage.tenant_id, service_id, from: NOON, to: NOON + 10 };
      const messages = async (at: number, count: number) => {
        const { before, after } = await stage.reader.readAround({
          ...query,
          at,
          before: count,
          after: count,
        });
        return [before, after].map((lines) => lines.map((one) => one.message));
      };
      expect(await messages(NOON, 10)).toEqual([[], ['pushed 1', 'two', 'pushed 3', 'four']]);
      expect(await messages(NOON + 3, 1)).toEqual([['two'], ['pushed 3']]);
      expect(await messages(NOON + 9, 3)).toEqual([['two', 'pushed 3', 'four'], []]);

      const plain = `${stage.prefix}-plain`;
      await stage.makeIndex(plain, {
        ...ECS_PROPERTIES,
        service: { properties: { name: { type: 'text' } } },
      });
      await stage.db.owner.query(
        'insert into log_source_services (tenant_id, log_source_id, service_id) values ($1, $2, $3)',
        [stage.tenant_id, await stage.addSource({ index: plain }), service_id],
      );
      const around = await stage.reader.readAround({ ...query, at: NOON, before: 0, after: 9 });
      expect(around.after.map(({ message }) => message)).toEqual(['pushed 1', 'two', 'pushed 3', 'four']);
      expect(around.unread_sources).toMatchObject([
        { reason: expect.stringContaining('"service.name" can not be grouped by') as string },
      ]);
    });

    test('lines of services beyond the limit of the tenant are not lost', async () => {
      const small = await createSearchStage(name, { max_services: 2 });
      try {
        const index = `${small.prefix}-many`;
        await small.makeIndex(index, ECS_PROPERTIES);
        const names = ['a', 'b', 'c', 'd'];
        await small.write(
          index,
          names.map((service, place) => ({ '@timestamp': iso(NOON + place), service: { name: service } })),
        );
        const slice = { ...range(await small.addSource({ index })), tenant_id: small.tenant_id };
        const lines = await readAll(small.reader, slice);
        expect(lines).toHaveLength(4);
        const { rows } = await small.db.owner.query<{ name: string }>(
          'select name from services order by name',
        );
        expect(rows.map((row) => row.name)).toContain('unknown');
        expect(rows).toHaveLength(3);
        const tally = await small.reader.tallySlice(slice, 10_000);
        expect(tally.map((one) => one.count).sort()).toEqual([1, 1, 2]);
      } finally {
        await small.close();
      }
    });
  });
});
