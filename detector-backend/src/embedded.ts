import path from 'node:path';
import { bootstrapTenant } from './access/bootstrap.ts';
import { buildApp } from './app.ts';
import { compose, composePipeline, release, type Parts } from './compose.ts';
import { startPipeline } from './pipeline.ts';
import { loadConfig, type Config } from './platform/config.ts';
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { assertSchemaCurrent, migrate } from './platform/migrate.ts';
import { createShutdown, type Shutdown } from './platform/shutdown.ts';
import { isLoopback, previewHostIsBuilt, registerPreviewHost } from './preview-host.ts';

/** The whole product in one process, with its own PostgreSQL. */
export interface EmbeddedStack {
  parts: Parts;
  tenant_id: string;
  tenant_slug: string;
  /** Key of the tenant's administrator. */
  api_key: string;
  base_url: string;
  owner_url: string;
  app_url: string;
  shutdown: Shutdown;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  config?: Partial<Config>;
  tenant_slug?: string;
  /** False leaves the jobs to another process. */
  with_worker?: boolean;
  /** False only for tests and benches that may lose their cluster in a power cut. */
  fsync?: boolean;
}

/** Starts database, schema, tenant, HTTP and worker; what was started is stopped again when a later part fails. */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedStack> {
  const config = loadConfig(undefined, { ...options.config, mode: 'embedded' });
  const logger = createLogger({ level: config.log_level });
  const shutdown = createShutdown(logger);
  try {
    return await start(config, logger, shutdown, options);
  } catch (error) {
    await shutdown.run('start failed');
    throw startError(error, config);
  }
}

/** What a person can do about the usual reasons why a start fails; any other error stays as it is. */
function startError(error: unknown, { data_dir, http_port }: Config): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const explain = (advice: string) => new Error(`${text.trim()}\n${advice}`, { cause: error });
  if (text.includes('EADDRINUSE'))
    return explain(`Port ${http_port} is taken: stop what listens there, or start with --port N.`);
  if (text.includes('was changed after it was applied') || text.includes('incompatible with server')) {
    return explain(
      `${data_dir} was made by another version of Seismolog: start with another --data-dir, or delete it to begin anew.`,
    );
  }
  if (text.includes('postmaster.pid')) return explain(`${data_dir} is in use: another Seismolog runs on it.`);
  if (text.includes('EACCES'))
    return explain(`${data_dir} belongs to another user: start as that user, or with another --data-dir.`);
  return error;
}

async function openTenant({ data_dir }: Config, owner_url: string, slug: string) {
  const key_file = path.join(data_dir, 'admin-key');
  const { tenant_id, api_key } = await bootstrapTenant({ owner_url, slug, name: 'Demo', key_file });
  if (api_key === null) {
    throw new Error(`The administrator's key is missing: delete ${data_dir} and start again`);
  }
  return { tenant_id, api_key };
}

async function start(
  config: Readonly<Config>,
  logger: ReturnType<typeof createLogger>,
  shutdown: Shutdown,
  options: EmbeddedOptions,
): Promise<EmbeddedStack> {
  const postgres = await startEmbeddedPostgres({
    dir: path.join(config.data_dir, 'postgres'),
    fsync: options.fsync ?? true,
    logger,
  });
  shutdown.onShutdown('postgres', 15_000, () => postgres.stop());
  await migrate({ owner_url: postgres.owner_url });
  const tenant_slug = options.tenant_slug ?? 'demo';
  const { tenant_id, api_key } = await openTenant(config, postgres.owner_url, tenant_slug);
  const parts = compose(config, postgres.app_url, logger, createMetrics());
  shutdown.onShutdown('connections', 20_000, () => release(parts));
  await assertSchemaCurrent(parts.database);
  const app = await buildApp(parts);
  if (isLoopback(config.http_host) && previewHostIsBuilt()) await registerPreviewHost(app, api_key);
  shutdown.onShutdown('http', 10_000, () => app.close());
  const base_url = await app.listen({ host: config.http_host, port: config.http_port });
  if (options.with_worker ?? true) {
    const pipeline = startPipeline(composePipeline(parts));
    shutdown.onShutdown('sweep', 5_000, () => pipeline.stop());
  }
  return {
    parts,
    tenant_id,
    tenant_slug,
    api_key,
    base_url,
    owner_url: postgres.owner_url,
    app_url: postgres.app_url,
    shutdown,
    stop: async () => void (await shutdown.run('stop')),
  };
}

/** `npm run migrate` without a database of one's own: the embedded one, started and stopped again. */
export async function migrateEmbedded(): Promise<string> {
  const config = loadConfig(undefined, { mode: 'embedded' });
  const logger = createLogger({ level: config.log_level });
  const postgres = await startEmbeddedPostgres({ dir: path.join(config.data_dir, 'postgres'), logger });
  try {
    const applied = await migrate({ owner_url: postgres.owner_url });
    return applied.length === 0
      ? 'The schema of .data is up to date.'
      : `Applied ${applied.join(', ')} to .data.`;
  } finally {
    await postgres.stop();
  }
}
