import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeApi } from './cli.ts';

test('docs/openapi.json describes the routes of this release (npm run seismolog -- openapi)', async () => {
  const committed = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
  expect(await describeApi()).toBe(committed);
});
