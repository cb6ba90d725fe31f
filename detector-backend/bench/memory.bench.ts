import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedStack } from '../src/embedded.ts';
import { createLogTimeDriver, type LogTimeDriver } from '../src/log-time-driver.ts';
import { processTreeMemory } from '../src/platform/process-memory.ts';
import { ownRow, type Bench, type BenchOptions, type BenchRow } from './bench-schema.ts';
import { stepRows, withDataDir, withStack } from './bench-stack.ts';
import { DENSITY, logTimeOf, sendDenseLog } from './dense-log.ts';

const LINES = 5_000_000;
const REST_MS = 8_000;

/**
 * Memory of the whole process tree (PSS: sender, api, worker and PostgreSQL) at rest: after the first fifth of the lines and
 * after all of them. They go over HTTP and are read and judged on the way; the rate is that of the whole way.
 */
export const run: Bench = (options) =>
  withDataDir((data_dir) => withStack(data_dir, (stack) => measure(stack, options)));

async function measure(stack: EmbeddedStack, { lines, say }: BenchOptions): Promise<BenchRow[]> {
  const last = lines ?? LINES;
  const fifth = Math.floor(last / 5);
  const from = Math.floor(Date.now() / 3_600_000 - 12) * 3_600_000;
  const driver = await createLogTimeDriver(stack, { name: 'bench', source_type: 'simulated' });
  const memoryAfter = async (first: number, until: number) => {
    const seconds = await feed(driver, { from, first, last: until }, say);
    await sleep(REST_MS);
    const mb = processTreeMemory();
    const { rss, heapTotal } = process.memoryUsage();
    say(`${Math.round(mb)} MB at rest after ${until} lines`);
    return { seconds, mb, node_mb: rss / 1e6, heap_mb: heapTotal / 1e6 };
  };
  const idle = processTreeMemory();
  const early = await memoryAfter(0, fifth);
  const late = await memoryAfter(fifth, last);
  const input = `${last} lines, ${DENSITY} a second of log time, 8 services`;
  return [
    ownRow(input, 'pss_before_mb', Math.round(idle)),
    ownRow(input, `pss_after_${fifth}_mb`, Math.round(early.mb), { most: 900 }),
    ownRow(input, `pss_after_${last}_mb`, Math.round(late.mb), { most: 900 }),
    // Where it is: in this process, and of that in V8's heap; the rest is PostgreSQL.
    ownRow(input, `node_rss_after_${fifth}_mb`, Math.round(early.node_mb)),
    ownRow(input, `node_rss_after_${last}_mb`, Math.round(late.node_mb)),
    ownRow(input, `v8_heap_after_${fifth}_mb`, Math.round(early.heap_mb)),
    ownRow(input, `v8_heap_after_${last}_mb`, Math.round(late.heap_mb)),
    ownRow(input, 'growth', Math.round((late.mb / early.mb) * 1000) / 1000, { most: 1.1 }),
    ownRow(input, 'end_to_end_lines_per_second', Math.round(last / (early.seconds + late.seconds))),
    ...(await stepRows(stack, input)),
  ];
}

/** Sends a part of the log and waits until it is judged; returns seconds. */
async function feed(
  driver: LogTimeDriver,
  span: { from: number; first: number; last: number },
  say: (text: string) => void,
): Promise<number> {
  const started = performance.now();
  await sendDenseLog(driver, { ...span, moves_clock: true }, (sent) =>
    say(`sent ${span.first + sent} of ${span.last} lines`),
  );
  await driver.settled(logTimeOf(span.last, span.from));
  return (performance.now() - started) / 1000;
}
