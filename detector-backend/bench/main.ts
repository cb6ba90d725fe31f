import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { processTreeMemory } from '../src/platform/process-memory.ts';
import type { Bench, BenchRow } from './bench-schema.ts';

const BENCHES: Record<string, () => Promise<{ run: Bench }>> = {
  ingest: () => import('./ingest.bench.ts'),
  replay: () => import('./replay.bench.ts'),
  memory: () => import('./memory.bench.ts'),
  detection: () => import('./detection.bench.ts'),
  'detection-replay': () => import('./detection-replay.bench.ts'),
  'templates-accuracy': () => import('./templates-accuracy.bench.ts'),
  'templates-speed': () => import('./templates-speed.bench.ts'),
  'es-read': () => import('./es-read.bench.ts'),
  'es-write': () => import('./es-write.bench.ts'),
  'es-end-to-end': () => import('./es-end-to-end.bench.ts'),
};

const USAGE = `npm run bench -- NAME [--data DIR] [--lines N] [--engine NAME] [--peers] [--json]

  ingest      POST /logs: lines stored a second while the worker runs
  replay      from stored line to counted window: lines a second
  memory      the whole process tree at rest after 1 and 5 million lines, and the rate of the whole way
  detection   what the detector finds: recorded fault injections (--data) and the simulated shop
  detection-replay  the same injections through the whole product, from POST /logs on
  templates-accuracy  grouping and template texts on every set of a folder in loghub-2k form (--peers: Drain3)
  templates-speed  lines a second of the miner on one thread, and its memory (--peers: Drain3)
  es-read     a backlog read from Elasticsearch and OpenSearch: documents a second (--peers: elasticdump)
  es-write    documents stored in them a second (always beside the bulk helper of their clients), and POST /logs
  es-end-to-end  from a document in the engine to the counted window, and back to normal after an outage of the engine

  --data DIR  recorded data; default ../shared/data beside the repository, where it exists
  --lines N   lines that replay, memory and the es- benches make
  --engine N  elasticsearch, opensearch or both (the default), for the es- benches
  --outage-seconds N  how long es-end-to-end leaves the engine down; default 60, 0 for no outage; 600 is what the goal was set for
  --peers     measure other implementations too, where a bench knows any
  --json      one JSON object as the last line
`;

const MEMORY_SAMPLE_MS = 2_000;

/** Exit status 0 whether or not goals hold; another one only when the bench itself failed. */
async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      lines: { type: 'string' },
      engine: { type: 'string', default: 'both' },
      'outage-seconds': { type: 'string' },
      peers: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [name = ''] = positionals;
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (load === undefined)
    throw new Error(`${name === '' ? 'Which bench?' : `There is no bench "${name}".`}\n\n${USAGE}`);
  const memory = sampleMemory();
  const started = performance.now();
  const { run } = await load();
  const rows = await run({
    data_dir: values.data ?? sharedData(),
    peers: values.peers,
    lines: wholeNumber('--lines', values.lines, 1000),
    engines: enginesOf(values.engine),
    outage_seconds: wholeNumber('--outage-seconds', values['outage-seconds'], 0),
    say,
  });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const peak_rss_mb = Math.round(memory.stop());
  const load_average = os
    .loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  process.stdout.write(
    `${table(rows)}\n${seconds} s, peak ${peak_rss_mb} MB, load average ${load_average}\n`,
  );
  if (values.json) process.stdout.write(`${JSON.stringify({ bench: name, rows, seconds, peak_rss_mb })}\n`);
}

function wholeNumber(option: string, text: string | undefined, least: number): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new Error(`${option} must be a whole number of at least ${least}.`);
  return number;
}

function enginesOf(name: string): SearchEngineName[] {
  if (name === 'both') return ['elasticsearch', 'opensearch'];
  if (name === 'elasticsearch' || name === 'opensearch') return [name];
  throw new Error('--engine must be elasticsearch, opensearch or both.');
}

function sharedData(): string | null {
  const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../shared/data');
  return fs.existsSync(folder) ? folder : null;
}

let said_at = -Infinity;

/** At most one line a second, so that saying costs nothing. */
function say(text: string): void {
  if (performance.now() - said_at < 1_000) return;
  said_at = performance.now();
  process.stderr.write(`${text}\n`);
}

function sampleMemory(): { stop(): number } {
  let peak = processTreeMemory();
  const timer = setInterval(() => (peak = Math.max(peak, processTreeMemory())), MEMORY_SAMPLE_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return Math.max(peak, processTreeMemory());
    },
  };
}

function table(rows: BenchRow[]): string {
  const text = (value: number | string | null) => (value === null ? '-' : String(value));
  const lines = [
    ['input', 'metric', 'ours', 'peer', 'ratio', 'goal', 'holds'],
    ...rows.map((row) => [
      row.input,
      row.metric,
      text(row.ours),
      row.peer_name === null ? '-' : `${text(row.peer)} (${row.peer_name})`,
      text(row.ratio),
      text(row.goal),
      row.holds === null ? '-' : row.holds ? 'yes' : 'NO',
    ]),
  ];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
