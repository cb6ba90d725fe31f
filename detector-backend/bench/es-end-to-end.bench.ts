import type { EmbeddedStack } from '../src/embedded.ts';
import type { BenchOptions, BenchRow } from './bench-schema.ts';
import { withDataDir, withStack } from './bench-stack.ts';
import { connectionOf, withEngine, type EngineNode } from './engine-node.ts';
import { countPushedBacklog, countShippedBacklog } from './es-backlog.ts';
import { measureOutage } from './es-outage.ts';

const DOCUMENTS = 400_000;
const OUTAGE_SECONDS = 60;

/**
 * The whole product on an engine that shares its cores: from documents that lie in the engine to counted and judged windows, read as
 * a log source in a cluster (what Logstash wrote) and from our own store (what POST /logs wrote); then an outage of the engine
 * while 2,000 documents a second go on to be written. Throws when a document is not counted exactly once.
 */
export async function run({ engines, lines, outage_seconds, say }: BenchOptions): Promise<BenchRow[]> {
  const documents = lines ?? DOCUMENTS;
  const away_seconds = outage_seconds ?? OUTAGE_SECONDS;
  const rows: BenchRow[] = [];
  for (const name of engines) {
    say(`${name}: starting …`);
    rows.push(
      ...(await withEngine(name, async (node) => [
        ...(await withProduct(node, 'shipped', (stack) => countShippedBacklog(stack, node, documents, say))),
        ...(await withProduct(node, 'pushed', (stack) => countPushedBacklog(stack, node, documents, say))),
        ...(away_seconds === 0
          ? []
          : await withProduct(node, 'outage', (stack) => measureOutage(stack, node, away_seconds, say))),
      ])),
    );
  }
  return rows;
}

/** With the engine as its log store; every tenant has indices of its own. */
function withProduct<T>(
  { name, process: { url } }: EngineNode,
  tenant_slug: string,
  work: (stack: EmbeddedStack) => Promise<T>,
): Promise<T> {
  // As a deployment has it: an outage is noticed sooner than by the longest wait that benches of single parts allow.
  const connections = { [name]: { ...connectionOf(name, url), request_timeout_ms: 30_000 } };
  return withDataDir((data_dir) =>
    withStack(data_dir, work, { tenant_slug, config: { log_store: name, connections } }),
  );
}
