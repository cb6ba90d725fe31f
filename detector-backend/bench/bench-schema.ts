import type { SearchEngineName } from '../src/platform/search-connection.ts';

/** One measured number. `null` is what was not measured. */
export interface BenchRow {
  input: string;
  metric: string;
  ours: number | null;
  peer: number | null;
  peer_name: string | null;
  ratio: number | null;
  goal: string | null;
  holds: boolean | null;
}

export interface BenchOptions {
  /** Folder of recorded data, in the form of `../shared/data` or of the one set that the bench reads; null: not given. */
  data_dir: string | null;
  /** Measure other implementations as well, where the bench knows any. */
  peers: boolean;
  /** Log lines that the bench makes, where it makes them; null: its own default. */
  lines: number | null;
  /** Search engines to measure, one after the other, where the bench needs one. */
  engines: readonly SearchEngineName[];
  /** How long es-end-to-end leaves the engine down, 0 for no outage; null: its own default. */
  outage_seconds: number | null;
  /** What a person may want to see meanwhile; goes to standard error. */
  say: (text: string) => void;
}

export type Bench = (options: BenchOptions) => Promise<BenchRow[]>;

/** A number of ours, with the goal `metric >= least` or `metric <= most` where there is one. */
export function ownRow(
  input: string,
  metric: string,
  ours: number | null,
  goal: { least: number } | { most: number } | null = null,
): BenchRow {
  const row = { input, metric, ours, peer: null, peer_name: null, ratio: null };
  if (goal === null) return { ...row, goal: null, holds: null };
  const [text, holds] =
    'least' in goal
      ? [`${metric} >= ${goal.least}`, (ours ?? -Infinity) >= goal.least]
      : [`${metric} <= ${goal.most}`, (ours ?? Infinity) <= goal.most];
  return { ...row, goal: text, holds };
}
