import fs from 'node:fs';
import path from 'node:path';
import { runCheck } from '../src/check-run.ts';
import { ownRow, type Bench, type BenchRow } from './bench-schema.ts';
import { withDataDir } from './bench-stack.ts';
import { readRounds, type OsfiRound } from './osfi-rounds.ts';

const WARM_UP_ROUNDS = 20;
/** What a fault does may show a little after its round. */
const AFTER_MS = 60_000;

interface Anomaly {
  started_at: number;
  opened_at: number;
}

/**
 * Replays each campaign of recorded fault injections in time order, one database a campaign. The first twenty rounds are for
 * learning; of the others it counts failing rounds with an anomaly inside the fault interval, and clean rounds with any.
 */
export const run: Bench = async ({ data_dir, say }) => {
  if (data_dir === null) throw new Error('Name the folder of recorded data with --data DIR.');
  const rows: BenchRow[] = [];
  for (const [campaign, rounds] of readRounds(data_dir)) {
    say(`${campaign}: ${rounds.length} rounds`);
    rows.push(...rowsOf(campaign, rounds.slice(WARM_UP_ROUNDS), await replay(rounds)));
  }
  return rows;
};

function replay(rounds: OsfiRound[]): Promise<Anomaly[]> {
  return withDataDir(async (folder) => {
    fs.mkdirSync(folder);
    const anomalies_file = path.join(folder, 'anomalies.ndjson');
    await runCheck(
      {
        replay: rounds.map((round) => round.file),
        format: 'tsv',
        speed: 'max',
        check: true,
        anomalies_file,
        seed: 1,
        http_port: null,
        data_dir: null,
      },
      new AbortController().signal,
    );
    return fs
      .readFileSync(anomalies_file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { started_at: string; opened_at: string })
      .map(({ started_at, opened_at }) => ({
        started_at: Date.parse(started_at),
        opened_at: Date.parse(opened_at),
      }));
  });
}

function rowsOf(campaign: string, rounds: OsfiRound[], anomalies: Anomaly[]): BenchRow[] {
  const failing = rounds.filter((round) => round.is_failure);
  const clean = rounds.filter((round) => round.is_clean);
  const delays = failing.flatMap((round) => delayOf(round, anomalies) ?? []).sort((a, b) => a - b);
  const noisyBy = (key: keyof Anomaly) =>
    clean.filter(({ first_ms, last_ms }) =>
      anomalies.some((anomaly) => anomaly[key] >= first_ms && anomaly[key] <= last_ms),
    ).length;
  const noisy = noisyBy('opened_at');
  const input = `${campaign}, rounds ${WARM_UP_ROUNDS + 1} to ${WARM_UP_ROUNDS + rounds.length} in time order`;
  const share = (part: number, whole: number) =>
    whole === 0 ? null : Math.round((part / whole) * 1000) / 1000;
  return [
    ownRow(input, 'failing_rounds', failing.length),
    ownRow(input, 'failing_rounds_caught', delays.length),
    ownRow(input, 'failing_rounds_caught_share', share(delays.length, failing.length), { least: 0.7 }),
    ownRow(input, 'clean_rounds', clean.length),
    ownRow(input, 'clean_rounds_with_anomaly', noisy),
    // Less those that opened just behind the failing round before, whose lines they are made of.
    ownRow(input, 'clean_rounds_with_anomaly_of_their_own', noisyBy('started_at')),
    ownRow(input, 'clean_rounds_with_anomaly_share', share(noisy, clean.length), { most: 0.2 }),
    ownRow(input, 'median_delay_seconds', delays[Math.floor(delays.length / 2)] ?? null),
  ];
}

/** Seconds from the fault to the first anomaly inside its interval; null when there is none. */
function delayOf({ fault_activated_ms, last_ms }: OsfiRound, anomalies: Anomaly[]): number | null {
  const from = fault_activated_ms ?? last_ms;
  const isInside = (at: number) => at >= from && at <= last_ms + AFTER_MS;
  const opened = anomalies
    .filter(({ started_at, opened_at }) => isInside(started_at) || isInside(opened_at))
    .map(({ opened_at }) => opened_at);
  return opened.length === 0 ? null : Math.max(0, Math.min(...opened) - from) / 1000;
}
