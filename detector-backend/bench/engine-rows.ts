import type { BenchRow } from './bench-schema.ts';
import { ownRow } from './bench-schema.ts';
import type { Cost } from './engine-node.ts';

export interface Runs {
  name: string;
  runs: Cost[];
}

/** The run with the median time; of an even number the slower one. */
export function medianRun(runs: readonly Cost[]): Cost {
  const sorted = [...runs].sort((a, b) => a.seconds - b.seconds);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) throw new Error('Nothing was measured');
  return median;
}

export const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

/** Documents a second and CPU seconds of both sides, of ours alone. */
export function ownRows(
  input: string,
  documents: number,
  runs: readonly Cost[],
  goal: { least: number } | null = null,
): BenchRow[] {
  const { seconds, own_cpu, engine_cpu } = medianRun(runs);
  return [
    ownRow(input, 'documents_per_second', Math.round(documents / seconds), goal),
    ownRow(input, 'cpu_seconds', round(own_cpu, 2)),
    ownRow(input, 'engine_cpu_seconds', engine_cpu === null ? null : round(engine_cpu, 2)),
  ];
}

/** As {@link ownRows}, beside a peer; the goal is the least ratio of the two speeds. */
export function rowsAgainst(
  input: string,
  documents: number,
  runs: readonly Cost[],
  peer: Runs,
  least_ratio: number | null,
): BenchRow[] {
  const [ours, theirs] = [medianRun(runs), medianRun(peer.runs)];
  const ratio = round(theirs.seconds / ours.seconds, 2);
  const cells: [string, number | null, number | null][] = [
    ['cpu_seconds', ours.own_cpu, theirs.own_cpu],
    ['engine_cpu_seconds', ours.engine_cpu, theirs.engine_cpu],
  ];
  const speed = ownRow(input, 'documents_per_second', Math.round(documents / ours.seconds));
  return [
    {
      ...speed,
      peer: Math.round(documents / theirs.seconds),
      peer_name: peer.name,
      ratio,
      goal: least_ratio === null ? null : `ratio >= ${least_ratio}`,
      holds: least_ratio === null ? null : ratio >= least_ratio,
    },
    ...cells.map(([metric, own, other]) => ({
      ...ownRow(input, metric, own === null ? null : round(own, 2)),
      peer: other === null ? null : round(other, 2),
      peer_name: peer.name,
    })),
  ];
}
