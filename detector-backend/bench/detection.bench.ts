import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { SEVERITIES } from '../src/logstore/log-store.ts';
import { createInferenceThread } from '../src/models/inference-thread.ts';
import { checkReport } from '../src/simulation/check-report.ts';
import { linesOf } from '../src/simulation/shop-generator.ts';
import { CHECK_LIVE_MS, checkIncidents } from '../src/simulation/shop-incidents.ts';
import { assign, createMinedTree, type MinedTree } from '../src/templates/mined-tree.ts';
import type { TemplateHit } from '../src/templates/template-schema.ts';
import { createTokenizer, scan } from '../src/templates/tokenizer.ts';
import { DetectionFold } from './detection-fold.ts';
import type { Bench, BenchRow } from './bench-schema.ts';

const MINUTE = 60_000;
const WARM_UP_ROUNDS = 20;
const LEVELS: Record<string, number> = {
  DEBUG: 2,
  INFO: 3,
  AUDIT: 3,
  WARNING: 4,
  ERROR: 5,
  TRACE: 5,
  CRITICAL: 6,
};

/** One test round of the fault-injection data: index.csv of the set `osfi`. */
interface Round {
  file: string;
  round: string;
  first: number;
  last: number;
  fault_at: number;
  failure: string;
  error_lines: number;
}

/**
 * What the detector finds with its one parameter set: rounds with injected faults against clean ones (real OpenStack logs, unlabelled
 * warm-up, in a chain that does not overlap), and the incidents of the simulated shop. Goals of the fault-injection rounds: at least 7
 * of 10 failing rounds open an anomaly that starts between the fault and the end of the round, at most 2 of 10 clean rounds open any.
 */
export const run: Bench = async ({ data_dir }) => {
  if (data_dir === null) throw new Error('Name the folder of recorded data with --data DIR.');
  const thread = createInferenceThread();
  try {
    const rows: BenchRow[] = [];
    for (const campaign of ['Nova', 'Cinder']) rows.push(...(await faultRounds(data_dir, campaign, thread)));
    rows.push(...(await shop(thread)));
    return rows;
  } finally {
    await thread.close();
  }
};

const row = (
  input: string,
  metric: string,
  ours: number | null,
  goal: string | null = null,
  holds: boolean | null = null,
): BenchRow => ({
  input,
  metric,
  ours,
  peer: null,
  peer_name: null,
  ratio: null,
  goal,
  holds,
});

/** Template hits of lines, by a tree of its own for each service. */
function createMiner() {
  const tokenizer = createTokenizer();
  const trees = new Map<string, MinedTree>();
  return (service: string, timestamp: number, severity_rank: number, message: string): TemplateHit => {
    let tree = trees.get(service);
    if (!tree)
      trees.set(service, (tree = createMinedTree({ log_source_id: 'bench', service_id: service }, [])));
    scan(tokenizer, message);
    const { template } = assign(tree, tokenizer, { timestamp, message }, severity_rank);
    const { duration } = tokenizer;
    return {
      service_id: service,
      timestamp,
      template_id: template.id,
      severity_rank,
      duration_ms: duration >= 0 ? duration : null,
    };
  };
}

/** Rounds that do not overlap in time, by earliest end. */
function chainOf(directory: string, campaign: string): Round[] {
  const [header = '', ...lines] = fs
    .readFileSync(path.join(directory, 'index.csv'), 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = header.split(',');
  const rounds = lines.map((line): Round => {
    const values = line.split(',');
    const value = (name: string) => values[names.indexOf(name)] ?? '';
    return {
      file: value('file'),
      round: value('round'),
      first: Number(value('first_ms')),
      last: Number(value('last_ms')),
      fault_at: Number(value('fault_activated_ms')),
      failure: value('failure'),
      error_lines: Number(value('error_lines')),
    };
  });
  let end = 0;
  return rounds
    .filter(({ file }) => file.startsWith(`${campaign}/`))
    .sort((a, b) => a.last - b.last)
    .filter(({ first, last }) => first >= end && (end = last) > 0);
}

function readRound(file: string, mine: ReturnType<typeof createMiner>): TemplateHit[] {
  const text = zlib.gunzipSync(fs.readFileSync(file)).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [time = '', service = '', ...rest] = line.split('\t');
      return { timestamp: Number(time), service, message: rest.join('\t') };
    })
    .sort((a, b) => a.timestamp - b.timestamp)
    .map(({ timestamp, service, message }) =>
      mine(service, timestamp, LEVELS[/^\S+ \S+ \d+ ([A-Z]+) /.exec(message)?.[1] ?? ''] ?? 0, message),
    );
}

