import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedStack } from '../src/embedded.ts';
import { createLogSource, disableLogSource, updateLogSource } from '../src/ingest/log-source-repository.ts';
import { createServiceDirectory } from '../src/ingest/service-directory.ts';
import { logSourceId } from '../src/ingest/service-identity.ts';
import { dayPattern } from '../src/logstore/day-index.ts';
import { createIndexInstaller } from '../src/logstore/index-templates.ts';
import type { BenchOptions, BenchRow } from './bench-schema.ts';
import { stepRows } from './bench-stack.ts';
import { shipDocuments } from './engine-bulk.ts';
import { logDocuments, SERVICES, timeOf, type DocumentSpan } from './engine-documents.ts';
import { costOf, type EngineNode } from './engine-node.ts';
import { ownRows } from './engine-rows.ts';
import { addSearchSource, countedLines, isJudged } from './es-progress.ts';
import { BATCH, CALLERS, writeBatches } from './es-write-batches.ts';

const SPAN_MS = 600_000;
/** Old enough that the clock of the services is past them as soon as they are read. */
const AGE_MS = 60_000;
const POLL_MS = 100;
const LIMIT_MS = 900_000;
const GOAL = { least: 20_000 };
const NAME = 'backlog';

/** Documents as Logstash writes them, read as a source of the cluster: from adding the source on. */
export async function countShippedBacklog(
  stack: EmbeddedStack,
  node: EngineNode,
  documents: number,
  say: BenchOptions['say'],
): Promise<BenchRow[]> {
  const { tenant_id, tenant_slug: slug } = stack;
  const span = { ...spanOf(tenant_id, documents), slug };
  await createIndexInstaller(node.engine).ensureTemplates(slug);
  let next = 0;
  const caller = async () => {
    while (next < documents) {
      const first = next;
      next = Math.min(documents, first + BATCH);
      say(`${node.title}: stored ${first} of ${documents} documents`);
      await shipDocuments(node.engine, span, [first, next]);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await refresh(node, slug);
  const start = async () => void (await addSearchSource(stack, node.name, NAME));
  return untilJudged(stack, node, { span, documents, start, what: `a source of type ${node.name}` }, say);
}

/** Documents as POST /logs writes them, in our own store: from enabling their source on. */
export async function countPushedBacklog(
  stack: EmbeddedStack,
  node: EngineNode,
  documents: number,
  say: BenchOptions['say'],
): Promise<BenchRow[]> {
  const { tenant_id, tenant_slug, parts } = stack;
  const span = spanOf(tenant_id, documents);
  await parts.database.withTenant(tenant_id, async (client) => {
    const { read_lag_seconds } = parts.log_store;
    const source = { tenant_id, name: NAME, source_type: 'push' as const, read_lag_seconds };
    await createLogSource(client, source, 10);
    // Before anybody sees it.
    await disableLogSource(client, span.log_source_id);
  });
  const directory = createServiceDirectory({ database: parts.database, max_services: 10 });
  const services = await directory.openBatch(tenant_id, span.log_source_id);
  const last_at = timeOf(documents, span);
  const ids = SERVICES.flatMap((name) => services.serviceId(name, 'default') ?? []);
  await services.save(new Map(ids.map((id) => [id, last_at])), last_at);
  await writeBatches(parts.log_store, tenant_id, documents, (first, last) => {
    say(`${node.title}: stored ${first} of ${documents} documents`);
    return logDocuments(span, first, last);
  });
  await refresh(node, tenant_slug);
  const start = async () => {
    await parts.database.withTenant(tenant_id, (client) =>
      updateLogSource(client, span.log_source_id, { is_enabled: true }),
    );
  };
  return untilJudged(stack, node, { span, documents, start, what: 'our own store' }, say);
}

/** Spread over ten minutes of the cursor, which the engine leaves as it is. */
function spanOf(tenant_id: string, documents: number): DocumentSpan {
  const end = Math.floor((Date.now() - AGE_MS) / 10_000) * 10_000;
  return {
    tenant_id,
    log_source_id: logSourceId(tenant_id, NAME),
    from: end - SPAN_MS,
    per_second: (documents * 1000) / SPAN_MS,
    is_log_time: true,
  };
}

const refresh = ({ engine }: EngineNode, slug: string): Promise<unknown> =>
  engine.request({ method: 'POST', path: `/${encodeURIComponent(dayPattern(slug))}/_refresh` });

interface Backlog {
  span: DocumentSpan;
  documents: number;
  what: string;
  start: () => Promise<void>;
}

async function untilJudged(
  stack: EmbeddedStack,
  node: EngineNode,
  { span, documents, start, what }: Backlog,
  say: BenchOptions['say'],
): Promise<BenchRow[]> {
  const end = span.from + SPAN_MS;
  let lines = 0;
  const cost = await costOf(node, async () => {
    const deadline = performance.now() + LIMIT_MS;
    await start();
    for (;;) {
      lines = await countedLines(stack, span.log_source_id);
      if (lines >= documents && (await isJudged(stack, span.log_source_id, end))) return;
      if (performance.now() > deadline) throw new Error(`${lines} of ${documents} documents were counted`);
      say(`${node.title}, ${what}: counted ${lines} of ${documents} documents`);
      await sleep(POLL_MS);
    }
  });
  if (lines !== documents) throw new Error(`${documents} documents are stored, ${lines} are counted`);
  const input = `${node.title}, ${documents} documents of ${SPAN_MS / 60_000} minutes, ${what}`;
  return [...ownRows(input, documents, [cost], GOAL), ...(await stepRows(stack, input))];
}
