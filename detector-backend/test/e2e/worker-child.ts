import { buildApp } from '../../src/app.ts';
import { compose, composePipeline, release, type Takeover } from '../../src/compose.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { startPipeline } from '../../src/pipeline.ts';

// A worker and API to be killed: configured by environment like worker.ts, times of taking over by argument.
// Ends when its parent does (stdin closes) or, by letting go of everything, at SIGTERM.
const config = loadConfig(undefined, { mode: 'full', http_port: 0 });
const takeover = JSON.parse(process.argv[2] ?? '{}') as Takeover;
const logger = createLogger({ level: config.log_level }, process.stderr);
const parts = compose(config, config.database_url ?? '', logger, createMetrics(), takeover);
const app = await buildApp(parts);
await app.listen({ host: '127.0.0.1', port: 0 });
const jobs = composePipeline(parts);
const pipeline = startPipeline({ ...jobs, read: told('read', jobs.read), judge: told('judge', jobs.judge) });

const orphaned = () => process.exit(1);
process.stdin.on('end', orphaned).resume();
process.once('SIGTERM', () => void stop());
process.stdout.write('working\n');

/** Tells the parent when a job begins and ends, so that it can kill in the middle of one. */
function told<I, O>(name: string, run: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    process.stdout.write(`begin ${name}\n`);
    try {
      return await run(input);
    } finally {
      process.stdout.write(`end ${name}\n`);
    }
  };
}

async function stop(): Promise<void> {
  process.stdin.removeListener('end', orphaned).destroy();
  await pipeline.stop();
  await app.close();
  await release(parts);
}
