// npm test: the suites of both workspaces, and one line at the end that every CI can read: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const WORKSPACES = [
  { workspace: 'detector-backend', flag: '--backend' },
  { workspace: 'grafana-app-plugin', flag: '--plugin' },
];

/**
 * `--require-all` makes a skipped test a failure, unless its name ends in `(optional)`; `--backend` and `--plugin` run one workspace; all other arguments go
 * to vitest (file names, `-t NAME`).
 */
export async function runTests(root, args, build) {
  const own = ['--require-all', ...WORKSPACES.map(({ flag }) => flag)];
  const requireAll = args.includes('--require-all');
  const only = WORKSPACES.filter(({ flag }) => args.includes(flag));
  const chosen = only.length > 0 ? only : WORKSPACES;
  const rest = args.filter((arg) => !own.includes(arg));
  installServices();
  // The browser tests of both workspaces load the built plugin.
  const sum = { passed: 0, failed: (await build()) === 0 ? 0 : 1, skipped: [], failures: [] };
  const home = mkdtempSync(path.join(os.tmpdir(), 'seismolog-results-'));
  for (const { workspace } of chosen)
    addResult(root, sum, runVitest(root, workspace, rest, path.join(home, `${workspace}.json`)));
  rmSync(home, { recursive: true, force: true });
  for (const name of sum.skipped) console.log(`skipped: ${name}`);
  const required = requireAll ? sum.skipped.filter((name) => !name.endsWith('(optional)')) : [];
  const failed = sum.failed + required.length;
  if (required.length > 0)
    console.log('--require-all: each skipped test that is not optional counts as failed');
  // Again, below thousands of lines: a log that was cut short keeps its end.
  for (const failure of sum.failures) console.log(`failed: ${failure}`);
  console.log(`${sum.passed} passed, ${failed} failed`);
  return failed === 0 && sum.passed > 0 ? 0 : 1;
}

// Package of Debian by the command that shows that it is there.
const SERVICES = { 'redis-server': 'redis-server', chromium: 'chromium', mvn: 'maven' };

/**
 * Redis, a browser, and Maven (which downloads Elasticsearch and OpenSearch), where this machine is a Debian that we may
 * change; elsewhere their suites are skipped.
 */
function installServices() {
  const missing = Object.entries(SERVICES).flatMap(([command, name]) =>
    spawnSync('which', [command]).status === 0 ? [] : [name],
  );
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (missing.length === 0 || !mayInstall) return;
  console.error(`Installing ${missing.join(', ')} (apt-get) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...words) =>
    spawnSync('apt-get', ['-qq', ...words], { env, stdio: ['ignore', 'ignore', 'inherit'] }).status;
  const done = apt('update') === 0 && apt('install', '-y', '--no-install-recommends', ...missing) === 0;
  if (!done) console.error(`Not installed: ${missing.join(', ')}; their suites are skipped`);
}

function runVitest(root, workspace, words, output) {
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--passWithNoTests', ...reporters, ...words],
    {
      cwd: path.join(root, workspace),
      stdio: 'inherit',
    },
  );
  return {
    workspace,
    status,
    report: existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : undefined,
  };
}

function addResult(root, sum, { workspace, status, report }) {
  const before = sum.failed;
  for (const file of report?.testResults ?? []) {
    const name = `${workspace}/${path.relative(path.join(root, workspace), file.name)}`;
    sum.passed += file.assertionResults.filter((test) => test.status === 'passed').length;
    const failures = file.assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${name} ${test.fullName}\n${test.failureMessages.join('\n')}`);
    // A file that could not be loaded, or whose set-up failed, has no failed test of its own.
    if (file.status === 'failed' && failures.length === 0) failures.push(`${name}\n${file.message}`);
    sum.failed += failures.length;
    sum.failures.push(...failures);
    const skipped = file.assertionResults.filter((test) => !['passed', 'failed'].includes(test.status));
    sum.skipped.push(...skipped.map((test) => `${name} ${test.fullName}`));
  }
  if (status !== 0 && sum.failed === before) {
    sum.failed += 1;
    sum.failures.push(`${workspace}: no report, or an error outside of every test (see above)`);
  }
}
