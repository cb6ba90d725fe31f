import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

let data_dir: string;
beforeAll(() => {
  data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-config-'));
});
afterAll(() => fs.rmSync(data_dir, { recursive: true }));

const key = Buffer.alloc(32, 7).toString('base64');

test('an empty environment is the embedded mode, with a secret key that is kept', () => {
  const config = loadConfig({ SEISMOLOG_DATA_DIR: data_dir, REDIS_URL: '' });
  expect(config).toMatchObject({
    mode: 'embedded',
    http_port: 3100,
    http_host: '127.0.0.1',
    redis_url: undefined,
  });
  expect(config.allow_private_targets).toEqual(['127.0.0.1']);
  expect(config.secret_key).toHaveLength(32);
  expect(loadConfig({ SEISMOLOG_DATA_DIR: data_dir }).secret_key).toEqual(config.secret_key);
  expect(fs.statSync(path.join(data_dir, 'secret-key')).mode & 0o777).toBe(0o600);
  expect(Object.isFrozen(config)).toBe(true);
});

test('a database URL alone means the full mode', () => {
  const config = loadConfig({
    DATABASE_URL: 'postgres://db/x',
    SEISMOLOG_SECRET_KEY: key,
    SEISMOLOG_HTTP_PORT: '8080',
    SEISMOLOG_ALLOW_PRIVATE_TARGETS: '10.0.0.0/8, hooks:9000',
  });
  expect(config).toMatchObject({
    mode: 'full',
    http_port: 8080,
    allow_private_targets: ['10.0.0.0/8', 'hooks:9000'],
  });
});

test.each([
  [{ SEISMOLOG_HTTP_PORT: '70000' }, /SEISMOLOG_HTTP_PORT must be <= 65535/],
  [{ SEISMOLOG_HTTP_PORT: 'http' }, /SEISMOLOG_HTTP_PORT must be integer/],
  [{ SEISMOLOG_LOG_LEVEL: 'loud' }, /SEISMOLOG_LOG_LEVEL must be one of fatal, error/],
  [{ SEISMOLOG_MODE: 'both' }, /SEISMOLOG_MODE must be one of embedded, full/],
  [{ SEISMOLOG_MODE: 'full' }, /DATABASE_URL is missing/],
  [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL must match pattern/],
  [{ DATABASE_URL: 'postgres://x' }, /SEISMOLOG_SECRET_KEY is missing/],
  [{ SEISMOLOG_SECRET_KEY: 'short' }, /SEISMOLOG_SECRET_KEY must match/],
])('%j stops the start', (env, message) => {
  expect(() => loadConfig(env)).toThrow(message);
});

test('overrides win over the environment', () => {
  const config = loadConfig({ SEISMOLOG_HTTP_PORT: '8080' }, { http_port: 0, data_dir });
  expect(config).toMatchObject({ http_port: 0, data_dir });
});
