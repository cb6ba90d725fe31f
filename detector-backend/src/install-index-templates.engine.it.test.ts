import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { describeWithEngines, ENGINES, engineUrl } from '../test/engines.ts';
import { freePort } from '../test/free-port.ts';
import { installIndexTemplates } from './install-index-templates.ts';
import { scriptedEngine } from './logstore/scripted-engine-fixture.ts';
import { loadConfig } from './platform/config.ts';

const SECRET = { secret_key: Buffer.alloc(32) };
const SLUGS = ['cmd_one', 'cmd_two', 'cmd_won'];

async function run(argv: string[], environment: Record<string, string | undefined>): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  await installIndexTemplates(argv, loadConfig(environment, SECRET), stdout);
  return text;
}

describeWithEngines('install-index-templates on', () => {
  describe.each(ENGINES)('%s', (name) => {
    const connection = () => ({ [`${name.toUpperCase()}_URL`]: engineUrl(name) });
    const api = (method: string, path: string, body?: object) =>
      fetch(`${engineUrl(name)}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    const clean = async () => {
      for (const slug of SLUGS) await api('DELETE', `/_index_template/seismolog-logs-${slug}`);
      await api('DELETE', '/_index_template/cmd-of-somebody-else');
    };
    beforeAll(clean);
    afterAll(clean);

    it('prints a table of what it did', async () => {
      const argv = ['--tenant', 'cmd_one', '--tenant', 'cmd_two'];
      const dry = await run([...argv, '--dry-run'], connection());
      expect(dry).toMatch(/dry run: nothing is changed/);
      expect(dry).toMatch(/created +index template +seismolog-logs-cmd_one/);
      expect((await api('GET', '/_index_template/seismolog-logs-cmd_one')).status).toBe(404);
      const first = await run(argv, connection());
      expect(first).toMatch(new RegExp(`^${name} at http://127.0.0.1:\\d+, version \\d`));
      expect(first).toMatch(/created +index template +seismolog-logs-cmd_one/);
      expect(first).toMatch(/created +index template +seismolog-logs-cmd_two/);
      expect(first).toMatch(/without index \w+ management: expired days are deleted by the worker/);
      expect(await run(argv, connection())).not.toMatch(/created|updated/);
    });

    it('prints one object as JSON', async () => {
      const report = JSON.parse(await run(['--tenant', 'cmd_one', '--json'], connection())) as object;
      expect(report).toMatchObject({ engine: name, problems: [], is_dry_run: false });
    });

    it('fails with the reason when the template of a tenant can not work', async () => {
      const theirs = { index_patterns: ['logs-cmd_won-*'], priority: 700 };
      await api('PUT', '/_index_template/cmd-of-somebody-else', theirs);
      await expect(run(['--tenant', 'cmd_won'], connection())).rejects.toThrow(
        /Tenant cmd_won: .*cmd-of-somebody-else \(priority 700\)/,
      );
    });

    it('says which cluster does not answer', async () => {
      const url = `http://someone:secret@127.0.0.1:${await freePort()}`;
      const failed = run(['--tenant', 'cmd_one'], { [`${name.toUpperCase()}_URL`]: url });
      await expect(failed).rejects.toThrow(new RegExp(`^${name} at http://127\\.0\\.0\\.1:\\d+: `));
      await expect(failed).rejects.not.toThrow(/secret/);
    });
  });

  it('takes the tenants of the database when none is named', async () => {
    const test: TestDatabase = await createTestDatabase();
    try {
      const argv = ['--dry-run', '--json'];
      const report = await run(argv, {
        DATABASE_URL: test.app_url,
        OPENSEARCH_URL: engineUrl('opensearch'),
      });
      expect(report).toContain('"seismolog-logs-acme"');
    } finally {
      await test.close();
    }
  });
});

