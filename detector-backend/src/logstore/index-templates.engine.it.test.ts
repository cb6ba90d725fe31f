import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithEngines, ENGINES, engineUrl } from '../../test/engines.ts';
import { createIndexInstaller, patternsMeet } from './index-templates.ts';
import { createSearchEngine } from './search-engine-connect.ts';
import { SearchError, type SearchEngine } from './search-engine.ts';

// Names of this file alone on a node that all files share.
const SLUG = 'idx_acme';
const SIBLING = 'idx_acme_eu';
const SLUGS = [SLUG, SIBLING, 'idx_won', 'idx_stream', 'idx_old', 'idx_dry', 'idx_foreign', 'idx_many'];
const DAY = '2026.11.24';

interface Bulk {
  items: { create: { status: number; error?: unknown } }[];
}

const record = (fields: object) => ({
  timestamp: '2026-11-24T10:00:00.000Z',
  '@timestamp': '2026-11-24T10:00:00.000Z',
  ingested_at: '2020-01-01T00:00:00.000Z',
  tenant_id: 't1',
  service_id: 's1',
  service: 'shop',
  source: 'app',
  severity: 'error',
  message: 'payment failed for order 7',
  ...fields,
});

describeWithEngines('index templates on', () => {
  describe.each(ENGINES)('%s', (name) => {
    let engine: SearchEngine;
    const get = <T>(path: string) => engine.request<T>({ method: 'GET', path });
    const put = (path: string, body: object) => engine.request({ method: 'PUT', path, body });
    const remove = (path: string) =>
      engine.request({ method: 'DELETE', path }).catch((error: unknown) => {
        if (!(error instanceof SearchError) || error.status !== 404) throw error;
      });
    const write = (slug: string, documents: Record<string, object>) =>
      engine.request<Bulk>({
        method: 'POST',
        path: `/logs-${slug}-${DAY}/_bulk`,
        query: { refresh: true },
        body: Object.entries(documents)
          .flatMap(([_id, document]) => [{ create: { _id } }, document])
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      });
    const clean = async () => {
      for (const slug of SLUGS) {
        await remove(`/logs-${slug}-${DAY}`);
        await remove(`/_index_template/seismolog-logs-${slug}`);
      }
      await remove('/_index_template/idx-of-somebody-else');
    };

    beforeAll(async () => {
      engine = createSearchEngine({ engine: name, nodes: [engineUrl(name)], request_timeout_ms: 30_000 });
      await clean();
    });
    afterAll(async () => {
      await clean();
      await engine.close();
    });

    it('says what it made, and that nothing changed the second time', async () => {
      const first = await createIndexInstaller(engine).install([SLUG, SIBLING]);
      expect(first.problems).toEqual([]);
      expect(first.objects).toContainEqual({
        kind: 'index_template',
        name: `seismolog-logs-${SLUG}`,
        result: 'created',
      });
      const second = await createIndexInstaller(engine).install([SLUG, SIBLING]);
      expect(second.objects.map(({ name: object }) => object)).toEqual(
        first.objects.map(({ name: object }) => object),
      );
      expect(new Set(second.objects.map(({ result }) => result))).toEqual(new Set(['unchanged']));
    });

    it('names what the engine lacks and what does its work', async () => {
      const { fallbacks, capabilities } = await createIndexInstaller(engine).install([SLUG]);
      const missing = fallbacks.map((fallback) => fallback.missing);
      expect(capabilities.version).toMatch(/^\d+\.\d+/);
      if (name === 'elasticsearch') {
        expect(missing).toEqual([
          'ingest processor "set" with a condition',
          'field type match_only_text',
          'index lifecycle management',
        ]);
      } else expect(missing).toEqual(['field type flattened', 'index state management']);
    });

    it('gives the first document of a day our mapping and settings', async () => {
      await createIndexInstaller(engine).ensureTemplates(SLUG);
      const { items } = await write(SLUG, { e1: record({ unknown_field: { deep: 1 } }) });
      expect(items.map(({ create }) => create.status)).toEqual([201]);
      const index = `logs-${SLUG}-${DAY}`;
      const { [index]: made } = await get<Record<string, IndexDescription>>(`/${index}`);
      expect(made?.mappings.dynamic).toBe('false');
      expect(Object.keys(made?.mappings.properties ?? {})).not.toContain('unknown_field');
      expect(made?.mappings.properties).toMatchObject({
        timestamp: { type: 'date' },
        ingested_at: { type: 'date' },
        service_id: { type: 'keyword' },
        message: { type: name === 'elasticsearch' ? 'text' : 'match_only_text' },
        metadata: { type: name === 'elasticsearch' ? 'flattened' : 'object' },
      });
      expect(made?.settings.index).toMatchObject({ refresh_interval: '1s', number_of_replicas: '0' });
    });

    it("sets ingested_at to the cluster's clock, unless the source is read in log time", async () => {
      const before = Date.now();
      await write(SLUG, { wall: record({}), replayed: record({ is_log_time: true }) });
      const at = async (id: string) => {
        const found = await get<{ _source: { ingested_at: string } }>(`/logs-${SLUG}-${DAY}/_doc/${id}`);
        return Date.parse(found._source.ingested_at);
      };
      expect(await at('replayed')).toBe(Date.parse('2020-01-01T00:00:00.000Z'));
      // Elasticsearch's distribution for tests has no such processor: there the writer's time stays.
      if (name === 'elasticsearch') expect(await at('wall')).toBe(Date.parse('2020-01-01T00:00:00.000Z'));
      else expect(await at('wall')).toBeGreaterThan(before - 5_000);
    });

    it('finds a phrase of a message', async () => {
      await write(SLUG, {
        phrase: record({ message: 'connection to db lost' }),
        words: record({ message: 'lost the db: no connection to it' }),
      });
      const found = await engine.request<{ hits: { hits: { _id: string }[] } }>({
        method: 'POST',
        path: `/logs-${SLUG}-${DAY}/_search`,
        body: { query: { match_phrase: { message: 'connection to db lost' } } },
      });
      expect(found.hits.hits.map(({ _id }) => _id)).toEqual(['phrase']);
    });

    it('stores metadata of any shape', async () => {
      let deep: object = { end: true };
      for (let level = 0; level < 200; level++) deep = { level: deep };
      const wide = Object.fromEntries(
        Array.from({ length: 1000 }, (_, key) => [`key_${key}`, `value ${key}`]),
      );
      const shapes: Record<string, unknown> = {
        number: { code: 1 },
        text: { code: 'one' },
        object: { code: { major: 1, minor: [1, 'two', { three: 3 }] } },
        deep,
        wide,
        long: { stack_trace: 'at com.example.Shop.pay\n'.repeat(4_000) },
        dots: { 'a.b': 1, a: { b: 2 } },
        empty: {},
        nothing: null,
      };
      const documents = Object.entries(shapes).map(([id, metadata]) => [id, record({ metadata })] as const);
      const { items } = await write(SLUG, Object.fromEntries(documents));
      expect(items.flatMap(({ create }) => create.error ?? [])).toEqual([]);
      const kept = await get<{ _source: { metadata: unknown } }>(`/logs-${SLUG}-${DAY}/_doc/deep`);
      expect(kept._source.metadata).toEqual(deep);
    });

    it('leaves alone the indices of a tenant whose slug begins with the same letters', async () => {
      await createIndexInstaller(engine).install([SLUG]);
      await remove(`/_index_template/seismolog-logs-${SIBLING}`);
      await put(`/logs-${SIBLING}-${DAY}`, { mappings: { properties: { message: { type: 'keyword' } } } });
      const { objects } = await createIndexInstaller(engine).install([SLUG]);
      expect(objects.filter(({ kind }) => kind === 'index').map((one) => one.name)).toEqual([
        `logs-${SLUG}-${DAY}`,
      ]);
      const { [`logs-${SIBLING}-${DAY}`]: sibling } = await get<Record<string, IndexDescription>>(
        `/logs-${SIBLING}-${DAY}`,
      );
      expect(sibling?.mappings.properties).toEqual({ message: { type: 'keyword' } });
    });

    it('refuses a slug that would match more than its tenant', async () => {
      for (const slug of ['acme-eu', 'a*', '', 'Acme', 'a'.repeat(41)]) {
        await expect(createIndexInstaller(engine).ensureTemplates(slug)).rejects.toMatchObject({
          code: 'invalid_request',
          field: 'tenant',
        });
      }
    });

    it('adds new fields to indices that exist, and says which can not take our mapping', async () => {
      await put(`/logs-idx_old-${DAY}`, { mappings: { properties: { message: { type: 'keyword' } } } });
      const conflict = await createIndexInstaller(engine).install(['idx_old']);
      expect(conflict.objects.at(-1)).toMatchObject({
        kind: 'index',
        name: `logs-idx_old-${DAY}`,
        result: 'refused',
        note: expect.stringContaining('message') as string,
      });
      await remove(`/logs-idx_old-${DAY}`);
      await put(`/logs-idx_old-${DAY}`, { mappings: { _meta: {} } });
      await put(`/logs-idx_old-${DAY}/_mapping`, {
        _meta: { managed_by: 'seismolog', hash: 'of an older release' },
      });
      const dry = await createIndexInstaller(engine).install(['idx_old'], { dry_run: true });
      expect(dry.objects.at(-1)).toMatchObject({ name: `logs-idx_old-${DAY}`, result: 'updated' });
      const { objects } = await createIndexInstaller(engine).install(['idx_old']);
      expect(objects.at(-1)).toMatchObject({ name: `logs-idx_old-${DAY}`, result: 'updated' });
      const again = await createIndexInstaller(engine).install(['idx_old']);
      expect(again.objects.at(-1)).toMatchObject({ name: `logs-idx_old-${DAY}`, result: 'unchanged' });
    });

    it('says whose template would win over ours, and does not pretend that ours is there', async () => {
      for (const priority of [501, 900]) {
        await put('/_index_template/idx-of-somebody-else', {
          index_patterns: ['logs-idx_won-20*'],
          priority,
        });
        const { problems, objects } = await createIndexInstaller(engine).install(['idx_won']);
        expect(problems).toEqual([
          { slug: 'idx_won', message: expect.stringContaining('idx-of-somebody-else') as string },
        ]);
        expect(objects.map((one) => one.name)).not.toContain('seismolog-logs-idx_won');
        await expect(createIndexInstaller(engine).ensureTemplates('idx_won')).rejects.toMatchObject({
          code: 'log_store_refused',
          message: expect.stringContaining(`idx-of-somebody-else (priority ${priority})`) as string,
        });
      }
      // A wide one of lower priority, like the built-in logs-*-*, is nobody's trouble.
      await put('/_index_template/idx-of-somebody-else', {
        index_patterns: ['logs-idx_won-*'],
        priority: 100,
      });
      expect((await createIndexInstaller(engine).install(['idx_won'])).problems).toEqual([]);
    });

    it('does not overwrite a template of its name that somebody else made', async () => {
      const theirs = { index_patterns: ['logs-idx_foreign-2*'], priority: 10 };
      await put('/_index_template/seismolog-logs-idx_foreign', theirs);
      const { problems } = await createIndexInstaller(engine).install(['idx_foreign']);
      expect(problems[0]?.message).toContain('was not made by Seismolog');
      const { index_templates } = await get<{ index_templates: { index_template: object }[] }>(
        '/_index_template/seismolog-logs-idx_foreign',
      );
      expect(index_templates[0]?.index_template).toMatchObject(theirs);
    });

    // Elasticsearch's distribution for tests makes data streams but can not delete them again.
    if (name === 'opensearch') {
      it('says that a data stream has the name of an index', async () => {
        const stream = `logs-idx_stream-${DAY}`;
        await put('/_index_template/idx-of-somebody-else', {
          index_patterns: ['logs-idx_stream-*'],
          data_stream: {},
        });
        await put(`/_data_stream/${stream}`, {});
        try {
          const { problems } = await createIndexInstaller(engine).install(['idx_stream']);
          expect(problems.map(({ message }) => message)).toContainEqual(
            expect.stringContaining(`${stream} is a data stream`),
          );
          await expect(createIndexInstaller(engine).ensureTemplates('idx_stream')).rejects.toMatchObject({
            code: 'log_store_refused',
          });
        } finally {
          await remove(`/_data_stream/${stream}`);
        }
        await createIndexInstaller(engine).ensureTemplates('idx_stream');
      });
    }

    it('changes nothing in a dry run', async () => {
      const { objects, is_dry_run } = await createIndexInstaller(engine).install(['idx_dry'], {
        dry_run: true,
      });
      expect(is_dry_run).toBe(true);
      expect(objects).toContainEqual({
        kind: 'index_template',
        name: 'seismolog-logs-idx_dry',
        result: 'created',
      });
      await expect(get('/_index_template/seismolog-logs-idx_dry')).rejects.toMatchObject({ status: 404 });
    });

    it('asks once for many writes at a time, and again after a failure', async () => {
      const asked: string[] = [];
      let isAway = true;
      const counting: SearchEngine = {
        name,
        close: () => engine.close(),
        requestText: (request) => engine.requestText(request),
        request: (request) => {
          asked.push(`${request.method} ${request.path}`);
          return isAway ? Promise.reject(new Error('away')) : engine.request(request);
        },
      };
      const installer = createIndexInstaller(counting);
      await expect(installer.ensureTemplates('idx_many')).rejects.toThrow('away');
      isAway = false;
      await Promise.all(Array.from({ length: 20 }, () => installer.ensureTemplates('idx_many')));
      const reads = asked.filter((request) => request === 'GET /_index_template').length;
      expect(reads).toBe(1);
      asked.length = 0;
      await installer.ensureTemplates('idx_many');
      expect(asked).toEqual([]);
      await createIndexInstaller(counting).ensureTemplates('idx_many');
      expect(asked).toEqual(['GET /_index_template/seismolog-logs-idx_many']);
    });
  });
});

interface IndexDescription {
  mappings: { dynamic?: string; properties?: Record<string, { type?: string }> };
  settings: { index: Record<string, unknown> };
}

describe('two index patterns', () => {
  it.each([
    ['logs-*-*', 'logs-acme-2*', true],
    ['logs-acme-2026*', 'logs-acme-2*', true],
    ['*', 'logs-acme-2*', true],
    ['*.24', 'logs-acme-2*', true],
    ['logs-acme-2', 'logs-acme-2*', true],
    ['l*c*-2*x', 'logs-acme-2*', true],
    ['logs-acme_eu-2*', 'logs-acme-2*', false],
    ['logs-acme-1*', 'logs-acme-2*', false],
    ['logs-acme', 'logs-acme-2*', false],
    ['', 'logs-acme-2*', false],
  ])('%s and %s may name the same index: %s', (a, b, expected) => {
    expect(patternsMeet(a, b)).toBe(expected);
    expect(patternsMeet(b, a)).toBe(expected);
  });
});
