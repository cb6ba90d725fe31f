import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { CACHE, cachedFolder, isComplete } from './cached-folder.ts';
import { runCommand } from './run-command.ts';

const VERSION = 'v2.40.3';
const PACKAGE = 'github.com/docker/compose/v2/cmd';
const FOLDER = path.join(CACHE, `docker-compose-${VERSION}`);

/** With empty caches of Go, on two cores: 20 s for 500 MB of modules, then 170 s beside other work. */
export const COMPOSE_LIMIT_MS = 10 * 60_000;

/**
 * Words that start Docker Compose: what DOCKER_COMPOSE names, `docker compose`, `docker-compose`, or else the same program,
 * built once by Go (1.24 or newer) into `.cache`. It needs no container engine for `config`.
 * @returns what is missing, where there is none of them
 */
export async function composeCommand(): Promise<{ words: string[] } | { missing: string }> {
  const given = process.env.DOCKER_COMPOSE;
  const candidates = [...(given ? [[given]] : []), ['docker', 'compose'], ['docker-compose']];
  const installed = candidates.find(([program = '', ...words]) => canRun(program, [...words, 'version']));
  if (installed) return { words: installed };
  const built = { words: [path.join(FOLDER, 'docker-compose')] };
  if (isComplete(FOLDER)) return built;
  if (!canRun('go', ['version'])) return { missing: 'docker compose, or Go, which builds it' };
  try {
    await cachedFolder(FOLDER, build);
    return built;
  } catch (error) {
    return { missing: `docker compose, and Go could not build it: ${(error as Error).message}` };
  }
}

const canRun = (program: string, words: string[]): boolean =>
  spawnSync(program, words, { stdio: 'ignore' }).status === 0;

/** Compose's own go.mod says the versions of all else, and Go's checksum database that they are the published ones. */
async function build(scratch: string): Promise<void> {
  const binary = path.join(scratch, 'home', 'docker-compose');
  const module = path.join(scratch, 'module');
  fs.mkdirSync(module);
  const deadline = Date.now() + COMPOSE_LIMIT_MS;
  // Other tests run meanwhile, some of which wait for something with a limit.
  const go = (...words: string[]) =>
    runCommand(['nice', '-n', '10', 'go', ...words], { cwd: module, limit_ms: deadline - Date.now() });
  await go('mod', 'init', 'seismolog.invalid/compose');
  await go('get', `${PACKAGE}@${VERSION}`);
  await go('build', '-o', binary, PACKAGE);
}
