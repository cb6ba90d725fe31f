import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { ownRow, type BenchOptions, type BenchRow } from './bench-schema.ts';
import { DRAIN3, runPeer } from './peer-python.ts';

const CHILD = fileURLToPath(new URL('templates-speed-run.ts', import.meta.url));
const RUNS = 3;
/** Of a process of its own, ours and the peer's alike. */
const FIRST_PASS = 'lines_per_second';
const GOAL_RATIO = 5;
/** Resident memory after 10 million lines, as a share of that after 1 million. */
const GOAL_GROWTH = 1.1;

interface Measured {
  lines: number;
  /** Of each pass. */
  seconds: number[];
  rss_mb: number;
  templates: number;
}

interface PeerMeasured extends Omit<Measured, 'seconds'> {
  seconds: number;
}

/** Where the inputs are below the data folder, and which column of a line is the log line as it was written. */
const INPUTS = [
  { name: 'HDFS', place: 'hdfs', form: /\.log\.gz$/, column: 0 },
  { name: 'OSFI INFO', place: 'osfi/Nova', form: /\.tsv\.gz$/, column: 2 },
  { name: 'OSFI DEBUG', place: 'osfi/full_debug', form: /\.tsv\.gz$/, column: 2 },
  { name: 'Nezha', place: 'nezha', form: /\.tsv\.gz$/, column: 2 },
];

/**
 * Lines a second of one thread through tokenizer, cache and tree, with typed masks, each time from nothing, and the
 * peak of resident memory with all lines of the input in it. Ours and the peer's runs alternate, each in a process of
 * its own, and the first pass of each process is what is compared; medians. What ours does once its code is compiled (two
 * more passes in the same processes), as in a worker that runs for days, is a row of its own, without a peer. Then 10 million
 * lines of all inputs in a loop, for memory. An input that is not there has one row of nulls.
 */
export async function run({ data_dir, peers, say }: BenchOptions): Promise<BenchRow[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-bench-'));
  try {
    const rows: BenchRow[] = [];
    const files: string[] = [];
    for (const input of INPUTS) {
      const file = writeLines(data_dir, folder, input);
      if (file === null) {
        say(`${input.name} is not there: ${input.place}/*.gz in ${data_dir ?? 'the folder of --data'}.`);
        rows.push(ownRow(`${input.name} (not there)`, FIRST_PASS, null));
        continue;
      }
      files.push(file);
      rows.push(...(await speedRows(input.name, file, peers, say)));
    }
    if (files.length === 0)
      throw new Error('None of the inputs is there: name their folder with --data DIR.');
    return [...rows, ...(await memoryRows(files, say))];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The lines of an input in one file; null when it is not there. */
function writeLines(data_dir: string | null, folder: string, input: (typeof INPUTS)[number]): string | null {
  const place = data_dir && placeOf(data_dir, input.place);
  const names = place ? fs.readdirSync(place).filter((name) => input.form.test(name)) : [];
  if (!place || names.length === 0) return null;
  const file = path.join(folder, input.name);
  for (const name of names.sort()) {
    const text = zlib.gunzipSync(fs.readFileSync(path.join(place, name))).toString();
    const lines = text.split('\n').filter((line) => line !== '');
    const messages = lines.map((line) => line.split('\t').slice(input.column).join('\t'));
    fs.appendFileSync(file, `${messages.join('\n')}\n`);
  }
  fs.truncateSync(file, fs.statSync(file).size - 1);
  return file;
}

/** `a/b` below the folder, or below that of the set `a`, or the folder itself when it is that of `a/b`. */
function placeOf(data_dir: string, place: string): string | null {
  const parts = place.split('/');
  const whole = path.resolve(data_dir);
  const places = parts.map((_, i) => [parts.slice(0, i), parts.slice(i)] as const).concat([[parts, []]]);
  const found = places.find(
    ([above, below]) =>
      (above.length === 0 || whole.endsWith(path.join('/', ...above))) &&
      fs.existsSync(path.join(whole, ...below)),
  );
  return found ? path.join(whole, ...found[1]) : null;
}

async function speedRows(
  name: string,
  file: string,
  peers: boolean,
  say: (text: string) => void,
): Promise<BenchRow[]> {
  const ours: Measured[] = [];
  const theirs: PeerMeasured[] = [];
  for (let i = 0; i < RUNS; i++) {
    say(`${name}, run ${i + 1} of ${RUNS} …`);
    ours.push(await runOurs<Measured>(['speed', file]));
    if (peers) theirs.push(await runPeer<PeerMeasured>('drain3_peer.py', ['speed', file], say));
  }
  const peer_name = peers ? DRAIN3 : null;
  const speed = speedOf(ours, ({ seconds }) => seconds.slice(0, 1));
  const peer = peers ? speedOf(theirs, ({ seconds }) => [seconds]) : null;
  const ratio = peer && Math.round((speed / peer) * 10) / 10;
  const goal = ratio === null ? null : `ratio >= ${GOAL_RATIO}`;
  const holds = ratio === null ? null : ratio >= GOAL_RATIO;
  const templates = theirs[0]?.templates ?? null;
  return [
    { ...ownRow(name, FIRST_PASS, speed), peer, peer_name, ratio, goal, holds },
    ownRow(
      name,
      'lines_per_second (warmed up)',
      speedOf(ours, ({ seconds }) => seconds.slice(1)),
    ),
    { ...ownRow(name, 'peak_rss_mb', peakOf(ours)), peer_name, peer: peers ? peakOf(theirs) : null },
    { ...ownRow(name, 'templates', ours[0]?.templates ?? null), peer_name, peer: templates },
  ];
}

async function memoryRows(files: string[], say: (text: string) => void): Promise<BenchRow[]> {
  say('10 million lines, for memory …');
  const { rss_mb } = await runOurs<{ rss_mb: number[] }>(['memory', ...files]);
  const [early = 0, late = 0] = rss_mb;
  const growth = Math.round((late / early) * 1000) / 1000;
  return [
    ownRow('all inputs', 'rss_mb after 1 million lines', Math.round(early)),
    ownRow('all inputs', 'rss_mb after 10 million lines', Math.round(late)),
    ownRow('all inputs', 'rss growth', growth, { most: GOAL_GROWTH }),
  ];
}

async function runOurs<Result>(words: string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', CHILD, ...words]);
  return JSON.parse(stdout) as Result;
}

function speedOf<Run extends { lines: number }>(
  runs: readonly Run[],
  secondsOf: (run: Run) => number[],
): number {
  const all = runs.flatMap((run) => secondsOf(run).map((seconds) => run.lines / seconds));
  all.sort((a, b) => a - b);
  return Math.round(all[Math.floor(all.length / 2)] ?? 0);
}

const peakOf = (runs: readonly { rss_mb: number }[]): number =>
  Math.round(Math.max(...runs.map(({ rss_mb }) => rss_mb)));
