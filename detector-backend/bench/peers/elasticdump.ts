import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endedChildrenCpu, processCpu, since, type Cost, type EngineNode } from '../engine-node.ts';

const VERSION = '6.125.1';
export const ELASTICDUMP = `elasticdump ${VERSION}`;
const HOME = fileURLToPath(new URL('../../../.cache/peers/elasticdump/', import.meta.url));
const PROGRAM = path.join(HOME, 'node_modules', 'elasticdump', 'bin', 'elasticdump');

/** Installs the pinned version into `.cache/peers/elasticdump` when it is missing. */
export async function installElasticdump(say: (text: string) => void): Promise<void> {
  const manifest = path.join(HOME, 'node_modules', 'elasticdump', 'package.json');
  const present = fs.existsSync(manifest) && (JSON.parse(fs.readFileSync(manifest, 'utf8')) as object);
  if (present && 'version' in present && present.version === VERSION) return;
  say(`Installing ${ELASTICDUMP} into .cache/peers …`);
  fs.mkdirSync(HOME, { recursive: true });
  fs.writeFileSync(path.join(HOME, 'package.json'), '{"private":true}\n');
  const words = ['install', '--prefix', HOME, '--no-audit', '--no-fund', `elasticdump@${VERSION}`];
  await promisify(execFile)('npm', words, { cwd: HOME });
}

/**
 * Reads an index into a file. The time counts from its first word to its end, so without the start of Node; the CPU time is
 * that of the whole process. Throws unless the file has every one of `documents` once.
 */
export async function runElasticdump(
  node: EngineNode,
  asked: { input: string; file: string; options: readonly string[]; documents: number },
): Promise<Cost> {
  fs.rmSync(asked.file, { force: true });
  const words = [
    PROGRAM,
    `--input=${asked.input}`,
    `--output=${asked.file}`,
    '--type=data',
    ...asked.options,
  ];
  const cpu_before = endedChildrenCpu();
  const engine_before = processCpu(node.process.pid);
  const seconds = await secondsOf(words);
  const engine_cpu = since(engine_before, processCpu(node.process.pid));
  const own_cpu = since(cpu_before, endedChildrenCpu()) ?? NaN;
  const ids = await idsOf(asked.file);
  if (ids.lines !== asked.documents || ids.unique !== asked.documents) {
    throw new Error(`${ELASTICDUMP} wrote ${ids.lines} lines with ${ids.unique} ids of ${asked.documents}`);
  }
  fs.rmSync(asked.file);
  return { seconds, own_cpu, engine_cpu };
}

async function secondsOf(words: string[]): Promise<number> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let started = 0;
  let said = '';
  const hear = (chunk: Buffer) => {
    if (started === 0 && chunk.toString().includes('starting dump')) started = performance.now();
    said = `${said}${chunk.toString()}`.slice(-2000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0 || started === 0) throw new Error(`${ELASTICDUMP} ended with ${code}:\n${said}`);
  return (performance.now() - started) / 1000;
}

async function idsOf(file: string): Promise<{ lines: number; unique: number }> {
  const ids = new Set<string>();
  let lines = 0;
  for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) {
    if (line === '') continue;
    lines += 1;
    ids.add(/"_id":"([^"]+)"/.exec(line)?.[1] ?? '');
  }
  return { lines, unique: ids.size };
}
