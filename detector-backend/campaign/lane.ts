import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startEngine, type RunningEngine } from '../test/engine-process.ts';
import { composePipeline } from '../src/compose.ts';
import { serviceId } from '../src/ingest/service-identity.ts';
import { startPipeline } from '../src/pipeline.ts';
import { startEmbedded, type EmbeddedStack } from '../src/embedded.ts';
import { createIndexInstaller } from '../src/logstore/index-templates.ts';
import { createSearchEngine } from '../src/logstore/search-engine-connect.ts';
import type { SearchConnection, SearchEngineName } from '../src/platform/search-connection.ts';
import { createRandom } from '../src/simulation/random.ts';
import { engineState } from './engine-state.ts';
import { drawOutage, playOutage, type Outage } from './outage.ts';
import { createApiSender, createWriterSender } from './senders.ts';
import { createShipper, type Shipper } from './shipper.ts';
import { createTraffic, LATEST_MS, SERVICES, type Traffic, type TrafficLine } from './traffic.ts';
import * as watch from './watch.ts';

export interface LaneOptions {
  engine: SearchEngineName;
  runs: number;
  seed: number;
  /** Keeps nothing of outages: shows what would happen without. */
  forget_outages: boolean;
}

export interface RunResult {
  outage: Outage;
  /** Seconds from the first failure that was seen to the first good read. */
  away_seconds: number;
  was_shown_blind: boolean;
  lines: number;
  /** Services with another number of counted lines than were made. */
  miscounted: { service: string; made: number; counted: number }[];
  /** Lines that only a re-count found. */
  late_lines: number;
  /** Anomalies that say lines are missing or too many. */
  volume_anomalies: string[];
  other_anomalies: string[];
}

/** One lane: its own engine, database, product and traffic; its runs follow one another in that traffic. */
export async function runLane(options: LaneOptions, onRun: (result: RunResult) => void): Promise<void> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-campaign-'));
  fs.chmodSync(home, 0o755);
  const node = await startEngine(options.engine, { heap_mb: 384 });
  try {
    const connection = { engine: options.engine, nodes: [node.url], request_timeout_ms: 5_000 };
    const stack = await startEmbedded({
      config: {
        data_dir: path.join(home, 'data'),
        http_port: 0,
        log_level: 'silent',
        log_store: options.engine,
        connections: { [options.engine]: connection },
      },
      fsync: false,
      // It begins once the history is there: else it would judge minutes whose lines are still to come.
      with_worker: false,
    });
    try {
      await playRuns(options, { node, stack, connection }, onRun);
    } finally {
      await stack.stop();
    }
  } finally {
    await node.stop();
    fs.rmSync(home, { recursive: true, force: true });
  }
}

interface Stage {
  node: RunningEngine;
  stack: EmbeddedStack;
  connection: SearchConnection;
}

/** A service is ready after 200 minutes of lines. */
const HISTORY_MINUTES = 206;
const say = (text: string) => console.error(new Date().toISOString(), text);

async function playRuns(
  options: LaneOptions,
  { node, stack, connection }: Stage,
  onRun: (result: RunResult) => void,
): Promise<void> {
  const owner = new pg.Pool({ connectionString: stack.owner_url, max: 2 });
  // Its end does not wait for its connections, which the stop of the server then breaks off.
  owner.on('error', () => undefined);
  const search = createSearchEngine(connection);
  await createIndexInstaller(search).ensureTemplates(stack.tenant_slug);
  await search.close();
  const product = watch.watchProduct(stack, owner);
  await product.addWriterSource(options.engine);
  const { base_url, api_key } = stack;
  const shippers = {
    api: createShipper(createApiSender({ base_url, api_key, log_source: 'app' })),
    writer: createShipper(createWriterSender(connection, stack.tenant_slug)),
  };
  const traffic = createTraffic(options.seed);
  const begin = now();
  const history = traffic.linesOf(STEADY, begin - HISTORY_MS, begin, false);
  await writeHistory({ stack, owner, connection }, history);
  say(`${history.length} lines of history written`);
  const pipeline = startPipeline(composePipeline(stack.parts));
  const live = startTraffic(traffic, shippers, history, begin);
  const random = createRandom();
  random.reseed(options.seed);
  try {
    if (options.forget_outages) await product.forgetOutages();
    await product.untilReady(STEADY.map(({ name }) => name));
    say('services are ready');
    for (let run = 0; run < options.runs; run++) {
      const outage = drawOutage(random);
      await sleep(3_000 + random.int(8_000));
      onRun(await playRun({ node, product, live, shippers }, outage));
    }
    // The end: what was made is all there is.
    live.stop();
    await Promise.all([shippers.api.finish(), shippers.writer.finish()]);
    const miscounted = await product.untilCounted(live.made, Infinity);
    if (miscounted.length > 0) throw new Error(`In the end: ${JSON.stringify(miscounted)}`);
  } finally {
    live.stop();
    await pipeline.stop();
    await owner.end();
  }
}

