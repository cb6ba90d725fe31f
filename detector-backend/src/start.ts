import { anomalyLines } from './simulation/anomaly-line.ts';
import { createProgressBar } from './simulation/progress-bar.ts';
import { runReplay } from './simulation/replay-run.ts';
import { runShop } from './simulation/shop-run.ts';
import { systemClock } from './simulation/wall-clock.ts';
import { readAnomalies, watchAnomalies } from './anomaly-watch.ts';
import { runCheck, writeAnomalies } from './check-run.ts';
import { startEmbedded, type EmbeddedStack } from './embedded.ts';
import { createLogTimeDriver } from './log-time-driver.ts';
import { callApi, startOnCallDemo } from './on-call-demo.ts';
import { parseStartArguments, USAGE, type StartArguments } from './start-arguments.ts';

/** `npm start`: the whole product on the embedded defaults, with the simulated shop or a recorded log. */
async function main(argv: string[]): Promise<void> {
  const options = parseStartArguments(argv);
  if (options === 'help') return void process.stdout.write(USAGE);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  if (options.check) {
    process.stdout.write(`${JSON.stringify(await runCheck(options, abort.signal))}\n`);
    return;
  }
  const config = {
    log_level: 'warn',
    ...(options.http_port === null ? {} : { http_port: options.http_port }),
    ...(options.data_dir === null ? {} : { data_dir: options.data_dir }),
  };
  process.stdout.write('Starting PostgreSQL, the API and the worker …\n');
  const stack = await startEmbedded({ config });
  try {
    await run(stack, options, abort.signal);
  } finally {
    await stack.stop();
  }
}

async function run(stack: EmbeddedStack, options: StartArguments, signal: AbortSignal): Promise<void> {
  process.stdout.write(
    `Seismolog is ready: ${stack.base_url}/  (API key in ${stack.parts.config.data_dir}/admin-key)\n`,
  );
  const bar = createProgressBar(process.stdout, Date.now);
  const receiver = await startOnCallDemo(stack);
  const watching = new AbortController();
  const color = process.stdout.isTTY === true;
  const watch = watchAnomalies(stack.parts.database, stack.tenant_id, watching.signal, (anomaly) =>
    bar.print(anomalyLines({ ...anomaly, ...anomaly.explanation, started_at: anomaly.started_at }, color)),
  );
  try {
    if (options.replay.length > 0) await replay(stack, options, signal, bar);
    else await shop(stack, options, signal, bar);
  } finally {
    bar.done();
    watching.abort();
    await watch;
    await receiver.close();
  }
}

type Bar = ReturnType<typeof createProgressBar>;

const SHOWN_BAD_LINES = 10;

/** Prints the first bad lines; the rest is only counted, and the count is part of the result. */
function badLinePrinter(bar: Bar): (bad: { file: string; line: number; reason: string }) => void {
  let seen = 0;
  return ({ file, line, reason }) => {
    seen += 1;
    if (seen <= SHOWN_BAD_LINES) bar.print(`${file}:${line}: ${reason}`);
    if (seen === SHOWN_BAD_LINES) bar.print('(further bad lines are counted, not shown)');
  };
}

async function shop(
  stack: EmbeddedStack,
  options: StartArguments,
  signal: AbortSignal,
  bar: Bar,
): Promise<void> {
  bar.print(
    'Simulated shop: eight services, a compressed day of history, then live with an incident every six minutes. Ctrl-C stops.',
  );
  const driver = await createLogTimeDriver(stack, { name: 'shop', source_type: 'simulated' });
  await runShop(
    {
      ...driver,
      recordChange: async ({ service, kind, title, occurred_at }) =>
        void (await callApi(stack, 'POST', '/changes', {
          kind,
          title: `${service}: ${title}`,
          occurred_at: new Date(occurred_at).toISOString(),
        })),
      onProgress: (progress) => bar.update(progress),
      onIncident: ({ kind, service }) => bar.print(`(simulated) ${kind} begins in ${service}`),
    },
    {
      seed: options.seed,
      run_id: `shop-${Date.now()}`,
      clock: systemClock,
      signal,
      filled_until: driver.clock_at,
    },
  );
}

async function replay(
  stack: EmbeddedStack,
  options: StartArguments,
  signal: AbortSignal,
  bar: Bar,
): Promise<void> {
  const driver = await createLogTimeDriver(stack, {
    name: `replay ${new Date().toISOString().replaceAll(':', '.')}`,
    source_type: 'replay',
  });
  const started = Date.now();
  const bad_lines = badLinePrinter(bar);
  const result = await runReplay(
    { ...driver, onProgress: (progress) => bar.update(progress), onBadLine: bad_lines },
    {
      files: options.replay,
      format: options.format,
      speed: options.speed,
      run_id: `replay-${started}`,
      clock: systemClock,
      signal,
    },
  );
  await driver.end();
  const anomalies = await readAnomalies(stack.parts.database, stack.tenant_id, started);
  if (options.anomalies_file !== null) writeAnomalies(options.anomalies_file, anomalies);
  bar.print(
    `Replayed ${result.lines_read} lines (${result.lines_bad} bad): ${anomalies.length} anomalies. The page stays up; Ctrl-C stops.`,
  );
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