describe('without days, the terms of tenants in the database decide', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
    await test.owner.query(
      "insert into tenants (slug, name, log_retention_days) values ('kept', 'Kept', 14), ('short', 'Short', 1)",
    );
  });
  afterAll(() => test.close());

  /** Policies that a cluster with ILM is asked to make; it takes everything, and has at most a template of the tenant `acme`. */
  async function policiesOf(
    argv: string[],
    database_url: string,
    { acme_days, environment }: { acme_days?: number; environment?: Record<string, string> } = {},
  ): Promise<string[]> {
    const _meta = { managed_by: 'seismolog' };
    const template = { index_patterns: [], composed_of: [`seismolog-logs-ilm-${acme_days}d`], _meta };
    const cluster = await scriptedEngine('elasticsearch', ({ method, path }) => {
      if (method !== 'GET') return { status: 200, body: {} };
      if (acme_days !== undefined && path === '/_index_template/seismolog-logs-acme')
        return { status: 200, body: { index_templates: [{ name: 'acme', index_template: template }] } };
      return path === '/_nodes/_local' ? { status: 200, body: { nodes: {} } } : { status: 404, body: {} };
    });
    try {
      await run(argv, { DATABASE_URL: database_url, ELASTICSEARCH_URL: cluster.url, ...environment });
      return cluster.requests
        .filter(({ method, path }) => method === 'PUT' && path.startsWith('/_ilm/policy/'))
        .map(
          ({ path, body }) => `${path.slice('/_ilm/policy/'.length)} ${/"min_age":"(\d+d)"/.exec(body)?.[1]}`,
        );
    } finally {
      await cluster.close();
    }
  }

  it('an index goes a day after the term, counted from its making; a tenant without a term gets no policy', async () => {
    const policies = ['seismolog-logs-15d 15d', 'seismolog-logs-2d 2d'];
    expect(await policiesOf([], test.app_url)).toEqual(policies);
    expect(await policiesOf(['--tenant', 'kept'], test.app_url)).toEqual(policies.slice(0, 1));
    expect(await policiesOf(['--tenant', 'acme'], test.app_url)).toEqual([]);
  });

  it('a tenant that went back to the term of the installation does not keep the shorter policy of its own one', async () => {
    const environment = { SEISMOLOG_LOG_RETENTION_DAYS: '30' };
    const ofAcme = (acme_days: number) =>
      policiesOf(['--tenant', 'acme'], test.app_url, { acme_days, environment });
    expect(await ofAcme(8)).toEqual(['seismolog-logs-31d 31d']);
    expect(await ofAcme(91)).toEqual([]);
  });

  it('days that are given win, and need no database for tenants that are named', async () => {
    const argv = ['--tenant', 'kept', '--retention-days', '30'];
    expect(await policiesOf(argv, 'postgres://nobody@127.0.0.1:1/none')).toEqual(['seismolog-logs-30d 30d']);
    expect(await policiesOf(['--retention-days', '30'], test.app_url)).toEqual(['seismolog-logs-30d 30d']);
  });
});

describe('install-index-templates', () => {
  const environment = { ELASTICSEARCH_URL: 'http://127.0.0.1:1' };
  it.each([
    ['no cluster', [], {}, /set ELASTICSEARCH_URL or OPENSEARCH_URL/],
    [
      'the cluster of the log store',
      [],
      { ...environment, SEISMOLOG_LOG_STORE: 'opensearch' },
      /OPENSEARCH_URL/,
    ],
    ['no tenant', [], environment, /--tenant SLUG, or set DATABASE_URL/],
    ['a slug with a hyphen', ['--tenant', 'a-b'], environment, /"a-b" is not a tenant slug/],
    ['days that are none', ['--tenant', 'a', '--retention-days', 'x'], environment, /whole number/],
    ['an unknown option', ['--rollover'], environment, /rollover/],
  ])('says what is wrong: %s', async (_title, argv, given, message) => {
    await expect(run(argv, given)).rejects.toThrow(message);
  });

  it('explains itself', async () => {
    expect(await run(['--help'], {})).toMatch(/--retention-days N/);
  });
});
