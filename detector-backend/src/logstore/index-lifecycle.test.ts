import { describe, expect, it } from 'vitest';
import { AppError } from '../platform/errors.ts';
import { createIndexInstaller } from './index-templates.ts';
import { SearchError, type SearchEngine, type SearchRequest } from './search-engine.ts';

type Body = Record<string, unknown>;

/**
 * A cluster with lifecycle management, which none that can be started in tests has: it keeps what it is sent and answers in
 * the form that the engines' references give.
 */
function fakeCluster(name: SearchEngine['name'], options: { indices?: string[]; refuses?: RegExp } = {}) {
  const stored = new Map<string, Body>();
  const puts: SearchRequest[] = [];
  const engine: SearchEngine = {
    name,
    close: () => Promise.resolve(),
    requestText: () => Promise.reject(new Error('not here')),
    request: <T>(request: SearchRequest) => {
      const { method, path, body } = request;
      if (options.refuses?.test(`${method} ${path}`)) {
        return Promise.reject(new AppError('log_store_refused', 'refused with 403: no'));
      }
      if (method === 'PUT') {
        puts.push(request);
        stored.set(path, body as Body);
      }
      if (method !== 'GET') return Promise.resolve({} as T);
      const answer = answerTo(path, stored, options.indices ?? []);
      return answer ? Promise.resolve(answer as T) : Promise.reject(new SearchError(404, '', 'not found'));
    },
  };
  return { engine, stored, puts };
}

function answerTo(path: string, stored: Map<string, Body>, indices: string[]): object | null {
  const [, api = '', kind = ''] = path.split('/');
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (path === '/_nodes/_local') return { nodes: { a: { version: '9.9.9' } } };
  if (path === '/_plugins/_ism/policies') return { policies: [], total_policies: 0 };
  if (api === '_resolve') return { indices: indices.map((index) => ({ name: index })), data_streams: [] };
  if (kind === '_mapping') return { [api]: { mappings: {} } };
  if (path === '/_index_template') return { index_templates: [] };
  const found = stored.get(path);
  if (!found) return null;
  if (api === '_index_template') return { index_templates: [{ name, index_template: found }] };
  if (api === '_component_template') return { component_templates: [{ name, component_template: found }] };
  if (api === '_plugins') return { _id: name, _seq_no: 7, _primary_term: 3, ...found };
  return { [name]: found };
}

const TEMPLATE = '/_index_template/seismolog-logs-acme';
const ISM = '/_plugins/_ism/policies/seismolog-logs-';
const componentsOf = (stored: Map<string, Body>) => stored.get(TEMPLATE)?.composed_of as string[];
const resultsOf = (objects: { name: string; result: string }[]) =>
  Object.fromEntries(objects.map(({ name, result }) => [name, result]));

