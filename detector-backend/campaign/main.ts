import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { runLane, type RunResult } from './lane.ts';
import { MUST_BE_BLIND_AFTER_SECONDS } from './watch.ts';

const USAGE = `npm run campaign -- search-engine [--engine elasticsearch|opensearch] [--runs N] [--lanes N] [--seed N] [--json]

Kills, restarts and hangs a real search engine at random points while logs flow through it, and checks that in the end every
line is counted exactly once, that services were shown as blind meanwhile, and that no anomaly says that lines were missing.

  --engine NAME      elasticsearch (default) or opensearch; fetched by Maven, runs on a JDK of 21 or newer
  --runs N           outages in all (default 50); one takes about three minutes
  --lanes N          that many engines, products and streams of logs at the same time (default 5)
  --seed N           another seed is another campaign (default 1)
  --forget-outages   lets the product keep nothing of outages: shows that the last check can fail
  --json             one JSON object as the last line
`;

/** What is wrong with a run, in words. */
function problemsOf(run: RunResult): string[] {
  const { miscounted, volume_anomalies, was_shown_blind, away_seconds } = run;
  return [
    ...miscounted.map(({ service, made, counted }) => `${service}: ${made} lines made, ${counted} counted`),
    ...volume_anomalies.map((anomaly) => `anomaly of an outage: ${anomaly}`),
    ...(away_seconds > MUST_BE_BLIND_AFTER_SECONDS && !was_shown_blind
      ? ['services were not shown as blind']
      : []),
  ];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'elasticsearch' },
      runs: { type: 'string', default: '50' },
      lanes: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      lane: { type: 'string' },
      'forget-outages': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const engine = values.engine as SearchEngineName;
  const [runs, lanes, seed] = [values.runs, values.lanes, values.seed].map(Number) as [
    number,
    number,
    number,
  ];
  const is_known = ['elasticsearch', 'opensearch'].includes(engine) && positionals[0] === 'search-engine';
  if (!is_known || ![runs, lanes, seed].every((value) => Number.isInteger(value) && value > 0)) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const options = { engine, runs, seed, forget_outages: values['forget-outages'] };
  if (values.lane !== undefined) {
    return runLane(options, (result) => console.log(JSON.stringify(result)));
  }
  const results: RunResult[] = [];
  const failures = await Promise.all(
    Array.from({ length: Math.min(lanes, runs) }, (_, lane) => {
      const share = Math.ceil((runs - lane) / Math.min(lanes, runs));
      return startLane({ ...options, runs: share, seed: seed * 1000 + lane }, (result) => {
        results.push(result);
        console.log(lineOf(results.length, result));
      });
    }),
  );
  report(
    results,
    failures.filter((failure) => failure !== null),
    runs,
    values.json,
  );
}

type Options = Parameters<typeof runLane>[0];

/** A lane in a process of its own; resolves with what went wrong with it, or null. */
function startLane(options: Options, onRun: (result: RunResult) => void): Promise<string | null> {
  const words = ['search-engine', '--lane', String(options.seed), '--engine', options.engine];
  words.push('--runs', String(options.runs), '--seed', String(options.seed));
  if (options.forget_outages) words.push('--forget-outages');
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill());
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{"outage"')) onRun(JSON.parse(line) as RunResult);
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-100_000)));
  return new Promise((resolve) => {
    child.on('close', (code) =>
      resolve(code === 0 ? null : `lane ${options.seed} ended with ${code}: ${errors}`),
    );
  });
}

function lineOf(number: number, run: RunResult): string {
  const { kind, seconds } = run.outage;
  const problems = problemsOf(run);
  const outage = `${kind} ${seconds} s, away ${run.away_seconds.toFixed(0)} s${run.was_shown_blind ? ', shown blind' : ''}`;
  const others = run.other_anomalies.length > 0 ? `, other anomalies: ${run.other_anomalies.join('; ')}` : '';
  const verdict = problems.length === 0 ? 'every line once' : `FAILED: ${problems.join('; ')}`;
  return `run ${String(number).padStart(2)}  ${outage.padEnd(48)} ${run.lines} lines, ${run.late_lines} found late  ${verdict}${others}`;
}

function report(results: RunResult[], failures: string[], runs: number, as_json: boolean): void {
  const failed = results.filter((result) => problemsOf(result).length > 0).length;
  const lines = results.reduce((sum, result) => Math.max(sum, result.lines), 0);
  for (const failure of failures) console.error(failure);
  const missing = runs - results.length;
  const summary = {
    runs: results.length,
    failed: failed + missing,
    volume_anomalies: results.reduce((sum, { volume_anomalies }) => sum + volume_anomalies.length, 0),
    shown_blind: results.filter(({ was_shown_blind }) => was_shown_blind).length,
    lines_found_late: results.reduce((sum, { late_lines }) => sum + late_lines, 0),
    lines_per_lane: lines,
  };
  console.log(
    `${summary.runs} runs: ${summary.runs - failed} counted every line once, ${summary.failed} failed; ` +
      `${summary.volume_anomalies} anomalies of an outage; services shown as blind in ${summary.shown_blind}`,
  );
  if (as_json) console.log(JSON.stringify({ campaign: 'search-engine', ...summary }));
  if (summary.failed > 0 || failures.length > 0) process.exitCode = 1;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  // Shippers never give up: a lane that failed would wait for them for ever.
  process.exit(1);
});
