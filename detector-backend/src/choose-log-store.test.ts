import { expect, test } from 'vitest';
import { chooseLogStore } from './choose-log-store.ts';
import { loadConfig } from './platform/config.ts';
import { createDatabase } from './platform/postgres.ts';

const FULL = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
  SEISMOLOG_SECRET_KEY: Buffer.alloc(32).toString('base64'),
};

test('a log store in a cluster that nothing connects to is refused at the start, by the name of its variable', async () => {
  const database = createDatabase({ url: FULL.DATABASE_URL, onError: () => undefined });
  const config = loadConfig({ ...FULL, SEISMOLOG_LOG_STORE: 'opensearch' });
  expect(() => chooseLogStore(config, database, {})).toThrow('OPENSEARCH_URL is missing');
  // Without a word about it, and without a cluster, logs are kept in PostgreSQL, which shows them after two seconds.
  expect(chooseLogStore(loadConfig(FULL), database, {}).read_lag_seconds).toBe(2);
  await database.close();
});
