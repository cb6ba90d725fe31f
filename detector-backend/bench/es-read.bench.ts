import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { logSourceId } from '../src/ingest/service-identity.ts';
import { dayIndexOf } from '../src/logstore/day-index.ts';
import type { LogStore } from '../src/logstore/log-store.ts';
import { createSearchEngine } from '../src/logstore/search-engine-connect.ts';
import { createSearchLogStore } from '../src/logstore/search-log-store.ts';
import { SLICE_LINES } from '../src/reading/read-step.ts';
import type { BenchOptions, BenchRow } from './bench-schema.ts';
import { logDocuments, storedForm, type DocumentSpan } from './engine-documents.ts';
import { connectionOf, costOf, withEngine, type Cost, type EngineNode } from './engine-node.ts';
import { ownRows, rowsAgainst, type Runs } from './engine-rows.ts';
import { writeBatches } from './es-write-batches.ts';
import { ELASTICDUMP, installElasticdump, runElasticdump } from './peers/elasticdump.ts';

const DOCUMENTS = 500_000;
const PER_SECOND = 2_000;
const ROUNDS = 3;
const SLUG = 'bench';
const SLICES = [20_000, SLICE_LINES, Infinity];
/** Least ratio to the peer's defaults, and to the best of its settings. */
const GOAL_DEFAULTS = 5;
const GOAL_BEST = 2;
const PROXY = fileURLToPath(new URL('peers/elasticdump-proxy.ts', import.meta.url));

const DEFAULTS = '--limit=100';
const SETTINGS = {
  elasticsearch: [DEFAULTS, '--limit=10000', '--limit=10000 --searchAfter=true --pit=true'],
  // `--pit=true` names the index twice there and fails.
  opensearch: [DEFAULTS, '--limit=10000'],
};

interface Stage {
  node: EngineNode;
  span: DocumentSpan;
  documents: number;
  say: BenchOptions['say'];
}

/**
 * A backlog in our own index, 2,000 documents a second of its cursor, read as the read job does it: slice after slice, each after the
 * question where the next document is. Runs of ours and of elasticdump alternate, after one of each that does not count; each must
 * give every document once. With peers, both read Elasticsearch through the proxy that elasticdump needs there.
 */
export async function run({ engines, lines, peers, say }: BenchOptions): Promise<BenchRow[]> {
  if (peers) await installElasticdump(say);
  else say('elasticdump is not measured without --peers');
  const rows: BenchRow[] = [];
  for (const name of engines) {
    say(`${name}: starting …`);
    rows.push(...(await withEngine(name, (node) => measure(node, lines ?? DOCUMENTS, peers, say))));
  }
  return rows;
}

async function measure(
  node: EngineNode,
  documents: number,
  peers: boolean,
  say: BenchOptions['say'],
): Promise<BenchRow[]> {
  const tenant_id = randomUUID();
  const noon = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000;
  const log_source_id = logSourceId(tenant_id, 'bench');
  const span = { tenant_id, log_source_id, from: noon, per_second: PER_SECOND, is_log_time: true };
  const stage = { node, span, documents, say };
  const store = storeOf(node, node.process.url);
  try {
    await writeBatches(store.log_store, tenant_id, documents, (first, last) =>
      logDocuments(span, first, last),
    );
    const direct = await readDirectly(stage, store.log_store);
    return peers ? [...direct, ...(await readBesidePeer(stage))] : direct;
  } finally {
    await store.close();
  }
}

function storeOf({ name }: EngineNode, url: string): { log_store: LogStore; close(): Promise<void> } {
  const engine = createSearchEngine(connectionOf(name, url));
  const log_store = createSearchLogStore({ engine, slugOf: () => Promise.resolve(SLUG) });
  return { log_store, close: () => engine.close() };
}

async function readDirectly(stage: Stage, log_store: LogStore): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  await readOnce(stage, log_store, Infinity);
  for (const slice of SLICES) {
    const runs: Cost[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      stage.say(`${stage.node.title}: ${sliceText(slice)}, round ${round + 1} of ${ROUNDS} …`);
      runs.push(await readOnce(stage, log_store, slice));
    }
    rows.push(...ownRows(`${inputText(stage)}, ${sliceText(slice)}`, stage.documents, runs));
  }
  return rows;
}

