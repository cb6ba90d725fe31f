import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { cachedFolder, isComplete } from './cached-folder.ts';
import { cacheFolder } from './engine-folder.ts';
import { findJava } from './engine-java.ts';
import { LAYOUT, layOutOpensearch, OPENSEARCH_VERSION, opensearchPom } from './engine-opensearch-layout.ts';
import { emptyPom, hasMaven, MAVEN_PLUGIN, runMaven } from './maven.ts';

const ELASTICSEARCH_VERSION = '9.4.3';
const ELASTICSEARCH_SHA256 = 'adde840e7013d25cf04203377abf77ad66573bc5db381e5b865c18ef5d683bc5';

/** Folder name in the cache; its stamp file says that it is complete. */
const FOLDERS: Record<SearchEngineName, string> = {
  elasticsearch: `elasticsearch-${ELASTICSEARCH_VERSION}`,
  opensearch: `opensearch-${OPENSEARCH_VERSION}-layout-${LAYOUT}`,
};
const NAMES = Object.keys(FOLDERS) as SearchEngineName[];

/** Why this machine can not run the engines, or null. It does not try the download. */
export function missingToStart(): string | null {
  if (process.platform === 'win32') return 'Elasticsearch and OpenSearch are started on Linux and macOS only';
  if (findJava() === null) {
    return 'a JDK of version 21 or newer (looked at ES_JAVA_HOME, JAVA_HOME and /usr/lib/jvm)';
  }
  try {
    const cached = NAMES.every((name) => isComplete(homeOf(name)));
    return cached || hasMaven() ? null : 'Maven (mvn), which downloads Elasticsearch and OpenSearch once';
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Home of an unpacked engine, downloaded by Maven at its first use (about 200 MB for both, 10 to 15 s each).
 * @throws Error with Maven's last lines when the download fails
 */
export function engineHome(name: SearchEngineName): Promise<string> {
  return cachedFolder(homeOf(name), async (scratch) => {
    await (name === 'elasticsearch' ? fetchElasticsearch(scratch) : fetchOpensearch(scratch));
    // Some files are unpacked readable for their owner only, who is root where `nobody` runs the engine.
    spawnSync('chmod', ['-R', 'go+rX', path.join(scratch, 'home')]);
  });
}

const homeOf = (name: SearchEngineName) => path.join(cacheFolder(), FOLDERS[name]);

/** The distribution that Elastic publishes for integration tests: the real server with few modules. */
async function fetchElasticsearch(scratch: string): Promise<void> {
  const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${ELASTICSEARCH_VERSION}:zip`;
  const unpacked = path.join(scratch, 'unpacked');
  await runMaven(scratch, emptyPom(), [
    `${MAVEN_PLUGIN}:copy`,
    `${MAVEN_PLUGIN}:unpack`,
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${unpacked}`,
  ]);
  // Mirrors of Maven Central may have no checksums, so Maven can not be told to insist on them.
  const zip = fs.readFileSync(path.join(unpacked, `elasticsearch-${ELASTICSEARCH_VERSION}.zip`));
  const sum = createHash('sha256').update(zip).digest('hex');
  if (sum !== ELASTICSEARCH_SHA256) throw new Error(`the zip of Elasticsearch has the wrong checksum ${sum}`);
  fs.renameSync(path.join(unpacked, `elasticsearch-${ELASTICSEARCH_VERSION}`), path.join(scratch, 'home'));
}

async function fetchOpensearch(scratch: string): Promise<void> {
  const jars = path.join(scratch, 'jars');
  await runMaven(scratch, opensearchPom(), [
    `${MAVEN_PLUGIN}:copy-dependencies`,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${jars}`,
  ]);
  layOutOpensearch(jars, path.join(scratch, 'home'));
}
