import { parseArgs } from 'node:util';
import {
  createIndexInstaller,
  type IndexInstaller,
  type InstallOptions,
} from './logstore/index-templates.ts';
import type { InstallReport, InstallResult } from './logstore/installed-objects.ts';
import { createSearchEngine } from './logstore/search-engine-connect.ts';
import type { Config } from './platform/config.ts';
import { createDatabase } from './platform/postgres.ts';
import type { SearchConnection } from './platform/search-connection.ts';

const USAGE = `npm run seismolog -- install-index-templates [--tenant SLUG]… [--retention-days N] [--dry-run] [--json]

Installs the index templates, ingest pipeline and lifecycle policy of provisioning/elasticsearch in the cluster of
ELASTICSEARCH_URL or OPENSEARCH_URL. What is there already stays as it is, so it may run at every start.

  --tenant SLUG       only for this tenant; may be repeated. Default: every tenant in the database of DATABASE_URL
  --retention-days N  the cluster itself deletes an index N days after it was made (1 to 400, where it has ILM or ISM).
                      Default: a day more than the tenant's own term in the database of DATABASE_URL, because an index
                      is made with the first line of its day: then the worker deletes it, too. A tenant without a term
                      keeps the policy that it has, lengthened to a day more than SEISMOLOG_LOG_RETENTION_DAYS where it
                      is shorter (without a database it stays as it is)
  --dry-run           only say what would be done
  --json              one JSON object a cluster instead of a table

The exit status is 1 when a tenant's template could not be installed.
`;

/**
 * The command `install-index-templates`.
 * @throws Error whose message is meant for the person at the terminal: no connection, no tenant, a right that is missing,
 *   a cluster that does not answer, or (after the report was printed) problems that keep a template from working
 */
export async function installIndexTemplates(
  argv: string[],
  config: Config,
  stdout: { write(text: string): unknown },
): Promise<void> {
  const options = optionsOf(argv);
  if (options === null) return void stdout.write(USAGE);
  const connections = connectionsOf(config);
  const { slugs, ...days } = await tenantsOf(config, options);
  const problems: string[] = [];
  for (const connection of connections) {
    const report = await installIn(connection, (installer) =>
      installer.install(slugs, { dry_run: options.dry_run, ...days }),
    );
    stdout.write(options.json ? `${JSON.stringify(report)}\n` : tableOf(report, connection));
    problems.push(...report.problems.map(({ slug, message }) => `Tenant ${slug}: ${message}`));
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function optionsOf(argv: string[]) {
  const { values } = parseArgs({
    args: argv,
    options: {
      tenant: { type: 'string', multiple: true, default: [] },
      'retention-days': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const days = values['retention-days'];
  return {
    tenants: values.tenant,
    retention_days: days === undefined ? undefined : Number(days),
    dry_run: values['dry-run'],
    json: values.json,
  };
}

/** The log store's cluster; when that is PostgreSQL, each one that is configured (Logstash may write there). */
function connectionsOf({ log_store, connections }: Config): SearchConnection[] {
  const found = log_store === 'postgres' ? Object.values(connections) : [connections[log_store]];
  const present = found.filter((connection) => connection !== undefined);
  if (present.length > 0) return present;
  throw new Error(
    log_store === 'postgres'
      ? 'No cluster is configured: set ELASTICSEARCH_URL or OPENSEARCH_URL.'
      : `SEISMOLOG_LOG_STORE is ${log_store}: set ${log_store.toUpperCase()}_URL, too.`,
  );
}

/** The named tenants or, when none is, all of the database; and at which age the cluster deletes their indices. */
async function tenantsOf(
  { database_url, owner_database_url, log_retention_days }: Config,
  { tenants: named, retention_days }: { tenants: string[]; retention_days: number | undefined },
): Promise<{ slugs: string[] } & Pick<InstallOptions, 'retention_days' | 'least_retention_days'>> {
  const url = database_url ?? owner_database_url;
  // The command may run where only the cluster is known.
  if (named.length > 0 && (url === undefined || retention_days !== undefined))
    return { slugs: named, retention_days };
  if (url === undefined)
    throw new Error('Name tenants by --tenant SLUG, or set DATABASE_URL to take those of a database.');
  const database = createDatabase({ url, max: 1, onError: () => undefined });
  try {
    const rows = await database.sweep<{ slug: string; log_retention_days: number | null }>(
      'select slug, log_retention_days from tenants order by slug',
    );
    if (rows.length + named.length === 0)
      throw new Error('The database has no tenant yet: make one, or name it by --tenant SLUG.');
    const slugs = named.length > 0 ? named : rows.map(({ slug }) => slug);
    if (retention_days !== undefined) return { slugs, retention_days };
    // An index is made with the first line of its day: when it is a day older than the term, so is its last line.
    const terms = rows.flatMap(({ slug, log_retention_days: days }) =>
      days === null ? [] : [[slug, days + 1] as const],
    );
    // A tenant that went back to the installation's term has the policy of its own one still.
    return { slugs, retention_days: new Map(terms), least_retention_days: log_retention_days + 1 };
  } finally {
    await database.close();
  }
}

async function installIn(
  connection: SearchConnection,
  work: (installer: IndexInstaller) => Promise<InstallReport>,
): Promise<InstallReport> {
  const engine = createSearchEngine(connection);
  try {
    return await work(createIndexInstaller(engine));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${placeOf(connection)}: ${reason}`, { cause: error });
  } finally {
    await engine.close();
  }
}

const placeOf = ({ engine, nodes, cloud_id }: SearchConnection): string => {
  // A password may be part of an address.
  const shown = nodes.map((node) => node.replace(/\/\/[^/@]*@/, '//'));
  return `${engine} at ${cloud_id === undefined ? shown.join(', ') : 'its cloud id'}`;
};

function tableOf(report: InstallReport, connection: SearchConnection): string {
  const { capabilities, fallbacks, objects, is_dry_run } = report;
  const head = `${placeOf(connection)}, version ${capabilities.version ?? 'unknown'}${is_dry_run ? ' (dry run: nothing is changed)' : ''}`;
  const lines = objects.map(lineOf);
  const missing = fallbacks.map((fallback) => `  without ${fallback.missing}: ${fallback.instead}`);
  return `${[head, ...lines, ...missing].join('\n')}\n`;
}

function lineOf({ kind, name, result, note }: InstallResult): string {
  const what = `  ${result.padEnd(10)} ${kind.replaceAll('_', ' ').padEnd(19)} ${name}`;
  return note === undefined ? what : `${what}\n             ${note}`;
}