describe('lifecycle of indices', () => {
  it('gives a tenant the ILM policy of its days, and only that one to its indices', async () => {
    const { engine, stored, puts } = fakeCluster('elasticsearch', {
      indices: ['logs-acme-2026.11.24', 'logs-acme-2x'],
    });
    const installer = createIndexInstaller(engine);
    await installer.install(['acme'], { retention_days: 14 });
    const policy = stored.get('/_ilm/policy/seismolog-logs-14d') as unknown as IlmPolicy;
    expect(policy.policy.phases.delete).toEqual({ min_age: '14d', actions: { delete: {} } });
    const component = stored.get('/_component_template/seismolog-logs-ilm-14d');
    expect(component).toMatchObject({
      template: { settings: { index: { lifecycle: { name: 'seismolog-logs-14d' } } } },
    });
    expect(componentsOf(stored)).toContain('seismolog-logs-ilm-14d');
    expect(
      puts.filter(({ path }) => path.endsWith('_settings')).map(({ path, body }) => [path, body]),
    ).toEqual([['/logs-acme-2026.11.24/_settings', { 'index.lifecycle.name': 'seismolog-logs-14d' }]]);
    const { objects } = await installer.install(['acme'], { retention_days: 14 });
    expect(resultsOf(objects)).toMatchObject({
      'seismolog-logs-14d': 'unchanged',
      'seismolog-logs-ilm-14d': 'unchanged',
      'seismolog-logs-acme': 'unchanged',
    });
    await installer.install(['acme'], { retention_days: 30 });
    expect(componentsOf(stored).filter((component) => component.includes('ilm'))).toEqual([
      'seismolog-logs-ilm-30d',
    ]);
  });

  it('gives tenants of different days a policy each, and a foreign one is the problem of its tenant alone', async () => {
    const { engine, stored } = fakeCluster('elasticsearch');
    stored.set('/_ilm/policy/seismolog-logs-30d', { policy: {} });
    const retention_days = new Map([
      ['acme', 14],
      ['beta', 30],
    ]);
    const slugs = ['acme', 'beta', 'gamma'];
    const { problems } = await createIndexInstaller(engine).install(slugs, { retention_days });
    expect(problems).toEqual([
      { slug: 'beta', message: expect.stringContaining('seismolog-logs-30d was not installed') as string },
    ]);
    const policies = slugs.map((slug) =>
      (stored.get(`/_index_template/seismolog-logs-${slug}`)?.composed_of as string[]).at(-1),
    );
    expect(policies).toEqual(['seismolog-logs-ilm-14d', 'seismolog-logs-ilm-30d', 'seismolog-logs-settings']);
  });

  it('keeps the days of a tenant when a later release installs itself before a write', async () => {
    const { engine, stored } = fakeCluster('elasticsearch');
    await createIndexInstaller(engine).install(['acme'], { retention_days: 14 });
    const older = { managed_by: 'seismolog', hash: 'older', release_hash: 'older' };
    stored.set(TEMPLATE, { ...stored.get(TEMPLATE), _meta: older });
    await createIndexInstaller(engine).ensureTemplates('acme');
    expect(stored.get(TEMPLATE)?._meta).not.toEqual(older);
    expect(componentsOf(stored)).toContain('seismolog-logs-ilm-14d');
  });

  it('lengthens a policy that is shorter than the least days, of indices that exist, too; makes and shortens none', async () => {
    const { engine, stored, puts } = fakeCluster('elasticsearch', { indices: ['logs-acme-2026.11.24'] });
    const installer = createIndexInstaller(engine);
    const slugs = ['acme', 'beta', 'gamma'];
    const before = new Map([
      ['acme', 8],
      ['beta', 91],
    ]);
    await installer.install(slugs, { retention_days: before });
    puts.length = 0;
    await installer.install(slugs, { retention_days: new Map(), least_retention_days: 31 });
    const days = slugs.map((slug) =>
      (stored.get(`/_index_template/seismolog-logs-${slug}`)?.composed_of as string[]).at(-1),
    );
    expect(days).toEqual(['seismolog-logs-ilm-31d', 'seismolog-logs-ilm-91d', 'seismolog-logs-settings']);
    expect(stored.has('/_ilm/policy/seismolog-logs-31d')).toBe(true);
    expect(puts.find(({ path }) => path.endsWith('_settings'))).toMatchObject({
      path: '/logs-acme-2026.11.24/_settings',
      body: { 'index.lifecycle.name': 'seismolog-logs-31d' },
    });
  });

  it('lengthens an ISM policy likewise', async () => {
    const { engine, stored } = fakeCluster('opensearch');
    const installer = createIndexInstaller(engine);
    const slugs = ['acme', 'beta', 'gamma'];
    const before = new Map([
      ['acme', 8],
      ['beta', 91],
    ]);
    await installer.install(slugs, { retention_days: before });
    await installer.install(slugs, { least_retention_days: 31 });
    const ages = slugs.map(
      (slug) => /"min_index_age":"(\w+)"/.exec(JSON.stringify(stored.get(`${ISM}${slug}`) ?? {}))?.[1],
    );
    expect(ages).toEqual(['31d', '91d', undefined]);
  });

  it('lets the cluster delete nothing by itself unless days are given', async () => {
    const { engine, stored } = fakeCluster('elasticsearch');
    await createIndexInstaller(engine).ensureTemplates('acme');
    expect([...stored.keys()].filter((path) => path.includes('ilm'))).toEqual([]);
    expect(componentsOf(stored)).toEqual(['seismolog-logs-mappings', 'seismolog-logs-settings']);
  });

  it('writes an ISM policy for the indices of one tenant, and changes it by its sequence number', async () => {
    const { engine, stored, puts } = fakeCluster('opensearch');
    const installer = createIndexInstaller(engine);
    await installer.install(['acme'], { retention_days: 7 });
    const path = `${ISM}acme`;
    expect(stored.get(path)).toMatchObject({
      policy: {
        states: [{ transitions: [{ conditions: { min_index_age: '7d' } }] }, { actions: [{ delete: {} }] }],
        ism_template: [{ index_patterns: ['logs-acme-2*'] }],
      },
    });
    const again = await installer.install(['acme'], { retention_days: 7 });
    expect(again.objects.find(({ kind }) => kind === 'ism_policy')?.result).toBe('unchanged');
    await installer.install(['acme'], { retention_days: 30 });
    expect(puts.filter((put) => put.path === path).map(({ query }) => query)).toEqual([
      undefined,
      { if_seq_no: 7, if_primary_term: 3 },
    ]);
  });

  it.each([0, 401, 1.5, Number.NaN])('refuses %s days', async (retention_days) => {
    const { engine, puts } = fakeCluster('elasticsearch');
    await expect(createIndexInstaller(engine).install(['acme'], { retention_days })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'retention_days',
    });
    expect(puts).toEqual([]);
  });
});

describe('templates of another release', () => {
  it('leaves those of a newer one alone', async () => {
    const { engine, stored, puts } = fakeCluster('elasticsearch');
    stored.set(TEMPLATE, { version: 99, composed_of: [], _meta: { managed_by: 'seismolog', hash: 'newer' } });
    await createIndexInstaller(engine).ensureTemplates('acme');
    expect(puts).toEqual([]);
  });

  it('goes on writing with those of an older one when it may not install', async () => {
    const { engine, stored } = fakeCluster('elasticsearch', { refuses: /_simulate|PUT/ });
    stored.set(TEMPLATE, { version: 1, composed_of: [], _meta: { managed_by: 'seismolog', hash: 'older' } });
    await createIndexInstaller(engine).ensureTemplates('acme');
    stored.delete(TEMPLATE);
    await expect(createIndexInstaller(engine).ensureTemplates('acme')).rejects.toMatchObject({
      code: 'log_store_refused',
    });
  });

  it("takes in the operator's own component where there is one", async () => {
    const { engine, stored } = fakeCluster('opensearch');
    stored.set('/_component_template/seismolog-logs-custom', {
      template: { settings: { number_of_shards: 3 } },
    });
    await createIndexInstaller(engine).install(['acme']);
    expect(componentsOf(stored).at(-1)).toBe('seismolog-logs-custom');
  });
});

interface IlmPolicy {
  policy: { phases: { delete: object } };
}
