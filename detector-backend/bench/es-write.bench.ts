import { randomUUID } from 'node:crypto';
import { logSourceId } from '../src/ingest/service-identity.ts';
import { dayIndexOf } from '../src/logstore/day-index.ts';
import { createIndexInstaller } from '../src/logstore/index-templates.ts';
import { createSearchLogStore } from '../src/logstore/search-log-store.ts';
import { ownRow, type BenchOptions, type BenchRow } from './bench-schema.ts';
import { withDataDir, withStack } from './bench-stack.ts';
import { logDocuments, storedForm } from './engine-documents.ts';
import { connectionOf, costOf, withEngine, type Cost, type EngineNode } from './engine-node.ts';
import { rowsAgainst } from './engine-rows.ts';
import { createBulkHelper, type BulkHelper } from './es-bulk-helper.ts';
import { BATCH, CALLERS, writeBatches } from './es-write-batches.ts';
import { sendFor, sentInput } from './ingest.bench.ts';

const DOCUMENTS = 300_000;
const ROUNDS = 3;
const GOAL_RATIO = 0.7;
const PEER = { elasticsearch: '@elastic/elasticsearch', opensearch: '@opensearch-project/opensearch' };

/**
 * The log store's write (documents checked, ids, a result for each) beside the bulk helper of the engine's official client, which
 * gets the stored form ready-made. Each run goes into a fresh index of our template; runs alternate, after one of each that does not
 * count. Then POST /logs with that store, while the worker reads it.
 */
export async function run({ engines, lines, say }: BenchOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const name of engines) {
    say(`${name}: starting …`);
    rows.push(
      ...(await withEngine(name, async (node) => [
        ...(await besideHelper(node, lines ?? DOCUMENTS, say)),
        ...(await overHttp(node, say)),
      ])),
    );
  }
  return rows;
}

async function besideHelper(
  node: EngineNode,
  documents: number,
  say: BenchOptions['say'],
): Promise<BenchRow[]> {
  const helper = createBulkHelper(node.name, node.process.url);
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      say(`${node.title}: ${round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`} …`);
      const own = () => writeOurs(node, `ours${round}`, documents);
      const other = () => writeTheirs(node, helper, `peer${round}`, documents);
      // The engine gets faster with every run: neither side is always the later one.
      const isOursFirst = round % 2 === 0;
      const first = await (isOursFirst ? own() : other());
      const second = await (isOursFirst ? other() : own());
      if (round === 0) continue;
      ours.push(isOursFirst ? first : second);
      theirs.push(isOursFirst ? second : first);
    }
  } finally {
    await helper.close();
  }
  const input = `${node.title}, ${documents} documents, ${BATCH} a call, ${CALLERS} callers`;
  const peer = { name: `bulk helper of ${PEER[node.name]}`, runs: theirs };
  return rowsAgainst(input, documents, ours, peer, GOAL_RATIO);
}

/** Documents of the last minutes, as POST /logs makes them. */
function documentsOf(documents: number) {
  const tenant_id = randomUUID();
  const from = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  const log_source_id = logSourceId(tenant_id, 'bench');
  const span = { tenant_id, log_source_id, from, per_second: 20_000, is_log_time: false };
  const batches = Array.from({ length: Math.ceil(documents / BATCH) }, (_, place) =>
    logDocuments(span, place * BATCH, Math.min(documents, (place + 1) * BATCH)),
  );
  return { tenant_id, from, batches };
}

async function writeOurs(node: EngineNode, slug: string, documents: number): Promise<Cost> {
  const { tenant_id, from, batches } = documentsOf(documents);
  const ensureTemplates = await prepare(node, slug);
  const log_store = createSearchLogStore({
    engine: node.engine,
    slugOf: () => Promise.resolve(slug),
    ensureTemplates,
  });
  const cost = await costOf(node, () =>
    writeBatches(log_store, tenant_id, documents, (first) => batches[first / BATCH] ?? []),
  );
  await checkAndDelete(node, dayIndexOf(slug, from), documents);
  return cost;
}

async function writeTheirs(
  node: EngineNode,
  helper: BulkHelper,
  slug: string,
  documents: number,
): Promise<Cost> {
  const { tenant_id, from, batches } = documentsOf(documents);
  await prepare(node, slug);
  const index = dayIndexOf(slug, from);
  const all = batches.flat();
  const ids = all.map(({ event_id }) => event_id);
  const sources = all.map((document) => storedForm(tenant_id, document));
  const cost = await costOf(node, () => helper.send({ index, sources, ids }));
  await checkAndDelete(node, index, documents);
  return cost;
}

async function prepare({ engine }: EngineNode, slug: string): Promise<(slug: string) => Promise<void>> {
  const { ensureTemplates } = createIndexInstaller(engine);
  await ensureTemplates(slug);
  return ensureTemplates;
}

async function checkAndDelete({ engine }: EngineNode, index: string, documents: number): Promise<void> {
  await engine.request({ method: 'POST', path: `/${index}/_refresh` });
  const { count } = await engine.request<{ count: number }>({ method: 'GET', path: `/${index}/_count` });
  if (count !== documents) throw new Error(`${count} documents of ${documents} are in ${index}`);
  // Its merges would go on beside the next run.
  await engine.request({ method: 'DELETE', path: `/${index}` });
}

function overHttp({ name, title, process: { url } }: EngineNode, say: BenchOptions['say']) {
  say(`${title}: POST /logs …`);
  const config = { log_store: name, connections: { [name]: connectionOf(name, url) } };
  return withDataDir((data_dir) =>
    withStack(
      data_dir,
      async (stack): Promise<BenchRow[]> => {
        const sent = await sendFor(stack);
        const input = `${title}, POST /logs, ${sentInput(sent)}`;
        return [
          ownRow(input, 'documents_per_second', Math.round(sent.accepted / sent.seconds)),
          ownRow(input, 'batch_p50_ms', sent.p50_ms),
          ownRow(input, 'batch_p99_ms', sent.p99_ms),
        ];
      },
      { config },
    ),
  );
}
