import { compose, composePipeline, release, type Parts } from './compose.ts';
import { loadConfig } from './platform/config.ts';
import { createHttpServer } from './platform/http/http-server.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { assertSchemaCurrent } from './platform/migrate.ts';
import { runProcess } from './platform/run-process.ts';
import { createShutdown } from './platform/shutdown.ts';
import { startPipeline } from './pipeline.ts';
import { readinessOf } from './readiness.ts';

/** A worker process of the full stack. Any number may run, on any number of machines. */
await runProcess(async () => {
  const config = loadConfig(undefined, { mode: 'full' });
  const logger = createLogger({ level: config.log_level, service: 'seismolog-worker' });
  const shutdown = createShutdown(logger);
  shutdown.listenToSignals();

  const parts = compose(config, config.database_url ?? '', logger, createMetrics());
  shutdown.onShutdown('connections', 20_000, () => release(parts));
  await assertSchemaCurrent(parts.database);
  // Stopped last but for the connections: a worker that is winding up still answers.
  const health = await listenForHealth(parts);
  if (health) shutdown.onShutdown('http', 5_000, () => health.close());
  const pipeline = startPipeline(composePipeline(parts));
  shutdown.onShutdown('sweep', 5_000, () => pipeline.stop());
  logger.info({ queue: parts.queues.backend }, 'working');
});

/** Health and metrics only: nothing of the API is answered here. */
async function listenForHealth(parts: Parts) {
  const { http_host: host, worker_port: port } = parts.config;
  if (port === undefined) return undefined;
  const server = await createHttpServer({ ...parts, readiness: readinessOf(parts) });
  try {
    parts.logger.info({ address: await server.listen({ host, port }) }, 'listening for health and metrics');
  } catch (cause) {
    const advice = `give this worker a SEISMOLOG_HTTP_PORT of its own, or none`;
    throw new Error(`The worker can not listen on ${host}:${port} (${(cause as Error).message}): ${advice}`, {
      cause,
    });
  }
  return server;
}
