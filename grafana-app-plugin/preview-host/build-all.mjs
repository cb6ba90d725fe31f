// Type check, plugin and preview host. The type check runs beside the plugin build; the host needs the built plugin.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = path.join(root, '../node_modules');

const run = (file, ...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(file)} ended with ${code}`)),
    );
  });

const typecheck = run(path.join(bin, 'typescript/bin/tsc'), '-p', 'tsconfig.json');
const build = run(
  path.join(bin, 'webpack/bin/webpack.js'),
  '--config',
  'webpack.config.mjs',
  '--env',
  'production',
).then(() => run('preview-host/build.mjs'));
const results = await Promise.allSettled([typecheck, build]);
for (const { reason } of results.filter(({ status }) => status === 'rejected')) {
  console.error(reason.message);
  process.exitCode = 1;
}
