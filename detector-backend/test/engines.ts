import { describe, inject } from 'vitest';
import type { SearchEngineName } from '../src/platform/search-connection.ts';

/**
 * Real Elasticsearch and OpenSearch in tests, without Docker. Files that use them end in `.engine.it.test.ts`; when one is
 * chosen, the global set-up (`engines-setup.ts`) downloads both once by Maven from Maven Central into `.cache/engines`
 * (needs `mvn` and a JDK of version 21 or newer) and starts one node of each for the run, security off.
 * ELASTICSEARCH_URL and OPENSEARCH_URL name nodes to use instead. Tests share them: every file takes index names of its own.
 * Files that crash, pause or throttle a node start their own by `startEngine` of `engine-process.ts`.
 *
 * What they are: Elasticsearch 9.4.3 as Elastic publishes it for integration tests, the real server with few modules: no
 * `GET /`, scripts, ILM or by-query APIs, and of the ingest processors only one. OpenSearch 3.8.0 from its published
 * jars has scripts, ingest processors and by-query APIs, but no security, ISM or SQL.
 */
export const ENGINES = ['elasticsearch', 'opensearch'] as const satisfies readonly SearchEngineName[];

/** Base URL of the run's node. Throws why there is none. */
export function engineUrl(name: SearchEngineName): string {
  const { urls, problem } = inject('engines');
  const url = urls[name];
  if (!url) throw new Error(`${name} does not run: ${problem ?? 'the global set-up started none'}`);
  return url;
}

/** What is missing to have a node of each engine, or null. */
export function missingForEngines(): string | null {
  const { urls, missing } = inject('engines');
  return ENGINES.every((name) => urls[name]) ? null : missing;
}

/** What is missing to start nodes of one's own, or null: an URL in the environment does not help here. */
export function missingToStartEngines(): string | null {
  return inject('engines').missing;
}

/** A suite on the run's nodes; where they can not be had it is skipped and its title says what is missing. */
export function describeWithEngines(title: string, body: () => void): void {
  describeUnless(missingForEngines(), title, body);
}

/** A suite that starts nodes of its own; where it can not, it is skipped and its title says what is missing. */
export function describeWithOwnEngine(title: string, body: () => void): void {
  describeUnless(missingToStartEngines(), title, body);
}

/** A suite that is skipped, with a title that says what is missing, unless that is null. */
export function describeUnless(
  missing: string | null,
  title: string,
  body: () => void | Promise<void>,
): void {
  if (missing !== null) console.warn(`skipped: ${title} (missing: ${missing})`);
  describe.skipIf(missing !== null)(missing === null ? title : `${title} (missing: ${missing})`, body);
}
