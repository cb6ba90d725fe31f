import type { TestProject } from 'vitest/node';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { engineHome, missingToStart } from './engine-download.ts';
import { startEngine, type RunningEngine } from './engine-process.ts';
import { sweepLeftovers } from './engine-run.ts';

declare module 'vitest' {
  interface ProvidedContext {
    engines: {
      urls: { [name in SearchEngineName]?: string };
      /** What this machine lacks to start engines, null when nothing: their suites are skipped. */
      missing: string | null;
      /** Why nodes that should run do not: suites that ask for one fail. */
      problem: string | null;
    };
  }
}

/** One Elasticsearch and one OpenSearch per run, only when a file of the run asks for engines. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // Vitest keeps the file names of its command line in a field that its types hide.
  const { filenamePattern } = project.vitest as { filenamePattern?: string[] };
  const { testFiles } = await project.globTestFiles(filenamePattern);
  const wanted = testFiles.some((file) => file.endsWith('.engine.it.test.ts'));
  const urls: { [name in SearchEngineName]?: string } = {};
  if (!wanted) {
    project.provide('engines', { urls, missing: null, problem: null });
    return undefined;
  }
  sweepLeftovers();
  if (process.env.ELASTICSEARCH_URL) urls.elasticsearch = process.env.ELASTICSEARCH_URL;
  if (process.env.OPENSEARCH_URL) urls.opensearch = process.env.OPENSEARCH_URL;
  const names = (['elasticsearch', 'opensearch'] as const).filter((name) => !urls[name]);
  const missing = missingToStart() ?? (await downloadProblem());
  const started = missing === null ? await Promise.allSettled(names.map((name) => startEngine(name))) : [];
  const nodes = started.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  for (const node of nodes) urls[node.name] = node.url;
  const failures = started.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []));
  for (const failure of failures) console.error(failure);
  project.provide('engines', { urls, missing, problem: failures.join('\n') || missing });
  return () => stopAll(nodes);
}

/** Without network a machine that never downloaded the engines can not have them: a reason to skip, said aloud. */
async function downloadProblem(): Promise<string | null> {
  try {
    await engineHome('elasticsearch');
    await engineHome('opensearch');
    return null;
  } catch (error) {
    return `the download of the engines: ${(error as Error).message}`;
  }
}

async function stopAll(nodes: RunningEngine[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.stop()));
}
