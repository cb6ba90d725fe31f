import fs from 'node:fs';
import { createSearchEngine } from '../src/logstore/search-engine-connect.ts';
import type { SearchEngine } from '../src/logstore/search-engine.ts';
import type { SearchConnection, SearchEngineName } from '../src/platform/search-connection.ts';
import { startEngine, type RunningEngine } from '../test/engine-process.ts';

/** A node of its own with a heap of 512 MB, on the cores that everything else runs on. */
export interface EngineNode {
  name: SearchEngineName;
  /** E.g. `elasticsearch 9.4.3`. */
  title: string;
  process: RunningEngine;
  engine: SearchEngine;
}

export const connectionOf = (name: SearchEngineName, url: string): SearchConnection => ({
  engine: name,
  nodes: [url],
  request_timeout_ms: 60_000,
});

export async function withEngine<T>(
  name: SearchEngineName,
  work: (node: EngineNode) => Promise<T>,
): Promise<T> {
  const running = await startEngine(name, { heap_mb: 512 });
  const engine = createSearchEngine(connectionOf(name, running.url));
  try {
    const { nodes } = await engine.request<{ nodes: Record<string, { version: string }> }>({
      method: 'GET',
      path: '/_nodes/_local',
      query: { filter_path: 'nodes.*.version' },
    });
    const title = `${name} ${Object.values(nodes)[0]?.version ?? ''}`.trim();
    return await work({ name, title, process: running, engine });
  } finally {
    await engine.close();
    await running.stop();
  }
}

/** What a piece of work took: wall time, and CPU time of its own process and of the engine's. */
export interface Cost {
  seconds: number;
  own_cpu: number;
  engine_cpu: number | null;
}

/** `work` runs in this process. */
export async function costOf({ process: { pid } }: EngineNode, work: () => Promise<void>): Promise<Cost> {
  const engine_before = processCpu(pid);
  const own_before = process.cpuUsage();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(own_before);
  return { seconds, own_cpu: (user + system) / 1e6, engine_cpu: since(engine_before, processCpu(pid)) };
}

export const since = (before: number | null, after: number | null): number | null =>
  before === null || after === null ? null : after - before;

/** Linux counts in hundredths of a second for every process that it shows. */
const TICKS_PER_SECOND = 100;

/** CPU seconds of a process so far; null where the system does not say (not Linux). */
export const processCpu = (pid: number): number | null => ticksOf(pid, 0);

/** CPU seconds of the children of this process that have ended. */
export const endedChildrenCpu = (): number | null => ticksOf('self', 2);

function ticksOf(pid: number | 'self', skip: number): number | null {
  const file = `/proc/${pid}/stat`;
  if (!fs.existsSync(file)) return null;
  // The command, in parentheses, may contain anything. Behind it: state is field 3, utime 14, stime 15, cutime 16, cstime 17.
  const fields = fs.readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11 + skip]) + Number(fields[12 + skip])) / TICKS_PER_SECOND;
}
