import type { EmbeddedStack } from '../src/embedded.ts';
import { createLogTimeDriver } from '../src/log-time-driver.ts';
import { ownRow, type Bench, type BenchOptions, type BenchRow } from './bench-schema.ts';
import { stepRows, withDataDir, withStack } from './bench-stack.ts';
import { DENSITY, logTimeOf, sendDenseLog } from './dense-log.ts';

const LINES = 1_000_000;

/**
 * From stored line to counted window: the lines are stored first (over HTTP), then the clock of their source jumps to the
 * end, and the time counts until every line is read and every window judged. Throws when not every line was counted.
 */
export const run: Bench = (options) =>
  withDataDir((data_dir) => withStack(data_dir, (stack) => replay(stack, options)));

async function replay(stack: EmbeddedStack, { lines, say }: BenchOptions): Promise<BenchRow[]> {
  const last = lines ?? LINES;
  const from = Math.floor(Date.now() / 3_600_000 - 12) * 3_600_000;
  const driver = await createLogTimeDriver(stack, { name: 'bench', source_type: 'simulated' });
  const storing = performance.now();
  await sendDenseLog(driver, { from, first: 0, last, moves_clock: false }, (sent) =>
    say(`stored ${sent} of ${last} lines`),
  );
  const stored_seconds = (performance.now() - storing) / 1000;

  const end = logTimeOf(last, from) + 60_000;
  const started = performance.now();
  await driver.advanceClock(end);
  await driver.settled(end);
  const seconds = (performance.now() - started) / 1000;

  const counts = await countAll(stack, driver.log_source_id);
  if (counts.lines !== last) throw new Error(`${last} lines were stored, ${counts.lines} are counted`);
  const input = `${last} lines, ${DENSITY} a second of log time, 8 services`;
  return [
    ownRow(input, 'lines_per_second', Math.round(last / seconds), { least: 10_000 }),
    ownRow(input, 'seconds', Math.round(seconds * 10) / 10),
    ownRow(input, 'windows', counts.windows),
    ownRow(input, 'templates', counts.templates),
    ownRow(input, 'stored_before_per_second', Math.round(last / stored_seconds)),
    ...(await stepRows(stack, input)),
  ];
}

async function countAll({ parts, tenant_id }: EmbeddedStack, log_source_id: string) {
  return parts.database.withTenant(tenant_id, async (client) => {
    const { rows } = await client.query<{ lines: number; windows: number; templates: number }>(
      `select (select coalesce(sum(lines), 0)::bigint from tiles where log_source_id = $1) as lines,
         (select count(*) from feature_windows) as windows, (select count(*) from log_templates) as templates`,
      [log_source_id],
    );
    return rows[0] ?? { lines: 0, windows: 0, templates: 0 };
  });
}
