import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeWithOwnEngine } from '../engines.ts';

const SCRIPT = fileURLToPath(new URL('../../campaign/main.ts', import.meta.url));
const LIMIT_MS = 900_000;

function campaign(...words: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, 'search-engine', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

describeWithOwnEngine('the campaign against a search engine', () => {
  // Fifty by `npm run campaign -- search-engine`; three here, at once.
  test(
    'three outages at random: every line is counted once, and no anomaly says that lines are missing',
    { timeout: LIMIT_MS },
    async () => {
      const { code, output } = await campaign('--runs', '3', '--lanes', '3', '--seed', '7', '--json');
      const summary = output.trim().split('\n').at(-1) ?? '';
      expect(output).toContain('3 runs: 3 counted every line once, 0 failed');
      expect(JSON.parse(summary)).toMatchObject({ runs: 3, failed: 0, volume_anomalies: 0 });
      expect(code).toBe(0);
    },
  );
});
