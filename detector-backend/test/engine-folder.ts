import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CACHE } from './cached-folder.ts';

const NOBODY = 65_534;

/** Both engines refuse to run as root: `nobody` runs them then; any other user runs them itself. */
export const runsAsNobody = process.getuid?.() === 0;

/** Command words before an engine's own: drop root, and end with the parent however that ends (Linux). */
export function launchPrefix(): string[] {
  const has_setpriv = process.platform === 'linux' && spawnSync('setpriv', ['--version']).status === 0;
  if (!has_setpriv) return [];
  const drop = runsAsNobody ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  return ['setpriv', ...drop, '--pdeathsig', 'TERM'];
}

/** Spawn options that drop root where `setpriv` is missing. */
export function spawnUser(prefix: string[]): { uid?: number; gid?: number } {
  return runsAsNobody && prefix.length === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

/** Makes a folder that the engine's user owns. */
export function makeOwnFolder(dir: string): void {
  fs.mkdirSync(dir, { recursive: true, mode: 0o755 });
  if (runsAsNobody) fs.chownSync(dir, NOBODY, NOBODY);
}

/** Writes a file that the engine's user owns and only it reads. */
export function writeOwnFile(file: string, content: string | Buffer): void {
  fs.writeFileSync(file, content, { mode: 0o600 });
  if (runsAsNobody) fs.chownSync(file, NOBODY, NOBODY);
}

let cache: string | undefined;

/**
 * Folder of the downloads: `.cache/engines` of the repository, or one below the temporary folder where the engine's user
 * can not walk to the repository (a checkout in root's home, or below a folder of mode 0700).
 */
export function cacheFolder(): string {
  cache ??= chooseCacheFolder();
  return cache;
}

function chooseCacheFolder(): string {
  const usual = path.join(CACHE, 'engines');
  fs.mkdirSync(usual, { recursive: true, mode: 0o755 });
  if (canEnter(usual)) return usual;
  const other = path.join(os.tmpdir(), `seismolog-engines-${process.getuid?.() ?? 0}`);
  fs.mkdirSync(other, { recursive: true, mode: 0o755 });
  if (fs.lstatSync(other).uid !== process.getuid?.()) {
    throw new Error(`${other} belongs to somebody else: remove it, it is where the engines are kept`);
  }
  if (!canEnter(other)) {
    throw new Error(`user nobody, who runs the engines, can enter neither ${usual} nor ${other}: set TMPDIR`);
  }
  console.error(`User nobody can not enter ${CACHE}: the engines are kept in ${other}`);
  return other;
}

function canEnter(dir: string): boolean {
  if (!runsAsNobody) return true;
  return spawnSync('test', ['-x', dir], { uid: NOBODY, gid: NOBODY, cwd: '/' }).status === 0;
}
