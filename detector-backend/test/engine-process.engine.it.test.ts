import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithEngines, describeWithOwnEngine, ENGINES, engineUrl } from './engines.ts';
import { startEngine, type RunningEngine } from './engine-process.ts';
import { sweepLeftovers } from './engine-run.ts';

const QUICK = { java_options: ['-XX:TieredStopAtLevel=1'] };

describeWithEngines('the nodes of the run', () => {
  test.each(ENGINES)('%s answers', async (name) => {
    const response = await fetch(`${engineUrl(name)}/_cluster/health`);
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });
});

describeWithOwnEngine('a node of one test file', () => {
  describe.each(ENGINES)('%s', (name) => {
    let node: RunningEngine;
    beforeAll(async () => {
      node = await startEngine(name, QUICK);
    }, 180_000);
    afterAll(() => node?.stop(), 30_000);

    test('keeps an acknowledged document over a crash and a restart on the same URL', async () => {
      const put = await call(`${node.url}/kept/_doc/1?refresh=true`, 'PUT', { message: 'kept' });
      expect(put.status).toBe(201);
      const first_pid = node.pid;
      await node.kill();
      await expect(fetch(node.url)).rejects.toThrow();
      await node.restart();
      expect(node.pid).not.toBe(first_pid);
      expect((await call(`${node.url}/kept/_doc/1`, 'GET')).status).toBe(200);
    }, 180_000);

    test('hangs while it is paused', async () => {
      await node.pause();
      const hanging = fetch(`${node.url}/_cluster/health`, { signal: AbortSignal.timeout(700) });
      await expect(hanging).rejects.toThrow(/timeout/i);
      node.resume();
      expect((await call(`${node.url}/_cluster/health`, 'GET')).status).toBe(200);
    });
  });

  test('says in its error why it could not start', async () => {
    const settings = { 'no.such.setting': 'true' };
    await expect(startEngine('opensearch', { ...QUICK, settings })).rejects.toThrow(
      /unknown setting \[no\.such\.setting\]/,
    );
  }, 180_000);

  // Elasticsearch's launcher is the parent of its server.
  test.each([
    ['elasticsearch', 2],
    ['opensearch', 1],
  ] as const)(
    '%s ends with a process that was killed, and the next run removes its folder',
    async (name, processes) => {
      const script = `
        const { execFileSync } = await import('node:child_process');
        const { startEngine } = await import(${JSON.stringify(import.meta.resolve('./engine-process.ts'))});
        await startEngine(${JSON.stringify(name)}, ${JSON.stringify(QUICK)});
        console.log(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }));
        process.kill(process.pid, 'SIGKILL');`;
      const { stdout, pid: killed } = spawnSync(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', script],
        { encoding: 'utf8' },
      );
      expect(namesOf(killed, stdout)).toHaveLength(processes);
      await expect.poll(() => namesOf(killed, listProcesses()), { timeout: 60_000 }).toEqual([]);
      expect(foldersOf(killed)).toHaveLength(1);
      sweepLeftovers();
      expect(foldersOf(killed)).toHaveLength(0);
    },
    180_000,
  );
});

function foldersOf(pid: number): string[] {
  return fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(`seismolog-engine-${pid}-`));
}

/** Lines of a list of processes that name the folder of an engine which this process started. */
function namesOf(pid: number, list: string): string[] {
  return list.split('\n').filter((line) => line.includes(`seismolog-engine-${pid}-`));
}

const listProcesses = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });

async function call(url: string, method: string, body?: object): Promise<{ status: number }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  await response.text();
  return { status: response.status };
}
