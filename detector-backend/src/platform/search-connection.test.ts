import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { readableIndices, searchConnection } from './search-connection.ts';

let dir: string;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-connection-'));
});
afterAll(() => fs.rmSync(dir, { recursive: true }));

function file(name: string, content: string): string {
  const place = path.join(dir, name);
  fs.writeFileSync(place, content);
  return place;
}

const connectionsOf = (env: Record<string, string>) =>
  loadConfig({ SEISMOLOG_DATA_DIR: dir, ...env }).connections;

describe.each(['elasticsearch', 'opensearch'] as const)('the connection to %s', (engine) => {
  const PREFIX = engine.toUpperCase();
  const url = { [`${PREFIX}_URL`]: 'https://es:9200' };

  test('there is none without an address, whatever files the other variables name', () => {
    const password = { [`${PREFIX}_PASSWORD_FILE`]: '/nowhere', [`${PREFIX}_CA_FILE`]: '/nowhere' };
    expect(connectionsOf({ [`${PREFIX}_URL`]: '', ...password })).toEqual({});
  });

  test('has the nodes of a list, without slashes at their ends', () => {
    const env = { [`${PREFIX}_URL`]: 'https://a:9200/, http://b:9200' };
    expect(searchConnection(env, engine)[engine]?.nodes).toEqual(['https://a:9200', 'http://b:9200']);
  });

  test.each(['hunter2\n', 'hunter2\r\n', 'hunter2'])('takes a password out of a file (%j)', (content) => {
    const env = { [`${PREFIX}_USERNAME`]: 'w', [`${PREFIX}_PASSWORD_FILE`]: file('password', content) };
    expect(connectionsOf({ ...url, ...env })).toEqual({
      [engine]: {
        engine,
        nodes: ['https://es:9200'],
        username: 'w',
        password: 'hunter2',
        request_timeout_ms: 30_000,
      },
    });
  });

  test('the plain variable wins over the file, which may then be missing', () => {
    const env = { [`${PREFIX}_PASSWORD`]: 'plain', [`${PREFIX}_PASSWORD_FILE`]: path.join(dir, 'missing') };
    expect(connectionsOf({ ...url, ...env })[engine]?.password).toBe('plain');
  });

  test.each(['PASSWORD_FILE', 'CA_FILE'])('%s: a file that is missing or empty stops the start', (name) => {
    const missing = path.join(dir, 'missing');
    const start = (place: string) => () => connectionsOf({ ...url, [`${PREFIX}_${name}`]: place });
    expect(start(missing)).toThrow(`${PREFIX}_${name} names a file that can not be read: ${missing}`);
    const empty = file('empty', '\n');
    expect(start(empty)).toThrow(`${PREFIX}_${name} names an empty file: ${empty}`);
  });

  test('trusts the authorities of its CA file', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----';
    const connection = connectionsOf({ ...url, [`${PREFIX}_CA_FILE`]: file('ca.crt', `${pem}\n`) })[engine];
    expect(connection?.ca).toBe(pem);
  });

  test('waits as long as it is told', () => {
    const name = `${PREFIX}_REQUEST_TIMEOUT_MS`;
    expect(connectionsOf({ ...url, [name]: '5000' })[engine]?.request_timeout_ms).toBe(5000);
    expect(() => connectionsOf({ ...url, [name]: '5' })).toThrow(name);
  });
});

describe('Elastic Cloud', () => {
  const ELASTICSEARCH_CLOUD_ID = `shop:${Buffer.from('host.example$deployment$kibana').toString('base64')}`;

  test('a Cloud ID is an address, and a key comes out of a file as well', () => {
    const ELASTICSEARCH_API_KEY_FILE = file('key', 'a2V5\n');
    expect(connectionsOf({ ELASTICSEARCH_CLOUD_ID, ELASTICSEARCH_API_KEY_FILE })).toEqual({
      elasticsearch: {
        engine: 'elasticsearch',
        nodes: [],
        cloud_id: ELASTICSEARCH_CLOUD_ID,
        api_key: 'a2V5',
        request_timeout_ms: 30_000,
      },
    });
  });

  test.each(['shop', 'shop:', 'https://host.example:9243', 'a:b:c'])(
    '%s is none',
    (ELASTICSEARCH_CLOUD_ID) => {
      expect(() => connectionsOf({ ELASTICSEARCH_CLOUD_ID })).toThrow('ELASTICSEARCH_CLOUD_ID must match');
    },
  );
});

test('readable indices are named by tenant, and a wrong entry is shown', () => {
  expect(readableIndices(' acme = filebeat-*, logs-nginx-* ;beta=logs-b-*;')).toEqual({
    acme: ['filebeat-*', 'logs-nginx-*'],
    beta: ['logs-b-*'],
  });
  expect(readableIndices(undefined)).toEqual({});
  for (const wrong of ['acme', 'acme=', 'Acme=x', '=x'])
    expect(() => readableIndices(wrong)).toThrow(`SEISMOLOG_READABLE_INDICES: "${wrong}"`);
});
