import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Git-ignored; what tests download or build once per checkout. */
export const CACHE = path.resolve(import.meta.dirname, '..', '..', '.cache');

/** As long as the longest of the builds below may take. */
const LOCK_LIMIT_MS = 11 * 60_000;

/**
 * A folder that is filled once and then kept: `fill` is given a scratch folder and leaves the content in its `home`. Of
 * several processes one fills, the others wait. What was cut off is begun anew.
 * @throws what `fill` throws
 */
export async function cachedFolder(home: string, fill: (scratch: string) => Promise<void>): Promise<string> {
  if (isComplete(home)) return home;
  fs.mkdirSync(path.dirname(home), { recursive: true, mode: 0o755 });
  const unlock = await lock(`${home}.lock`);
  try {
    if (isComplete(home)) return home;
    console.error(`Fetching ${path.basename(home)} (once) …`);
    const scratch = `${home}.part`;
    for (const dir of [scratch, home]) fs.rmSync(dir, { recursive: true, force: true });
    fs.mkdirSync(scratch, { mode: 0o755 });
    try {
      await fill(scratch);
      fs.renameSync(path.join(scratch, 'home'), home);
    } finally {
      fs.rmSync(scratch, { recursive: true, force: true });
    }
    fs.writeFileSync(stampOf(home), `${new Date().toISOString()}\n`);
    return home;
  } finally {
    unlock();
  }
}

/** Whether the folder was filled to its end. */
export const isComplete = (home: string): boolean => fs.existsSync(stampOf(home));
const stampOf = (home: string) => `${home}.complete`;

/** Waits for its turn among all runs on this machine; the lock of a process that is gone is taken over. */
async function lock(file: string): Promise<() => void> {
  const deadline = Date.now() + LOCK_LIMIT_MS;
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(readIfThere(file));
    // An empty file is one whose owner is about to write its pid.
    if (owner > 0 && !isAlive(owner)) fs.rmSync(file, { force: true });
    else if (Date.now() > deadline) throw new Error(`${file} is held by process ${owner}: remove it`);
    else await sleep(250);
  }
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
