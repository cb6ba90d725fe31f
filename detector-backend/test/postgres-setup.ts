import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts';
import { createLogger } from '../src/platform/logger.ts';
import { migrate } from '../src/platform/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    owner_url: string;
    app_url: string;
  }
}

const PREFIX = 'seismolog-test-';

/** One PostgreSQL per run, only when a file of the run asks for it; its database `seismolog` is the template of all test databases. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // Vitest keeps the file names of its command line in a field that its types hide.
  const { filenamePattern } = project.vitest as { filenamePattern?: string[] };
  const { testFiles } = await project.globTestFiles(filenamePattern);
  if (!testFiles.some((file) => file.endsWith('.it.test.ts'))) return undefined;
  removeLeftovers();
  const home = path.join(os.tmpdir(), `${PREFIX}${process.pid}`);
  fs.mkdirSync(home, { mode: 0o755 });
  const postgres = await startEmbeddedPostgres({
    dir: path.join(home, 'pg'),
    fsync: false,
    logger: createLogger({ level: 'silent' }),
  });
  await migrate({ owner_url: postgres.owner_url });
  project.provide('owner_url', postgres.owner_url);
  project.provide('app_url', postgres.app_url);
  return async () => {
    await postgres.stop();
    fs.rmSync(home, { recursive: true, force: true });
  };
}

/** A run that was killed could not remove its folder; its server is gone with it. */
function removeLeftovers(): void {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) {
      fs.rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
