import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

it('src/api/generated.ts is made of docs/openapi.json (npm run api-types -w grafana-app-plugin)', () => {
  const made = execFileSync(
    process.execPath,
    [file('../../node_modules/openapi-typescript/bin/cli.js'), file('../../docs/openapi.json')],
    { encoding: 'utf8' },
  );
  expect(readFileSync(file('../src/api/generated.ts'), 'utf8') === made).toBe(true);
});
