import { pbkdf2Sync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEngine, type RunningEngine } from '../../test/engine-process.ts';
import { describeWithOwnEngine } from '../../test/engines.ts';
import { createIndexInstaller } from './index-templates.ts';
import { createSearchEngine } from './search-engine-connect.ts';
import type { SearchEngine } from './search-engine.ts';

const ROLES = ['reader', 'writer', 'log-store', 'installer'] as const;
type Role = (typeof ROLES)[number];
const PASSWORD = 'correct-horse';
const INDEX = '/logs-acme-2026.11.24';
const REFUSED = { code: 'log_store_refused' };
const DOCUMENT = { timestamp: '2026-11-24T10:00:00Z', message: 'hello' };
const roleText = (role: Role) =>
  fs.readFileSync(
    new URL(`../../../provisioning/elasticsearch/roles/elasticsearch/${role}.json`, import.meta.url),
    'utf8',
  );

// The form of Elasticsearch's own `users` file.
function passwordHash(): string {
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(PASSWORD, salt, 10_000, 32, 'sha512');
  return `{PBKDF2}10000$${salt.toString('base64')}$${hash.toString('base64')}`;
}

describeWithOwnEngine('the role files of provisioning/elasticsearch on Elasticsearch with security', () => {
  let node: RunningEngine;
  const connections: SearchEngine[] = [];
  const as = (role: Role) => {
    const engine = createSearchEngine({
      engine: 'elasticsearch',
      nodes: [node.url],
      username: role,
      password: PASSWORD,
      request_timeout_ms: 30_000,
    });
    connections.push(engine);
    return engine;
  };
  /** Status of one document's creation; a bulk request is refused as a whole or by its item. */
  const create = async (role: Role, path: string): Promise<number | undefined> => {
    const body = `{"create":{}}\n${JSON.stringify(DOCUMENT)}\n`;
    try {
      const answer = await as(role).request<{ items: { create: { status: number } }[] }>({
        method: 'POST',
        path: `${path}/_bulk`,
        query: { refresh: 'wait_for' },
        body,
      });
      return answer.items[0]?.create.status;
    } catch (error) {
      expect(error).toMatchObject(REFUSED);
      return 403;
    }
  };

  beforeAll(async () => {
    node = await startEngine('elasticsearch', {
      settings: {
        'xpack.security.enabled': 'true',
        'xpack.security.transport.ssl.enabled': 'false',
        'xpack.security.autoconfiguration.enabled': 'false',
      },
      config_files: {
        users: ROLES.map((role) => `${role}:${passwordHash()}\n`).join(''),
        users_roles: ROLES.map((role) => `${role}:${role}\n`).join(''),
        // JSON in one line is YAML.
        'roles.yml': ROLES.map((role) => `${role}: ${JSON.stringify(JSON.parse(roleText(role)))}\n`).join(''),
      },
      java_options: ['-XX:TieredStopAtLevel=1'],
    });
  }, 180_000);
  afterAll(async () => {
    for (const engine of connections) await engine.close();
    await node?.stop();
  }, 30_000);

  it('lets nobody but the installer install, and says which right and role are missing', async () => {
    for (const role of ['writer', 'log-store'] as const) {
      await expect(createIndexInstaller(as(role)).ensureTemplates('acme')).rejects.toMatchObject({
        code: 'log_store_refused',
        message: expect.stringMatching(
          /manage_index_templates.*elasticsearch\/installer\.json.*install-index-templates/s,
        ) as string,
      });
    }
    const { problems, objects } = await createIndexInstaller(as('installer')).install(['acme']);
    expect(problems).toEqual([]);
    expect(objects.at(-1)).toMatchObject({ name: 'seismolog-logs-acme', result: 'created' });
  });

  it('lets the writer see that all is installed, and create documents, but neither read nor delete', async () => {
    await createIndexInstaller(as('writer')).ensureTemplates('acme');
    expect(await create('writer', INDEX)).toBe(201);
    await expect(as('writer').request({ method: 'GET', path: `${INDEX}/_search` })).rejects.toMatchObject(
      REFUSED,
    );
    await expect(as('writer').request({ method: 'DELETE', path: INDEX })).rejects.toMatchObject(REFUSED);
    expect(await create('writer', '/other-2026.11.24')).toBe(403);
    // Where Logstash puts what Elasticsearch refused (90-dead-letter), which nobody else may see.
    expect(await create('writer', '/seismolog-dead-letter-2026.11')).toBe(201);
    for (const role of ['writer', 'reader', 'log-store'] as const) {
      const seen = as(role).request({ method: 'GET', path: '/seismolog-dead-letter-2026.11/_count' });
      await expect(seen).rejects.toMatchObject(REFUSED);
    }
  });

  it('lets the reader read through a point in time, but not write', async () => {
    const { id } = await as('reader').request<{ id: string }>({
      method: 'POST',
      path: '/logs-acme-2*/_pit',
      query: { keep_alive: '1m' },
    });
    const found = await as('reader').request<{ hits: { hits: object[] } }>({
      method: 'POST',
      path: '/_search',
      body: { pit: { id }, sort: ['_shard_doc'] },
    });
    expect(found.hits.hits).toHaveLength(1);
    expect(await create('reader', INDEX)).toBe(403);
  });

  it('lets the log store write, read and delete expired days, and nothing of others', async () => {
    await createIndexInstaller(as('log-store')).ensureTemplates('acme');
    expect(await create('log-store', INDEX)).toBe(201);
    const { count } = await as('log-store').request<{ count: number }>({
      method: 'GET',
      path: `${INDEX}/_count`,
    });
    expect(count).toBe(2);
    await as('log-store').request({ method: 'DELETE', path: INDEX });
    await expect(as('log-store').request({ method: 'GET', path: '/other/_count' })).rejects.toMatchObject(
      REFUSED,
    );
  });

  it('lets the installer change mappings of indices, but see no document', async () => {
    await create('log-store', INDEX);
    const { objects } = await createIndexInstaller(as('installer')).install(['acme']);
    expect(objects.at(-1)).toEqual({ kind: 'index', name: INDEX.slice(1), result: 'unchanged' });
    await as('installer').request({ method: 'PUT', path: `${INDEX}/_mapping`, body: { _meta: {} } });
    const updated = await createIndexInstaller(as('installer')).install(['acme']);
    expect(updated.objects.at(-1)).toMatchObject({ kind: 'index', result: 'updated' });
    await expect(as('installer').request({ method: 'GET', path: `${INDEX}/_search` })).rejects.toMatchObject(
      REFUSED,
    );
  });
});

it('API key requests carry the rights of the role files', () => {
  for (const role of ROLES) {
    const file = new URL(`../../../provisioning/elasticsearch/api-keys/${role}.json`, import.meta.url);
    const request = JSON.parse(fs.readFileSync(file, 'utf8')) as { role_descriptors: object };
    expect(request.role_descriptors).toEqual({ [role]: JSON.parse(roleText(role)) as object });
  }
});

it('the roles of OpenSearch are for the same indices', () => {
  for (const role of ROLES) {
    const file = new URL(
      `../../../provisioning/elasticsearch/roles/opensearch/${role}.json`,
      import.meta.url,
    );
    const opensearch = JSON.parse(fs.readFileSync(file, 'utf8')) as {
      index_permissions: { index_patterns: string[] }[];
    };
    const elasticsearch = JSON.parse(roleText(role)) as { indices: { names: string[] }[] };
    expect(opensearch.index_permissions.flatMap(({ index_patterns }) => index_patterns)).toEqual(
      elasticsearch.indices.flatMap(({ names }) => names),
    );
  }
});
