import { spawn } from 'node:child_process';

const KEPT_CHARACTERS = 4000;

/**
 * Runs a program to its end, without input, while this process goes on.
 * @throws Error with the end of what it printed when it can not be started, fails, or takes longer than `limit_ms`
 */
export async function runCommand(
  [program = '', ...words]: readonly string[],
  { cwd, limit_ms }: { cwd: string; limit_ms: number },
): Promise<void> {
  const child = spawn(program, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: limit_ms });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-KEPT_CHARACTERS)));
  }
  const end = await new Promise<unknown>((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, signal) => resolve(code ?? `${signal}, after at most ${limit_ms / 1000} s`));
  });
  if (end !== 0) throw new Error(`${program} failed (${String(end)}): ${output.trim()}`);
}