async function faultRounds(
  data_dir: string,
  campaign: string,
  thread: ReturnType<typeof createInferenceThread>,
): Promise<BenchRow[]> {
  const directory = [path.join(data_dir, 'osfi'), data_dir].find((candidate) =>
    fs.existsSync(path.join(candidate, 'index.csv')),
  );
  if (directory === undefined) throw new Error(`there is no osfi/index.csv in ${data_dir}: pass --data DIR`);
  const rounds = chainOf(directory, campaign);
  const mine = createMiner();
  const fold = new DetectionFold(thread);
  for (const [index, { file, last }] of rounds.entries()) {
    const hits = readRound(path.join(directory, file), mine);
    await fold.advance(hits, rounds[index + 1]?.first ?? last + 2 * MINUTE);
  }
  const judged = rounds.slice(WARM_UP_ROUNDS);
  const startedIn = (from: number, to: number) =>
    fold.anomalies.filter((anomaly) => anomaly.started_at >= from && anomaly.started_at <= to);
  const failing = judged.filter(
    ({ failure, round, fault_at }) => failure === 'FAILURE' && round === '1' && fault_at > 0,
  );
  const clean = judged.filter(
    ({ failure, round, error_lines }) => failure === 'NO_FAILURE' && round === '2' && error_lines === 0,
  );
  const delays = failing.flatMap(({ fault_at, last }) => {
    const opened = startedIn(fault_at, last).map(({ opened_at }) => opened_at);
    return opened.length === 0 ? [] : [Math.min(...opened) - fault_at];
  });
  const alarmed = clean.filter(({ first, last }) => startedIn(first, last).length > 0).length;
  const input = `OSFI ${campaign}`;
  const recall = delays.length / failing.length;
  return [
    row(input, `failing rounds found of ${failing.length}`, delays.length, 'at least 0.7', recall >= 0.7),
    row(
      input,
      `clean rounds alarmed of ${clean.length}`,
      alarmed,
      'at most 0.2',
      alarmed / clean.length <= 0.2,
    ),
    row(
      input,
      'median delay from fault to anomaly, seconds',
      delays.sort((a, b) => a - b)[Math.floor(delays.length / 2)]! / 1000,
    ),
    row(input, 'windows judged', fold.windows),
  ];
}

const SHOP_SEEDS = [1, 2];
const BACK_FILL_MS = 250 * MINUTE;

async function shop(thread: ReturnType<typeof createInferenceThread>): Promise<BenchRow[]> {
  let incidents = 0;
  let found = 0;
  let wrong = 0;
  for (const seed of SHOP_SEEDS) {
    const from = Date.UTC(2026, 0, 5, 6);
    const live = from + BACK_FILL_MS;
    const schedule = checkIncidents(seed, live);
    const mine = createMiner();
    const fold = new DetectionFold(thread);
    for (let at = from; at < live + CHECK_LIVE_MS; at += MINUTE) {
      const lines = linesOf(seed, schedule, at, at + MINUTE);
      await fold.advance(
        lines.map((line) =>
          mine(line.service, line.timestamp, SEVERITIES.indexOf(line.severity), line.message),
        ),
        at + MINUTE,
      );
    }
    const report = checkReport(schedule, fold.anomalies);
    incidents += report.incidents;
    found += report.incidents_found;
    wrong += report.false_anomalies;
  }
  return [
    row('simulated shop', `incidents found of ${incidents}`, found, 'all', found === incidents),
    row(
      'simulated shop',
      'false anomalies',
      wrong,
      `at most ${2 * SHOP_SEEDS.length}`,
      wrong <= 2 * SHOP_SEEDS.length,
    ),
  ];
}
