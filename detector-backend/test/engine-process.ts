import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { spawnUser } from './engine-folder.ts';
import {
  launchCommand,
  pidFile,
  portFile,
  prepareRun,
  readPid,
  writeSettings,
  type EngineOptions,
  type EngineRun,
} from './engine-run.ts';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;
const KEPT_LINES = 40;

export interface RunningEngine {
  name: SearchEngineName;
  url: string;
  /** Of the server itself; another one after each restart. */
  readonly pid: number;
  /** A crash: SIGKILL to the server. */
  kill(): Promise<void>;
  /** SIGSTOP: connections are taken and nothing answers. Resolves once it stands still (Linux). */
  pause(): Promise<void>;
  resume(): void;
  /** On the same port and data, after a clean stop where it still runs. Resolves when it answers. */
  restart(): Promise<void>;
  /** Clean stop; removes its folder, not `data_dir`. */
  stop(): Promise<void>;
  /** The last lines that it logged. */
  log(): string;
}

interface Server {
  url: string;
  pid: number;
  child: ChildProcess;
  exited: Promise<unknown>;
  log(): string;
}

/**
 * Starts a node of its own, for tests that crash, stop or throttle it; about 7 s for Elasticsearch and 4 s for OpenSearch
 * (several times that on a busy machine: give hooks 180 s). It ends with this process, however that ends (Linux).
 * @throws Error with the last lines of its log when it ends or does not answer within 120 s
 */
export async function startEngine(
  name: SearchEngineName,
  options: EngineOptions = {},
): Promise<RunningEngine> {
  const run = await prepareRun(name, options);
  const remove = () => fs.rmSync(run.dir, { recursive: true, force: true });
  let server = await launch(run, options.port ?? 0).catch((error: unknown) => {
    remove();
    throw error;
  });
  const { url } = server;
  return {
    name,
    url,
    get pid() {
      return server.pid;
    },
    async kill() {
      signal(server.pid, 'SIGKILL');
      await server.exited;
    },
    async pause() {
      signal(server.pid, 'SIGSTOP');
      // Its many threads stop one by one: a request sent at once may still be answered.
      while (!(await standsStill(server.pid))) await sleep(10);
    },
    resume: () => signal(server.pid, 'SIGCONT'),
    async restart() {
      await end(server);
      server = await launch(run, Number(new URL(url).port));
    },
    async stop() {
      await end(server);
      remove();
    },
    log: () => server.log(),
  };
}

async function launch(run: EngineRun, port: number): Promise<Server> {
  writeSettings(run, port);
  // Both files survive a stop.
  for (const file of [portFile(run), pidFile(run)]) fs.rmSync(file, { force: true });
  const { words, env } = launchCommand(run);
  const [command, ...rest] = words as [string, ...string[]];
  const user = spawnUser(words);
  const child = spawn(command, rest, {
    ...user,
    cwd: run.dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A terminal's Ctrl-C goes to the whole group; the node must end last, when we say so.
    detached: true,
  });
  const end_with_us = () => child.kill('SIGTERM');
  process.once('exit', end_with_us);
  const exited = new Promise<void>((resolve) => {
    const ended = () => {
      process.removeListener('exit', end_with_us);
      resolve();
    };
    child.once('error', ended);
    child.once('exit', ended);
  });
  const server = { child, exited, log: lastLines(child) };
  try {
    const ready = await untilReady(run, server);
    await provokeException(ready.url);
    return { ...server, ...ready };
  } catch (error) {
    await end({ ...server, url: '', pid: readPid(pidFile(run)) });
    throw error;
  }
}

function lastLines(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (text = `${text}${chunk.toString()}`.slice(-40_000)));
  }
  // Of a Java error its first line says what happened, and hundreds more where.
  const isFrame = (line: string) => /^\s*(at |\.\.\. \d+ more|Suppressed: )/.test(line);
  return () => {
    const lines = text.trimEnd().split('\n');
    return lines
      .filter((line) => !isFrame(line))
      .slice(-KEPT_LINES)
      .join('\n');
  };
}

async function untilReady(
  run: EngineRun,
  { child, log }: Pick<Server, 'child' | 'log'>,
): Promise<{ url: string; pid: number }> {
  const scheme = run.options.settings?.['xpack.security.http.ssl.enabled'] === 'true' ? 'https' : 'http';
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${run.name} ended (${child.exitCode ?? child.signalCode}):\n${log()}`);
    }
    const address = firstAddress(run);
    const pid = readPid(pidFile(run));
    const url = `${scheme}://${address}`;
    if (address && pid > 0 && (await isReady(url))) return { url, pid };
    await sleep(50);
  }
  throw new Error(`${run.name} was not ready within ${START_LIMIT_MS / 1000} s:\n${log()}`);
}

/** `host:port`, or undefined until the node listens. */
function firstAddress(run: EngineRun): string | undefined {
  if (!fs.existsSync(portFile(run))) return undefined;
  return /^\S+:\d+$/m.exec(fs.readFileSync(portFile(run), 'utf8'))?.[0];
}

/** Yellow: an index may want replicas that one node can not have. With security on, 401 is all that a stranger gets. */
function isReady(url: string): Promise<boolean> {
  const { get } = url.startsWith('https') ? https : http;
  const path = '/_cluster/health?wait_for_status=yellow&wait_for_no_initializing_shards=true&timeout=2s';
  return new Promise((resolve) => {
    const request = get(`${url}${path}`, { rejectUnauthorized: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || response.statusCode === 401);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/**
 * Elasticsearch 9.4.3 stores nothing more until it is restarted when its first two exceptions come at the same moment, as after
 * a hang: of a write whose client has left (`ElasticsearchException`, whose class loads all others), and of a document that is
 * there already (`VersionConflictEngineException`, whose class loads that one). Each write thread then waits for the class that
 * the other one has begun. So the first exception comes here, alone: that of a missing index.
 */
function provokeException(url: string): Promise<void> {
  const { get } = url.startsWith('https') ? https : http;
  return new Promise((resolve) => {
    const request = get(`${url}/no-such-index`, { rejectUnauthorized: false, timeout: 5000 }, (response) => {
      response.resume().on('close', resolve);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve());
  });
}

async function standsStill(pid: number): Promise<boolean> {
  const tasks = `/proc/${pid}/task`;
  if (!fs.existsSync(tasks)) return sleep(200, true);
  return fs.readdirSync(tasks).every((task) => ['T', 'gone'].includes(stateOf(`${tasks}/${task}`)));
}

/** Letter of the scheduler; a thread may end while it is looked at. */
function stateOf(task: string): string {
  try {
    return /^State:\s+(\w)/m.exec(fs.readFileSync(`${task}/status`, 'utf8'))?.[1] ?? '';
  } catch {
    return 'gone';
  }
}

async function end({ child, pid, exited }: Server): Promise<void> {
  const has_ended = () => child.exitCode !== null || child.signalCode !== null;
  if (has_ended() || child.pid === undefined) return;
  // A paused server would hear SIGTERM only when it goes on.
  signal(pid, 'SIGCONT');
  child.kill('SIGTERM');
  await Promise.race([exited, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
  if (has_ended()) return;
  signal(pid, 'SIGKILL');
  child.kill('SIGKILL');
  await exited;
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (pid <= 0) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