interface RunStage {
  node: RunningEngine;
  product: watch.Product;
  live: ReturnType<typeof startTraffic>;
  shippers: { api: Shipper; writer: Shipper };
}

async function playRun({ node, product, live, shippers }: RunStage, outage: Outage): Promise<RunResult> {
  const before = await product.lateLines();
  const began_at = Date.now();
  const seen = product.watchOutage();
  await playOutage(node, outage);
  say(`${outage.kind} is over`);
  const { away_seconds, was_shown_blind } = await seen.untilOver();
  const sending = [shippers.api, shippers.writer];
  const deadline = Date.now() + LIMIT_MS;
  while (sending.reduce((sum, one) => sum + one.waiting(), 0) > MAX_WAITING) {
    const state = () => sending.map((one) => `${one.waiting()} lines wait (${one.problem()})`).join(', ');
    if (Date.now() > deadline) throw new Error(`${state()}\n${await engineState(node)}`);
    await sleep(200);
  }
  say('everything shipped');
  // Judged well past the outage and what it held back, or a silence would just not have been seen yet.
  await product.untilJudged(Math.max(await product.blindUntil(), began_at) + 70_000);
  say('judged past the outage');
  const until = Math.floor((Date.now() - LATEST_MS - 30_000) / 10_000) * 10_000;
  const miscounted = await product.untilCounted(live.made, until);
  const anomalies = await product.anomaliesSince(began_at - 60_000);
  const isVolume = (kind: string) => /silence|traffic_spike|mix_change/.test(kind);
  return {
    outage,
    away_seconds,
    was_shown_blind,
    lines: live.made.filter(({ timestamp }) => timestamp < until).length,
    miscounted,
    late_lines: (await product.lateLines()) - before,
    volume_anomalies: anomalies.filter(isVolume),
    other_anomalies: anomalies.filter((kind) => !isVolume(kind)),
  };
}

/** A lane that stands still says why, rather than run for ever. */
const LIMIT_MS = 10 * 60_000;
/** Late lines of the steady state wait all the time. */
const MAX_WAITING = 1_000;

const STEADY = SERVICES.filter((service) => service.is_steady);
const HISTORY_MS = HISTORY_MINUTES * 60_000;
const LIVE_TICK_MS = 500;
const now = () => Math.floor(Date.now() / LIVE_TICK_MS) * LIVE_TICK_MS;

/** Ships lines as they are made, until it is stopped. */
function startTraffic(
  traffic: Traffic,
  shippers: { api: Shipper; writer: Shipper },
  history: TrafficLine[],
  begin: number,
) {
  const made = [...history];
  let from = begin;
  const timer = setInterval(() => {
    const to = now();
    const lines = traffic.linesOf(SERVICES, from, to, true);
    from = to;
    made.push(...lines);
    for (const kind of ['api', 'writer'] as const)
      shippers[kind].add(lines.filter((line) => isShippedBy(line, kind)));
  }, LIVE_TICK_MS);
  return { made, stop: () => clearInterval(timer) };
}

const isShippedBy = ({ service }: TrafficLine, kind: 'api' | 'writer'): boolean =>
  SERVICES.some(({ name, shipped_by }) => name === service && shipped_by === kind);

/** Logs of the last hours, as if the engine had had them all the time. */
async function writeHistory(
  { stack, owner, connection }: { stack: EmbeddedStack; owner: pg.Pool; connection: SearchConnection },
  history: TrafficLine[],
): Promise<void> {
  const { tenant_id, tenant_slug, base_url, api_key } = stack;
  const sorted = history.toSorted((a, b) => a.timestamp - b.timestamp);
  const api = sorted.filter((line) => isShippedBy(line, 'api'));
  // The first line of each service, so that source and services are there.
  const firsts = STEADY.flatMap(({ name }) => api.find(({ service }) => service === name) ?? []);
  await createApiSender({ base_url, api_key, log_source: 'app' })(firsts);
  const { rows } = await owner.query<{ id: string }>(`select id from log_sources where name = 'app'`);
  const documents = api
    .filter((line) => !firsts.includes(line))
    .map(({ timestamp, service, severity, message }) => ({
      event_id: randomUUID(),
      timestamp,
      log_source_id: rows[0]!.id,
      service_id: serviceId(tenant_id, service, 'default'),
      service,
      source: 'app',
      severity,
      message,
      metadata: null,
      ingested_at: timestamp,
      is_log_time: true,
    }));
  const write = createWriterSender(connection, tenant_slug, true);
  for (let from = 0; from < sorted.length; from += 5000) {
    const batch = documents.slice(from, from + 5000);
    if (batch.length > 0) await stack.parts.log_store.write(tenant_id, batch);
    const lines = sorted.slice(from, from + 5000).filter((line) => isShippedBy(line, 'writer'));
    if (lines.length > 0) await write(lines);
  }
}
