import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { EmbeddedStack } from '../src/embedded.ts';
import { findLogSource } from '../src/ingest/log-source-repository.ts';
import { ownRow, type Bench, type BenchRow } from './bench-schema.ts';
import { withDataDir, withStack } from './bench-stack.ts';

const SENDER = fileURLToPath(new URL('./ingest-sender.ts', import.meta.url));
const SECONDS = 20;
const CONNECTIONS = 4;
const BATCH_LINES = 5000;

export interface Sent {
  accepted: number;
  warm_up: number;
  seconds: number;
  bytes_per_line: number;
  p50_ms: number;
  p99_ms: number;
}

/**
 * POST /logs in NDJSON over loopback HTTP; sender, api, worker and PostgreSQL (with its default durability) share the cores. Then
 * how fast the stored lines are read again, with the worker at rest. Throws when not every accepted line is stored.
 */
export const run: Bench = () =>
  withDataDir(async (data_dir) => {
    const sent = await withStack(data_dir, sendFor);
    const read = await withStack(data_dir, readAll, { with_worker: false });
    const stored = sent.accepted + sent.warm_up;
    if (read.lines !== stored) throw new Error(`${stored} lines were accepted, ${read.lines} are stored`);
    return rowsOf(sent, read.per_second);
  });

export const sentInput = ({ bytes_per_line }: Sent): string =>
  `NDJSON, ${BATCH_LINES} lines of ${bytes_per_line} B a batch, ${CONNECTIONS} connections`;

function rowsOf(sent: Sent, read_per_second: number): BenchRow[] {
  const input = sentInput(sent);
  const per_second = Math.round(sent.accepted / sent.seconds);
  return [
    ownRow(input, 'lines_per_second', per_second, { least: 20_000 }),
    ownRow(input, 'batch_p50_ms', sent.p50_ms),
    ownRow(input, 'batch_p99_ms', sent.p99_ms),
    ownRow('readSlice', 'lines_per_second', read_per_second, { least: 150_000 }),
  ];
}

/** Sends as fast as the product answers, from a process of its own. */
export async function sendFor({ base_url, api_key }: EmbeddedStack): Promise<Sent> {
  const headers = JSON.stringify({ authorization: `Bearer ${api_key}` });
  const values = [`${base_url}/api/v1/logs?log_source=bench`, headers, SECONDS, CONNECTIONS, BATCH_LINES];
  const sender = spawn(process.execPath, ['--import', 'tsx', SENDER, ...values.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, code] = await Promise.all([
    text(sender.stdout),
    new Promise<number | null>((resolve) => sender.on('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`the sender ended with ${code}`);
  return JSON.parse(output) as Sent;
}

/** Reads the source from its beginning. */
async function readAll({ parts, tenant_id }: EmbeddedStack): Promise<{ lines: number; per_second: number }> {
  const source = await parts.database.withTenant(tenant_id, (client) => findLogSource(client, 'bench'));
  if (source === null) throw new Error('the log source was not made');
  const everything = { tenant_id, log_source_id: source.id, slice_start: 0, slice_end: Date.now() + 60_000 };
  const started = performance.now();
  let lines = 0;
  for await (const page of parts.log_store.readSlice(everything)) lines += page.length;
  return { lines, per_second: Math.round((lines * 1000) / (performance.now() - started)) };
}
