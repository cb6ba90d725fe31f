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
const GOAL_RATIO = 5;
/** Resident memory after 10 million lines, as a share of that after 1 million. */
const GOAL_GROWTH = 1.1;

interface Measured {
  lines: number;
  seconds: number | number[];
  rss_mb: number;
  templates: number;
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
 * its own; medians. Then 10 million lines of all inputs in a loop, for memory.
 */
export async function run({ data_dir, peers, say }: BenchOptions): Promise<BenchRow[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-bench-'));
  try {
    const inputs = INPUTS.map((input) => ({ name: input.name, file: writeLines(data_dir, folder, input) }));
    const rows: BenchRow[] = [];
    for (const { name, file } of inputs) rows.push(...(await speedRows(name, file, peers, say)));
    say('10 million lines, for memory …');
    const files = inputs.map(({ file }) => file);
    const { rss_mb } = await runOurs<{ rss_mb: number[] }>(['memory', ...files]);
    const [early = 0, late = 0] = rss_mb;
    const growth = late / early;
    return [
      ...rows,
      ownRow('all inputs', 'rss_mb after 1 million lines', Math.round(early)),
      { ...ownRow('all inputs', 'rss_mb after 10 million lines', Math.round(late)) },
      ownRow('all inputs', 'rss growth', Math.round(growth * 1000) / 1000, { most: GOAL_GROWTH }),
    ];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function writeLines(data_dir: string | null, folder: string, input: (typeof INPUTS)[number]): string {
  const place = data_dir === null ? null : path.join(data_dir, input.place);
  const names =
    place && fs.existsSync(place) ? fs.readdirSync(place).filter((name) => input.form.test(name)) : [];
  if (place === null || names.length === 0)
    throw new Error(
      `The input ${input.name} is missing: ${input.place}/*.gz in ${data_dir ?? 'the folder of --data'}.`,
    );
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

async function speedRows(
  name: string,
  file: string,
  peers: boolean,
  say: (text: string) => void,
): Promise<BenchRow[]> {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let i = 0; i < RUNS; i++) {
    say(`${name}, run ${i + 1} of ${RUNS} …`);
    ours.push(await runOurs<Measured>(['speed', file]));
    if (peers) theirs.push(await runPeer<Measured>('drain3_peer.py', ['speed', file], say));
  }
  const speed = speedOf(ours);
  const peer = peers ? speedOf(theirs) : null;
  const ratio = peer && Math.round((speed / peer) * 10) / 10;
  const none = { peer: peers ? 0 : null, peer_name: peers ? DRAIN3 : null, ratio: null };
  return [
    {
      ...ownRow(name, 'lines_per_second', speed),
      peer,
      peer_name: none.peer_name,
      ratio,
      goal: ratio === null ? null : `ratio >= ${GOAL_RATIO}`,
      holds: ratio === null ? null : ratio >= GOAL_RATIO,
    },
    { ...ownRow(name, 'peak_rss_mb', peakOf(ours)), ...none, peer: peers ? peakOf(theirs) : null },
    {
      ...ownRow(name, 'templates', ours[0]?.templates ?? null),
      ...none,
      peer: theirs[0]?.templates ?? null,
    },
  ];
}

async function runOurs<Result>(words: string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', CHILD, ...words]);
  return JSON.parse(stdout) as Result;
}

function speedOf(runs: readonly Measured[]): number {
  const all = runs.flatMap(({ lines, seconds }) => [seconds].flat().map((one) => lines / one));
  all.sort((a, b) => a - b);
  return Math.round(all[Math.floor(all.length / 2)] ?? 0);
}

const peakOf = (runs: readonly Measured[]): number =>
  Math.round(Math.max(...runs.map(({ rss_mb }) => rss_mb)));
