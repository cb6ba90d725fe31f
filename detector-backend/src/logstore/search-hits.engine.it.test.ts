import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithEngines, ENGINES, engineUrl } from '../../test/engines.ts';
import { createSearchEngine } from './search-engine-connect.ts';
import { SearchError, type SearchEngine } from './search-engine.ts';
import { composite, countHits, readHits, type Hit, type HitsQuery } from './search-hits.ts';

interface Source {
  place: number;
  kind: string;
  note: string;
}

const asHit = (hit: Hit<Source>) => hit;

const DOCUMENTS = 20_000;
// Days of several shards: places in a shard repeat in every one of them.
const SHARDS = [1, 1, 2, 3];
const ALL = { match_all: {} };
const BY_KIND = [{ kind: { terms: { field: 'kind' } } }];

describeWithEngines('reading hits from', () => {
  describe.each(ENGINES)('%s', (name) => {
    const prefix = `hits-${randomUUID().slice(0, 8)}`;
    const index = `${prefix}-*`;
    let engine: SearchEngine;

    beforeAll(async () => {
      engine = createSearchEngine({ engine: name, nodes: [engineUrl(name)], request_timeout_ms: 30_000 });
      for (const [day, number_of_shards] of SHARDS.entries()) {
        const properties = { place: { type: 'integer' }, kind: { type: 'keyword' } };
        const body = { settings: { number_of_shards, number_of_replicas: 0 }, mappings: { properties } };
        await engine.request({ method: 'PUT', path: `/${prefix}-${day}`, body });
      }
      const lines = Array.from({ length: DOCUMENTS }, (_, place) => {
        // Uneven, so that pages end at another place in every index.
        const day = place % 7 === 0 ? 1 : place % 11 === 0 ? 2 : place % 3 === 0 ? 3 : 0;
        // A note that looks like the end of an answer, in some documents: the next page is asked for by what stands there.
        const note = place % 13 === 0 ? 'x"sort":[1]}]}}' : 'n'.repeat(200);
        const source = JSON.stringify({ place, kind: `kind-${place % 5}`, note });
        return `{"create":{"_index":"${prefix}-${day}","_id":"${place}"}}\n${source}\n`;
      });
      await engine.request({
        method: 'POST',
        path: '/_bulk',
        query: { refresh: true },
        body: lines.join(''),
      });
    }, 60_000);
    afterAll(async () => {
      for (const day of SHARDS.keys()) await engine.request({ method: 'DELETE', path: `/${prefix}-${day}` });
      await engine.close();
    });

    async function idsOf(query: Partial<HitsQuery>): Promise<string[]> {
      const ids: string[] = [];
      const idOf = (hit: Hit<Source>) => hit._id;
      for await (const page of readHits(engine, { index, query: ALL, ...query }, idOf)) ids.push(...page);
      return ids;
    }

    test.each([200, 997, 5000, 10_000])('every document comes once in pages of %i', async (page_size) => {
      const ids = await idsOf({ page_size });
      expect(ids.length).toBe(DOCUMENTS);
      expect(new Set(ids).size).toBe(DOCUMENTS);
    });

    test.each([200, 997, 5000])('so it does from one shard in pages of %i', async (page_size) => {
      const day = { index: `${prefix}-0`, query: ALL };
      const ids = await idsOf({ ...day, page_size });
      expect(ids.length).toBe(await countHits(engine, day));
      expect(new Set(ids).size).toBe(ids.length);
      expect(await idsOf({ ...day, index, page_size, skip_empty_indices: true })).toHaveLength(DOCUMENTS);
    });

    test('long documents after short ones come once each, in pages that fit', async () => {
      const name_of_long = `${prefix}-long`;
      const settings = { number_of_shards: 1, number_of_replicas: 0 };
      const mappings = { enabled: false };
      await engine.request({ method: 'PUT', path: `/${name_of_long}`, body: { settings, mappings } });
      const line = (place: number) => {
        const note = 'n'.repeat(place < 300 ? 10 : 200_000);
        return `{"create":{"_id":"${place}"}}\n${JSON.stringify({ note })}\n`;
      };
      for (let from = 0; from < 700; from += 50) {
        const body = Array.from({ length: 50 }, (_, place) => line(from + place)).join('');
        await engine.request({
          method: 'POST',
          path: `/${name_of_long}/_bulk`,
          query: { refresh: from === 650 },
          body,
        });
      }
      const ids = await idsOf({ index: name_of_long });
      expect([ids.length, new Set(ids).size]).toEqual([700, 700]);
      await engine.request({ method: 'DELETE', path: `/${name_of_long}` });
    }, 30_000);

    test('only what the query finds, with the fields that are asked for', async () => {
      const query = { range: { place: { gte: 10, lt: 13 } } };
      const asked = { index, query, source_fields: ['kind'], fields: ['place'] };
      const found: unknown[] = [];
      for await (const page of readHits(engine, asked, asHit))
        found.push(...page.map(({ _id, _source, fields }) => [_id, _source, fields]));
      expect(found.sort()).toEqual(
        [10, 11, 12].map((place) => [String(place), { kind: `kind-${place % 5}` }, { place: [place] }]),
      );
      expect(await countHits(engine, { index, query })).toBe(3);
    });

    test('a sample is the same each time, and about one of n of each index', async () => {
      const sample = await idsOf({ sample_of: 10 });
      expect((await idsOf({ sample_of: 10, page_size: 300 })).sort()).toEqual([...sample].sort());
      // Ten standard deviations.
      expect(Math.abs(sample.length - DOCUMENTS / 10)).toBeLessThan(430);
      const of_one_day = sample.filter((id) => Number(id) % 7 === 0).length;
      expect(Math.abs(of_one_day - DOCUMENTS / 70)).toBeLessThan(160);
    });

    test('a pattern without an index has no hits; a name without one is an error', async () => {
      const nothing = { index: `${prefix}none-*`, query: ALL };
      expect(await idsOf(nothing)).toEqual([]);
      expect(await countHits(engine, nothing)).toBe(0);
      for await (const page of composite(engine, { ...nothing, sources: BY_KIND })) expect(page).toEqual([]);
      const failure = await idsOf({ index: `${prefix}none` }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(SearchError);
      expect(failure).toMatchObject({ status: 404 });
    });

    test('a reader that stops early, or is told to, leaves nothing open', async () => {
      for await (const page of readHits(engine, { index, query: ALL, page_size: 500 }, asHit)) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
      const stop = new AbortController();
      const read = async () => {
        const asked = { index, query: ALL, page_size: 500, signal: stop.signal };
        for await (const _page of readHits(engine, asked, asHit)) stop.abort();
      };
      await expect(read()).rejects.toMatchObject({ code: 'log_store_unavailable' });
      const path = `/${index}/_stats/search`;
      await expect
        .poll(async () => {
          const stats = await engine.request<{ _all: { total: { search: { open_contexts: number } } } }>({
            method: 'GET',
            path,
          });
          return stats._all.total.search.open_contexts;
        })
        .toBe(0);
    });

    test('a composite aggregation is exact over its pages', async () => {
      const counts = new Map<string, number>();
      let pages = 0;
      const asked = { index, query: ALL, sources: BY_KIND, page_size: 2 };
      for await (const page of composite<{ kind: string }>(engine, asked)) {
        pages += 1;
        for (const { key, doc_count } of page) counts.set(key.kind, doc_count);
      }
      expect(pages).toBe(3);
      expect([...counts]).toEqual([0, 1, 2, 3, 4].map((kind) => [`kind-${kind}`, DOCUMENTS / 5]));
    });
  });
});
