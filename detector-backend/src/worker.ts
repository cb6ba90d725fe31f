import { compose, composePipeline, release } from './compose.ts';
import { loadConfig } from './platform/config.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { assertSchemaCurrent } from './platform/migrate.ts';
import { runProcess } from './platform/run-process.ts';
import { createShutdown } from './platform/shutdown.ts';
import { startPipeline } from './pipeline.ts';

/** A worker process of the full stack. Any number may run, on any number of machines. */
await runProcess(async () => {
  const config = loadConfig(undefined, { mode: 'full' });
  const logger = createLogger({ level: config.log_level, service: 'seismolog-worker' });
  const shutdown = createShutdown(logger);
  shutdown.listenToSignals();

  const parts = compose(config, config.database_url ?? '', logger, createMetrics());
  shutdown.onShutdown('connections', 20_000, () => release(parts));
  await assertSchemaCurrent(parts.database);
  const pipeline = startPipeline(composePipeline(parts));
  shutdown.onShutdown('sweep', 5_000, () => pipeline.stop());
  logger.info({ queue: parts.queues.backend }, 'working');
});
