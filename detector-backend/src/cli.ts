import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildApp } from './app.ts';
import { compose, release } from './compose.ts';
import { createTenant } from './create-tenant.ts';
import { loadConfig } from './platform/config.ts';
import { openApiText } from './platform/http/openapi.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { migrate } from './platform/migrate.ts';
import { writeSchemaListing } from './platform/schema-listing.ts';
import { seedDevelopment } from './seed-development.ts';
import { templatesTool } from './templates-tool.ts';

const USAGE = `npm run seismolog -- COMMAND

  migrate                   bring the database of OWNER_DATABASE_URL to the schema of this release (npm run migrate)
  seed-dev                  a tenant with users of each role, services, a policy and an integration (npm run seed-dev)
  create-tenant             a tenant with an administrator and API keys (--help)
  install-index-templates   index templates in Elasticsearch or OpenSearch (--help)
  openapi                   write docs/openapi.json
  schema                    write migrations/schema.sql from an empty database
  templates                 print the templates of log files: templates FILE…, - is standard input (--help)

Without OWNER_DATABASE_URL, migrate and seed-dev use the embedded PostgreSQL in .data.
`;

const OPENAPI_FILE = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

/** What a command gives is printed, unless it prints itself. */
const COMMANDS: Record<string, (argv: string[]) => Promise<string | void>> = {
  migrate: async () => {
    const { owner_database_url } = loadConfig();
    if (owner_database_url === undefined) return (await import('./embedded.ts')).migrateEmbedded();
    const applied = await migrate({ owner_url: owner_database_url });
    return applied.length === 0 ? 'The schema is up to date.' : `Applied ${applied.join(', ')}.`;
  },
  'seed-dev': seedDevelopment,
  'create-tenant': (argv) => createTenant(argv, loadConfig().owner_database_url),
  'install-index-templates': async (argv) => {
    const { installIndexTemplates } = await import('./install-index-templates.ts');
    // Needs no secret of the product: it may run where only the cluster's key is known.
    return installIndexTemplates(
      argv,
      loadConfig(undefined, { secret_key: Buffer.alloc(32) }),
      process.stdout,
    );
  },
  openapi: async () => {
    writeFileSync(OPENAPI_FILE, await describeApi());
    return `Wrote ${OPENAPI_FILE}`;
  },
  schema: writeSchemaListing,
  templates: (argv) =>
    templatesTool(argv, { stdout: process.stdout, stderr: process.stderr, now: () => Date.now() }),
};

/** The API description of this release. Nothing is connected to: routes are registered, none is called. */
export async function describeApi(): Promise<string> {
  const config = loadConfig({}, { mode: 'embedded', secret_key: Buffer.alloc(32) });
  const parts = compose(
    config,
    'postgres://nobody@127.0.0.1:1/none',
    createLogger({ level: 'silent' }),
    createMetrics(),
  );
  try {
    return await openApiText(await buildApp(parts));
  } finally {
    await release(parts);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const command = COMMANDS[process.argv[2] ?? ''];
  try {
    const said = command ? await command(process.argv.slice(3)) : USAGE.trimEnd();
    if (said !== undefined) process.stdout.write(`${said}\n`);
    process.exitCode = command || process.argv[2] === 'help' ? 0 : 2;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
