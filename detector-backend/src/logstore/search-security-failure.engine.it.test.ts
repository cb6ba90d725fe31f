import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificates } from '../../test/certificates.ts';
import { startEngine, type RunningEngine } from '../../test/engine-process.ts';
import { describeWithOwnEngine } from '../../test/engines.ts';
import { openStage, QUICK, readAll, type Stage } from './search-failure-fixture.ts';

const PASSWORD = 'correct-horse';

describeWithOwnEngine('a log store on Elasticsearch with TLS and passwords', () => {
  let node: RunningEngine;
  let ca: string;
  const stages: Stage[] = [];
  const open = (connection: Parameters<typeof openStage>[2] = {}) => {
    const stage = openStage('elasticsearch', node.url, connection);
    stages.push(stage);
    return stage;
  };
  const as = (username: string, slug = 'acme') =>
    open({ connection: { username, password: PASSWORD, ca }, slug });

  beforeAll(async () => {
    const pems = makeCertificates();
    ca = pems.ca;
    node = await startEngine('elasticsearch', {
      settings: {
        'xpack.security.enabled': 'true',
        'xpack.security.transport.ssl.enabled': 'false',
        'xpack.security.autoconfiguration.enabled': 'false',
        'xpack.security.http.ssl.enabled': 'true',
        'xpack.security.http.ssl.key': 'node.key',
        'xpack.security.http.ssl.certificate': 'node.crt',
      },
      config_files: {
        'node.key': pems.key,
        'node.crt': pems.certificate,
        users: ['all', 'reader', 'nobody'].map((user) => `${user}:${passwordHash()}\n`).join(''),
        users_roles: 'superuser:all\nlog_reader:reader\nnothing:nobody\n',
        'roles.yml': `log_reader: ${JSON.stringify({
          cluster: ['monitor'],
          indices: [{ names: ['logs-*-2*'], privileges: ['read', 'view_index_metadata'] }],
        })}\nnothing: {}\n`,
      },
      java_options: QUICK,
    });
  }, 180_000);
  afterAll(async () => {
    for (const { close } of stages) await close();
    await node?.stop();
  }, 30_000);

  test('writes and reads through TLS with the CA that signed the certificate', async () => {
    const stage = as('all');
    const documents = stage.documents(3);
    expect(await stage.write(documents)).toEqual({ created: 3, duplicates: 0, errors: [] });
    await expect.poll(() => stage.store.countSlice(stage.range), { timeout: 5000 }).toBe(3);
    expect(await readAll(stage)).toHaveLength(3);
    await stage.store.ping();
  });

  test('without the CA nothing is sent, and the message names the setting', async () => {
    const { store } = open({ connection: { username: 'all', password: PASSWORD } });
    await expect(store.ping()).rejects.toThrow(/certificate.*ELASTICSEARCH_CA_FILE/is);
  });

  test('a wrong password, and none, are refused for good, and the message says what to set', async () => {
    const wrong = open({ connection: { username: 'all', password: 'guess', ca }, slug: 'acme' });
    const none = open({ connection: { ca }, slug: 'acme' });
    for (const { store, range, write, document } of [wrong, none]) {
      for (const refused of [() => store.ping(), () => store.countSlice(range), () => write([document(1)])]) {
        const error = await refused().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'log_store_refused', retryable: false });
        expect((error as Error).message).toMatch(/ELASTICSEARCH_(API_KEY|USERNAME|PASSWORD)/);
        expect((error as Error).message).not.toContain('guess');
      }
    }
  });

  test('a user who may only read can not write: refused, and the message names what is missing', async () => {
    const { write, document, store, range } = as('reader');
    const error = await write([document(1)]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'log_store_refused', retryable: false });
    expect((error as Error).message).toMatch(
      /unauthorized for user \[reader\].*roles\/elasticsearch\/log-store\.json/s,
    );
    expect(await store.countSlice(range)).toBeGreaterThanOrEqual(0);
  });

  test('a user without any right can neither count nor read', async () => {
    const stage = as('nobody');
    await expect(stage.store.countSlice(stage.range)).rejects.toMatchObject({ code: 'log_store_refused' });
    await expect(readAll(stage)).rejects.toMatchObject({ code: 'log_store_refused' });
  });
});

/** The form of Elasticsearch's own `users` file. */
function passwordHash(): string {
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(PASSWORD, salt, 10_000, 32, 'sha512');
  return `{PBKDF2}10000$${salt.toString('base64')}$${hash.toString('base64')}`;
}
