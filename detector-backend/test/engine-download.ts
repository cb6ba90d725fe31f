import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { cacheFolder } from './engine-folder.ts';
import { findJava, hasMaven } from './engine-java.ts';
import {
  emptyPom,
  LAYOUT,
  layOutOpensearch,
  OPENSEARCH_VERSION,
  opensearchPom,
} from './engine-opensearch-layout.ts';

const ELASTICSEARCH_VERSION = '9.4.3';
const ELASTICSEARCH_SHA256 = 'adde840e7013d25cf04203377abf77ad66573bc5db381e5b865c18ef5d683bc5';
/** Without a version, old Mavens take an old plugin that can not do this. */
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const LOCK_LIMIT_MS = 5 * 60_000;

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
export async function engineHome(name: SearchEngineName): Promise<string> {
  const home = homeOf(name);
  if (isComplete(home)) return home;
  const unlock = await lock(path.join(cacheFolder(), 'lock'));
  try {
    if (!isComplete(home)) await download(name, home);
    return home;
  } finally {
    unlock();
  }
}

const homeOf = (name: SearchEngineName) => path.join(cacheFolder(), FOLDERS[name]);
const isComplete = (home: string) => fs.existsSync(stampOf(home));
const stampOf = (home: string) => `${home}.complete`;

async function download(name: SearchEngineName, home: string): Promise<void> {
  console.error(`Downloading ${path.basename(home)} by Maven …`);
  const scratch = `${home}.part`;
  for (const dir of [scratch, home]) fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(scratch, { mode: 0o755 });
  await (name === 'elasticsearch' ? fetchElasticsearch(scratch) : fetchOpensearch(scratch));
  fs.renameSync(path.join(scratch, 'home'), home);
  // Some files are unpacked readable for their owner only, who is root where `nobody` runs the engine.
  spawnSync('chmod', ['-R', 'go+rX', home]);
  fs.rmSync(scratch, { recursive: true, force: true });
  fs.writeFileSync(stampOf(home), `${new Date().toISOString()}\n`);
}

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

async function runMaven(cwd: string, pom: string, words: string[]): Promise<void> {
  fs.writeFileSync(path.join(cwd, 'pom.xml'), pom);
  // -U: Maven remembers a miss, also one of a moment without network.
  const flags = ['--batch-mode', '--quiet', '-U', ...words];
  // Another user must be able to read what is unpacked.
  const child = spawn('sh', ['-c', 'umask 022 && exec mvn "$@"', 'mvn', ...flags], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-4000)));
  }
  const code = await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`Maven could not download it (${String(code)}): ${output.trim()}`);
}

/** Waits for its turn among all runs on this machine; the lock of a process that is gone is taken over. */
async function lock(file: string): Promise<() => void> {
  const deadline = Date.now() + LOCK_LIMIT_MS;
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(readIfThere(file));
    // An empty file is one whose owner is about to write its pid.
    if (owner > 0 && !isAlive(owner)) fs.rmSync(file, { force: true });
    else if (Date.now() > deadline) throw new Error(`${file} is held by process ${owner}: remove it`);
    else await sleep(250);
  }
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
