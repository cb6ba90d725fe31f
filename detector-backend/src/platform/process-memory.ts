import { readdirSync, readFileSync } from 'node:fs';

/**
 * Memory of this process and all its descendants in MB: proportional set size, so that shared pages count once.
 * Linux only; elsewhere the resident set of this process alone.
 */
export function processTreeMemory(): number {
  if (process.platform !== 'linux') return process.memoryUsage().rss / 1e6;
  const parents = parentsOfAll();
  let kilobytes = 0;
  for (const pid of parents.keys())
    if (descendsFrom(pid, process.pid, parents)) kilobytes += proportionalSetSize(pid);
  return kilobytes / 1e3;
}

function parentsOfAll(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // The command, in parentheses, may contain anything; the parent is the second field behind it.
    const parent = /\) \S (\d+)/.exec(readProc(`/proc/${name}/stat`))?.[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  return parents;
}

function descendsFrom(pid: number, ancestor: number, parents: Map<number, number>): boolean {
  for (let at: number | undefined = pid; at; at = parents.get(at)) if (at === ancestor) return true;
  return false;
}

const proportionalSetSize = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);

// A process may end between being listed and being read.
function readProc(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
