import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { createLogger } from './logger.ts';

const logger = createLogger({ level: 'silent' });
let home: string;
beforeEach(() => {
  // 0700: as root, `nobody` can not walk here and a user namespace is taken.
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-embedded-'));
});
afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

const query = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

test.each([0o700, 0o755])(
  'data survive a restart below a folder of mode %o, and a wrong password is refused',
  async (mode) => {
    fs.chmodSync(home, mode);
    const dir = path.join(home, 'data', 'pg');
    const first = await startEmbeddedPostgres({ dir, fsync: false, logger });
    await query(first.owner_url, 'create table kept (id int); insert into kept values (7)');
    const wrong = new URL(first.app_url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    await first.stop();
    const second = await startEmbeddedPostgres({ dir, fsync: false, logger });
    expect(await query(second.owner_url, 'select id from kept')).toEqual([{ id: 7 }]);
    await expect(query(second.app_url, 'select id from kept')).rejects.toThrow(/permission denied/);
    await second.stop();
  },
);

test.runIf(process.platform === 'linux')(
  'the server ends with a killed parent, and the next start takes over',
  async () => {
    const dir = path.join(home, 'pg');
    const script = fileURLToPath(new URL('../../test/embedded-postgres-child.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise<string>((resolve) =>
      child.stdout.once('data', (line) => resolve(String(line).trim())),
    );
    child.kill('SIGKILL');
    const next = await startEmbeddedPostgres({ dir, fsync: false, logger });
    await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await next.stop();
  },
);
