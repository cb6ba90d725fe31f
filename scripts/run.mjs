// Every npm script of the repository comes through here: what is missing is installed, then the command runs.
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const plugin = path.join(root, 'grafana-app-plugin');

// glibc keeps freed memory unless told otherwise: batches of some megabytes then grow the process by 40-70 MB within five
// million lines (9 MB with these; measured by the memory bench). Other C libraries ignore the variables.
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

const backend = (file) => (args) =>
  run(process.execPath, ['--import', 'tsx', `detector-backend/${file}`, ...args], root, MALLOC);

const COMMANDS = {
  start: async (args) => {
    const built = await buildIfStale();
    return built === 0 ? backend('src/start.ts')(args) : built;
  },
  test: async (args) => {
    const { runTests } = await import('./test.mjs');
    return runTests(root, args, buildIfStale);
  },
  bench: backend('bench/main.ts'),
  campaign: backend('campaign/main.ts'),
  migrate: (args) => backend('src/cli.ts')(['migrate', ...args]),
  'seed-dev': (args) => backend('src/cli.ts')(['seed-dev', ...args]),
  seismolog: backend('src/cli.ts'),
  lint: (args) => inTurn(['eslint', '.', ...args], ['prettier', '--check', '.']),
  typecheck: () => inTurn(['tsc', '-p', 'detector-backend'], ['tsc', '-p', 'grafana-app-plugin']),
  build: () => run(process.execPath, ['preview-host/build-all.mjs'], plugin),
};

const [name, ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
  process.exit(2);
}
const installed = isInstalled() ? 0 : await install();
process.exitCode = installed === 0 ? await command(args) : installed;

/** Whether node_modules holds every package of the lock file in its version; platform packages may be absent. */
function isInstalled() {
  // A linked folder belongs to another checkout: npm would follow the link and empty it.
  if (
    existsSync(path.join(root, 'node_modules')) &&
    lstatSync(path.join(root, 'node_modules')).isSymbolicLink()
  )
    return true;
  const hidden = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const { packages: present } = JSON.parse(readFileSync(hidden, 'utf8'));
  return Object.entries(wanted).every(
    ([place, { version, optional, peer, link }]) =>
      !place.includes('node_modules/') || link || optional || peer || present[place]?.version === version,
  );
}

function install() {
  console.error('Installing packages (npm ci) …');
  // The npm that runs this script, when one does: another one may be first on the path.
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  return run(npm[0], [...npm.slice(1), 'ci', '--no-fund', '--no-audit']);
}

/** Builds plugin and preview host when a source is newer than what was built. */
function buildIfStale() {
  const built = path.join(plugin, 'preview-host', 'dist', 'index.html');
  const sources = ['src', 'preview-host', 'package.json', 'webpack.config.mjs'].map((entry) =>
    path.join(plugin, entry),
  );
  if (existsSync(built) && newest(sources) <= statSync(built).mtimeMs) return 0;
  console.error('Building the plugin …');
  return COMMANDS.build([]);
}

function newest(entries) {
  return Math.max(
    0,
    ...entries.filter(existsSync).map((entry) => {
      if (/(^|\/)(dist|node_modules)$/.test(entry)) return 0;
      const stat = statSync(entry);
      return stat.isDirectory()
        ? newest(readdirSync(entry).map((child) => path.join(entry, child)))
        : stat.mtimeMs;
    }),
  );
}

async function inTurn(...calls) {
  for (const [tool, ...words] of calls) {
    const code = await run(process.execPath, [binOf(tool), ...words]);
    if (code !== 0) return code;
  }
  return 0;
}

function binOf(tool) {
  const folder = path.join(root, 'node_modules', tool === 'tsc' ? 'typescript' : tool);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[tool]);
}

/** Runs a command with our streams; gives its exit code, 128 + n when signal n ended it. */
function run(file, words, cwd = root, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, words, { cwd, stdio: 'inherit', env: { ...env, ...process.env } });
    // A terminal sends Ctrl-C to the child as well; a service manager signals this process alone.
    const forward = (signal) => void (process.stdin.isTTY && signal === 'SIGINT' ? 0 : child.kill(signal));
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, forward);
    // npm does not pass its own end on: whoever ends npm must not leave the product running.
    const parent = process.ppid;
    const watch = setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 1000);
    watch.unref();
    child.on('error', (error) => {
      console.error(`${file}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code, signal) => {
      clearInterval(watch);
      for (const each of signals) process.off(each, forward);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}
