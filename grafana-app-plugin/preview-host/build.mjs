// Builds the preview host into dist/: one folder that a server gives out at /, with index.html for every other path.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const published = path.join(here, 'dist');
// Built aside and moved at the end, so that a server that gives out the folder never sees half of it.
const dist = path.join(here, '../.cache/preview-host');
const require = createRequire(import.meta.url);
const packageDir = (name) => {
  const modules = require.resolve.paths(name).map((dir) => path.join(dir, name));
  const found = modules.find((dir) => fs.existsSync(path.join(dir, 'package.json')));
  if (!found) {
    throw new Error(`${name} is not installed: run npm ci`);
  }
  return found;
};
const pluginId = JSON.parse(fs.readFileSync(path.join(here, '../src/plugin.json'), 'utf8')).id;

const copy = (from, to) => fs.cpSync(from, path.join(dist, to), { recursive: true });

async function bundle() {
  await build({
    entryPoints: { host: path.join(here, 'main.tsx') },
    bundle: true,
    format: 'iife',
    outdir: dist,
    minify: true,
    target: 'es2022',
    jsx: 'automatic',
    // `define` must be hidden: SystemJS has one, and lodash would register with it.
    define: { 'process.env.NODE_ENV': '"production"', global: 'window', define: 'undefined' },
    alias: {
      'monaco-editor': path.join(here, 'monaco-stub.js'),
      '@monaco-editor/react': path.join(here, 'monaco-stub.js'),
    },
    loader: { '.woff2': 'file', '.woff': 'file', '.ttf': 'file', '.svg': 'file', '.png': 'file' },
    conditions: ['import', 'module', 'browser'],
    mainFields: ['browser', 'module', 'main'],
    logLevel: 'warning',
  });
}

/** Icons are in @grafana/ui only in part; the rest comes from the set that Grafana took them from. */
function copyIcons() {
  const target = 'public/build/img/icons';
  copy(path.join(packageDir('@grafana/ui'), 'dist/public/img/icons'), target);
  const { icons } = JSON.parse(
    fs.readFileSync(path.join(packageDir('@iconify-json/uil'), 'icons.json'), 'utf8'),
  );
  const folder = path.join(dist, target, 'unicons');
  for (const [name, icon] of Object.entries(icons)) {
    const file = path.join(folder, `${name}.svg`);
    if (!fs.existsSync(file)) {
      fs.writeFileSync(
        file,
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${icon.body}</svg>`,
      );
    }
  }
}

/** @grafana/ui asks for fonts by these names. */
function copyFonts() {
  const inter = path.join(packageDir('@fontsource-variable/inter'), 'files');
  const mono = path.join(packageDir('@fontsource-variable/roboto-mono'), 'files');
  const fonts = fs.readFileSync(path.join(dist, 'host.js'), 'utf8').match(/(?:inter|roboto)\/[\w-]+\.woff2/g);
  for (const font of new Set(fonts)) {
    const style = /italic/i.test(font) ? 'italic' : 'normal';
    const source = font.startsWith('inter/')
      ? path.join(inter, `inter-latin-wght-${style}.woff2`)
      : path.join(mono, `roboto-mono-latin-wght-${style}.woff2`);
    copy(source, `public/fonts/${font}`);
  }
}

fs.rmSync(dist, { recursive: true, force: true });
await bundle();
copyIcons();
copyFonts();
copy(path.join(packageDir('systemjs'), 'dist/system.min.js'), 'system.js');
copy(path.join(packageDir('systemjs'), 'dist/extras/amd.min.js'), 'system-amd.js');
copy(path.join(here, 'index.html'), 'index.html');
const plugin = path.join(here, '../dist');
if (!fs.existsSync(path.join(plugin, 'module.js'))) {
  throw new Error('The plugin is not built: run npm run build -w grafana-app-plugin');
}
copy(plugin, `public/plugins/${pluginId}`);
fs.rmSync(published, { recursive: true, force: true });
fs.renameSync(dist, published);