async function readBesidePeer(stage: Stage): Promise<BenchRow[]> {
  const { node, documents } = stage;
  const proxy = node.name === 'elasticsearch' ? await startProxy(node) : null;
  const url = proxy?.url ?? node.process.url;
  const store = storeOf(node, url);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-bench-'));
  try {
    const peer = { url, file: path.join(folder, 'dump.ndjson') };
    const { ours, theirs } = await alternate(stage, store.log_store, peer);
    const input = `${inputText(stage)}, ${sliceText(SLICE_LINES)}${proxy ? ', both through the proxy' : ''}`;
    const best = theirs.slice(1).reduce((a, b) => (fastest(b) < fastest(a) ? b : a));
    return theirs.flatMap((runs) => {
      const goal = runs === theirs[0] ? GOAL_DEFAULTS : runs === best ? GOAL_BEST : null;
      return rowsAgainst(input, documents, ours, runs, goal);
    });
  } finally {
    await store.close();
    proxy?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const fastest = ({ runs }: Runs): number => Math.min(...runs.map(({ seconds }) => seconds));

async function alternate(
  stage: Stage,
  log_store: LogStore,
  { url, file }: { url: string; file: string },
): Promise<{ ours: Cost[]; theirs: Runs[] }> {
  const { node, span, documents, say } = stage;
  const input = `${url}/${dayIndexOf(SLUG, span.from)}`;
  const dump = (options: string) =>
    runElasticdump(node, { input, file, options: options.split(' '), documents });
  const theirs = SETTINGS[node.name].map((options) => ({
    options,
    name: `${ELASTICDUMP} ${options}`,
    runs: [] as Cost[],
  }));
  const ours: Cost[] = [];
  await readOnce(stage, log_store, SLICE_LINES);
  await dump('--limit=10000');
  for (let round = 0; round < ROUNDS; round++) {
    for (const { options, name, runs } of theirs) {
      say(`${node.title}: round ${round + 1} of ${ROUNDS}, ours and ${name} …`);
      ours.push(await readOnce(stage, log_store, SLICE_LINES));
      runs.push(await dump(options));
    }
  }
  return { ours, theirs };
}

/** Reads everything in slices of so many lines. Throws unless each document came once. */
async function readOnce({ node, span, documents }: Stage, log_store: LogStore, slice: number): Promise<Cost> {
  const { tenant_id, log_source_id, from, per_second } = span;
  const ids: string[] = [];
  const end = from + Math.ceil((documents * 1000) / per_second);
  const step = Math.min(end - from, (slice * 1000) / per_second);
  const cost = await costOf(node, async () => {
    for (let slice_start = from; slice_start < end; slice_start += step) {
      await log_store.firstIngestedAt(tenant_id, log_source_id, slice_start);
      const slice_end = Math.min(end, slice_start + step);
      for await (const page of log_store.readSlice({ tenant_id, log_source_id, slice_start, slice_end })) {
        for (const { event_id } of page) ids.push(event_id);
      }
    }
  });
  const unique = new Set(ids).size;
  if (ids.length !== documents || unique !== documents)
    throw new Error(`${ids.length} lines with ${unique} ids were read of ${documents}`);
  return cost;
}

async function startProxy({ process: { url }, title }: EngineNode): Promise<{ url: string; stop(): void }> {
  const version = title.split(' ').at(-1) ?? '';
  const child = fork(PROXY, [url, version], { execArgv: ['--import', 'tsx'] });
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
}

function inputText({ node, documents, span }: Stage): string {
  const [document] = logDocuments(span, 0, 1);
  const bytes = document ? JSON.stringify(storedForm(span.tenant_id, document)).length : 0;
  return `${node.title}, ${documents} documents of ${bytes} B`;
}

const sliceText = (slice: number): string =>
  slice === Infinity ? 'one slice' : `slices of ${slice}${slice === SLICE_LINES ? ' (as the read job)' : ''}`;
