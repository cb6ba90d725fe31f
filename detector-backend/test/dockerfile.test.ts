import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  dockerfileProblems,
  environmentOf,
  execForm,
  instructionsOf,
  readDockerfile,
} from './dockerfile-text.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const FILES = ['detector-backend/Dockerfile', 'provisioning/grafana/Dockerfile'];

/** Whether the context of a build has the file: the last pattern of .dockerignore that fits decides. */
function isSent(file: string): boolean {
  let sent = true;
  for (const line of read('.dockerignore').split('\n')) {
    const pattern = line.trim();
    if (pattern === '' || pattern.startsWith('#')) continue;
    const isException = pattern.startsWith('!');
    if (fits(isException ? pattern.slice(1) : pattern, file)) sent = isException;
  }
  return sent;
}

function fits(pattern: string, file: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'));
  // A pattern fits what is below it as well.
  return new RegExp(`^${source}(/.*)?$`).test(file);
}

describe.each(FILES)('%s', (file) => {
  const text = read(file);

  test('pins its bases, builds apart, runs without root and says whether it is well', () => {
    expect(dockerfileProblems(text)).toEqual([]);
  });

  test('each change for the worse is found', () => {
    const withoutUser = text.replace(/^USER .*$/m, '');
    expect(dockerfileProblems(withoutUser)).toEqual(['runs as root']);
    expect(dockerfileProblems(text.replace(/^USER .*$/m, 'USER root'))).toEqual(['runs as root']);
    expect(dockerfileProblems(text.replace(/^HEALTHCHECK .*\n.*$/m, ''))).toEqual(['has no health check']);
    expect(dockerfileProblems(text.replaceAll(/:24\.21\.0/g, ':latest'))).not.toEqual([]);
    expect(dockerfileProblems(`${text}\nRUN apt-get install -y curl`)).toEqual([
      'the last stage installs packages',
    ]);
    expect(dockerfileProblems(`${text}\nCOPY . .`)).toEqual(['copies the whole repository']);
    expect(dockerfileProblems(`${text}\nENV REDIS_PASSWORD=x`)).toEqual([
      'a secret stays in the layers: REDIS_PASSWORD',
    ]);
  });

  test('what it copies exists and is sent to the build', () => {
    const sources = readDockerfile(text)
      .flatMap((stage) => instructionsOf(stage, 'COPY'))
      .filter((words) => !words.startsWith('--from='))
      .flatMap((words) => words.split(/\s+/).slice(0, -1));
    expect(sources.length).toBeGreaterThan(4);
    for (const source of sources) {
      expect({ source, exists: existsSync(path.join(root, source)) }).toEqual({ source, exists: true });
      // Of a folder at least its sources.
      const isFolder = source === 'grafana-app-plugin';
      expect({ source, sent: isSent(isFolder ? `${source}/src/module.tsx` : source) }).toEqual({
        source,
        sent: true,
      });
    }
  });
});

test('secrets, data, tests and what was installed here never reach a build', () => {
  for (const file of [
    '.env',
    '.git/config',
    '.data/admin-key',
    'node_modules/pg/package.json',
    'detector-backend/node_modules/ajv/package.json',
    'detector-backend/src/app.test.ts',
    'detector-backend/src/access/access.it.test.ts',
    'grafana-app-plugin/src/node_modules/x/index.js',
    'grafana-app-plugin/dist/module.js',
  ]) {
    expect({ file, sent: isSent(file) }).toEqual({ file, sent: false });
  }
  expect(isSent('detector-backend/src/access/role.ts')).toBe(true);
  expect(isSent('migrations/0001_core.sql')).toBe(true);
});

test('the plugin is allowed, and lies where Grafana looks for it, by the name it has', () => {
  const { id } = JSON.parse(read('grafana-app-plugin/src/plugin.json')) as { id: string };
  const last = readDockerfile(read('provisioning/grafana/Dockerfile')).at(-1);
  const environment = environmentOf(last);
  expect(environment['GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS']?.split(',')).toContain(id);
  const [copied = ''] = instructionsOf(last, 'COPY');
  expect(copied.split(/\s+/).at(-1)).toBe(`${environment['GF_PATHS_PLUGINS']}/${id}`);
  expect(environment['GF_PATHS_PLUGINS']).not.toMatch(/^\/var\/lib\/grafana/);
});

test('freed memory goes back to the system in a container as it does with npm start', () => {
  const [, words = ''] = /const MALLOC = \{(.*)\};/.exec(read('scripts/run.mjs')) ?? [];
  const wanted = [...words.matchAll(/(\w+): '(\w+)'/g)].map(([, name, value]) => [name, value]);
  expect(wanted.length).toBeGreaterThan(0);
  const environment = environmentOf(readDockerfile(read('detector-backend/Dockerfile')).at(-1));
  expect(environment).toMatchObject(Object.fromEntries(wanted));
  expect(
    execForm(instructionsOf(readDockerfile(read('detector-backend/Dockerfile')).at(-1), 'CMD')[0])[0],
  ).toBe('node');
});
