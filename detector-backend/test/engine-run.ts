import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { isAlive } from './cached-folder.ts';
import { engineHome } from './engine-download.ts';
import { launchPrefix, makeOwnFolder, writeOwnFile } from './engine-folder.ts';
import { findJava } from './engine-java.ts';

/** Followed by the pid of the process that made it. */
const PREFIX = 'seismolog-engine-';

export interface EngineOptions {
  /** Absent takes a free one. */
  port?: number;
  /** Lines of the engine's yml, put over the usual ones, e.g. `{ 'http.max_content_length': '1mb' }`. */
  settings?: Record<string, string>;
  /** More files of the configuration folder by name: `users`, `roles.yml`, certificates. */
  config_files?: Record<string, string>;
  /** Absent is a folder that ends with the node. */
  data_dir?: string;
  /** Default 512. */
  heap_mb?: number;
  /** E.g. `-XX:TieredStopAtLevel=1`: a start in half the CPU time, at the cost of peak speed. */
  java_options?: string[];
}

/** What a node keeps from start to restart. */
export interface EngineRun {
  name: SearchEngineName;
  dir: string;
  home: string;
  options: EngineOptions;
}

const CONSOLE_LOG = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;

/** A fresh folder with `config`, `data`, `logs` and `tmp` that belong to the engine's user. */
export async function prepareRun(name: SearchEngineName, options: EngineOptions): Promise<EngineRun> {
  const home = await engineHome(name);
  const dir = path.join(os.tmpdir(), `${PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  for (const part of ['', 'config', 'data', 'logs', 'tmp']) makeOwnFolder(path.join(dir, part));
  if (options.data_dir) makeOwnFolder(options.data_dir);
  const config = path.join(dir, 'config');
  writeOwnFile(path.join(config, 'log4j2.properties'), CONSOLE_LOG);
  if (name === 'elasticsearch') {
    writeOwnFile(path.join(config, 'jvm.options'), fs.readFileSync(path.join(home, 'config', 'jvm.options')));
  }
  for (const [file, content] of Object.entries(options.config_files ?? {})) {
    writeOwnFile(path.join(config, file), content);
  }
  return { name, dir, home, options };
}

export function writeSettings(run: EngineRun, port: number): void {
  const settings: Record<string, string> = {
    'cluster.name': 'seismolog-test',
    'node.name': 'n1',
    'discovery.type': 'single-node',
    // Without it two lines with two different ports appear in the port file (::1 and 127.0.0.1).
    'network.host': '127.0.0.1',
    'http.port': String(port),
    'transport.port': '0',
    'node.portsfile': 'true',
    'path.data': run.options.data_dir ?? path.join(run.dir, 'data'),
    'path.logs': path.join(run.dir, 'logs'),
    // A developer's full disk must not turn into a write block in the middle of a test.
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    ...(run.name === 'elasticsearch' ? { 'xpack.security.enabled': 'false' } : {}),
    ...run.options.settings,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  writeOwnFile(path.join(run.dir, 'config', `${run.name}.yml`), lines.join(''));
}

/** Words and environment that start the server; its pid goes to {@link pidFile}. */
export function launchCommand(run: EngineRun): { words: string[]; env: Record<string, string> } {
  const java = findJava();
  if (java === null) throw new Error(`${run.name} needs a JDK of version 21 or newer`);
  const heap = `${run.options.heap_mb ?? 512}m`;
  const flags = [`-Xms${heap}`, `-Xmx${heap}`, ...(run.options.java_options ?? [])];
  const in_run = (part: string) => path.join(run.dir, part);
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin' };
  if (run.name === 'elasticsearch') {
    const words = [path.join(run.home, 'bin', 'elasticsearch'), '-p', pidFile(run)];
    const places = { ES_JAVA_HOME: java, ES_PATH_CONF: in_run('config'), ES_TMPDIR: in_run('tmp') };
    // The launcher is a JVM of its own, which leaves a folder behind wherever its temporary files go.
    const options = {
      ES_JAVA_OPTS: flags.join(' '),
      CLI_JAVA_OPTS: `-Djava.io.tmpdir=${in_run('tmp')}`,
    };
    return { words: [...launchPrefix(), ...words], env: { ...env, ...places, ...options } };
  }
  const words = [
    path.join(java, 'bin', 'java'),
    ...flags,
    `-Djava.io.tmpdir=${in_run('tmp')}`,
    `-Dopensearch.path.home=${run.home}`,
    `-Dopensearch.path.conf=${in_run('config')}`,
    '-Dopensearch.distribution.type=zip',
    // With the hook the stop ends in a ClassCastException.
    '-Dlog4j.shutdownHookEnabled=false',
    '-Dlog4j2.disable.jmx=true',
    '--enable-native-access=ALL-UNNAMED',
    '--add-modules=jdk.incubator.vector',
    '-cp',
    path.join(run.home, 'lib', '*'),
    'org.opensearch.bootstrap.OpenSearch',
    '-p',
    pidFile(run),
  ];
  return { words: [...launchPrefix(), ...words], env };
}

export const portFile = (run: EngineRun) => path.join(run.dir, 'logs', 'http.ports');
/** Elasticsearch's launcher is the parent of its server: only this file names the server. */
export const pidFile = (run: EngineRun) => path.join(run.dir, 'logs', 'engine.pid');

/** Ends the engines and removes the folders of runs that were killed. */
export function sweepLeftovers(): void {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-[0-9a-f]{8}$`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const dir = path.join(os.tmpdir(), name);
    const pid = readPid(path.join(dir, 'logs', 'engine.pid'));
    // A pid may belong to somebody else by now: only a server that names this folder is ours.
    if (pid > 0 && commandOf(pid).includes(dir)) process.kill(pid, 'SIGKILL');
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** 0 where there is no such file, or an unfinished one. */
export function readPid(file: string): number {
  try {
    return Number(fs.readFileSync(file, 'utf8').trim());
  } catch {
    return 0;
  }
}

function commandOf(pid: number): string {
  const proc = `/proc/${pid}/cmdline`;
  if (fs.existsSync(proc)) return fs.readFileSync(proc, 'utf8');
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}
