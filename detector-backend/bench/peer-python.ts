import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = path.dirname(fileURLToPath(import.meta.url));
const VENV = path.resolve(HERE, '../../.cache/peers');
const REQUIREMENTS = path.join(HERE, 'requirements.txt');

export const DRAIN3 = 'drain3 0.9.11';

/**
 * The Python of the virtual environment `.cache/peers` with the pinned packages of `requirements.txt`, installed when
 * missing. It is made with the system's Python (`PYTHON` overrides): others on the path may be built without
 * optimisation and slower, which would flatter us.
 */
async function peerPython(say: (text: string) => void): Promise<string> {
  const python = path.join(VENV, 'bin', 'python');
  const stamp = path.join(VENV, 'installed');
  const wanted = createHash('sha256').update(fs.readFileSync(REQUIREMENTS)).digest('hex');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return python;
  const system = fs.existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  say('Installing the peers into .cache/peers …');
  await run(process.env.PYTHON ?? system, ['-m', 'venv', VENV]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS]);
  fs.writeFileSync(stamp, wanted);
  return python;
}

/** Runs a script of `bench/peers`; gives the JSON object that is the last line of its output. */
export async function runPeer<Result>(
  script: string,
  words: string[],
  say: (text: string) => void,
): Promise<Result> {
  const python = await peerPython(say);
  const { stdout } = await run(python, [path.join(HERE, 'peers', script), ...words], {
    maxBuffer: 1 << 30,
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Result;
}
