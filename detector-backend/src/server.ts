import { buildApp } from './app.ts';
import { compose, release } from './compose.ts';
import { loadConfig } from './platform/config.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { assertSchemaCurrent } from './platform/migrate.ts';
import { runProcess } from './platform/run-process.ts';
import { createShutdown } from './platform/shutdown.ts';

/** The api process of the full stack: answers HTTP, judges nothing. */
await runProcess(async () => {
  const config = loadConfig(undefined, { mode: 'full' });
  const logger = createLogger({ level: config.log_level, service: 'seismolog-api' });
  const shutdown = createShutdown(logger);
  shutdown.listenToSignals();

  const parts = compose(config, config.database_url ?? '', logger, createMetrics());
  shutdown.onShutdown('connections', 10_000, () => release(parts));
  await assertSchemaCurrent(parts.database);
  const app = await buildApp(parts);
  shutdown.onShutdown('http', 10_000, () => app.close());
  logger.info({ address: await app.listen({ host: config.http_host, port: config.http_port }) }, 'listening');
});
