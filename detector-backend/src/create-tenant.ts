import { parseArgs } from 'node:util';
import { bootstrapTenant, type KeyFile } from './access/bootstrap.ts';
import { ROLES } from './access/role.ts';
import { LOG_RETENTION_RANGE } from './platform/config.ts';

const USAGE = `npm run seismolog -- create-tenant --slug SLUG --name NAME [--admin-email EMAIL] [--retention-days N]
                 [--key-file FILE] [--grafana-key-file FILE] [--ingest-key-file FILE]

Makes a tenant in the database of OWNER_DATABASE_URL: its roles, an administrator (without a password) and API keys.
What exists stays as it is, so it may run at every start of an installation.

  --retention-days    days that the tenant's log lines are kept (1 to 90), also of a tenant that exists. Without it a
                      tenant keeps its term, and a new one has that of the installation (SEISMOLOG_LOG_RETENTION_DAYS)
  --key-file          keeps the administrator's key; without it the key is printed, once
  --grafana-key-file  a key with the rights of an editor, for the Grafana plugin
  --ingest-key-file   a key that may send log lines and nothing else, for Logstash and other shippers

A key file is made with mode 0600. A file whose key is still valid is left alone; else it gets a new key.
`;

const SLUG = /^[a-z0-9_]{1,40}$/;

/**
 * The command `create-tenant`.
 * @param owner_url OWNER_DATABASE_URL; the schema must be there (`migrate`)
 * @returns what to tell the person at the terminal
 * @throws Error naming the argument that is missing or wrong
 */
export async function createTenant(argv: string[], owner_url: string | undefined): Promise<string> {
  const { values } = parseArgs({
    args: argv,
    options: {
      slug: { type: 'string' },
      name: { type: 'string' },
      'admin-email': { type: 'string' },
      'retention-days': { type: 'string' },
      'key-file': { type: 'string' },
      'grafana-key-file': { type: 'string' },
      'ingest-key-file': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return USAGE.trimEnd();
  const { slug, name } = values;
  if (slug === undefined || !SLUG.test(slug)) {
    throw new Error(`--slug must be 1 to 40 of a-z, 0-9 and _ (it becomes part of index names)\n\n${USAGE}`);
  }
  if (!name?.trim()) throw new Error(`--name is missing: what people call the tenant\n\n${USAGE}`);
  const log_retention_days = retentionOf(values['retention-days']);
  if (owner_url === undefined) {
    throw new Error('OWNER_DATABASE_URL is missing: a tenant is made by the owner of the schema');
  }
  const { api_key } = await bootstrapTenant({
    owner_url,
    slug,
    name: name.trim(),
    ...(values['admin-email'] !== undefined && { admin_email: values['admin-email'] }),
    ...(log_retention_days !== undefined && { log_retention_days }),
    ...(values['key-file'] !== undefined && { key_file: values['key-file'] }),
    key_files: keyFiles(values['grafana-key-file'], values['ingest-key-file']),
  });
  return `Tenant ${slug}: ${describeKey(api_key, values['key-file'])}`;
}

function retentionOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const { minimum, maximum } = LOG_RETENTION_RANGE;
  const days = /^\d+$/.test(given) ? Number(given) : NaN;
  if (days >= minimum && days <= maximum) return days;
  throw new Error(`--retention-days must be a whole number from ${minimum} to ${maximum}\n\n${USAGE}`);
}

function keyFiles(grafana: string | undefined, ingest: string | undefined): KeyFile[] {
  const files = [
    { file: grafana, name: 'grafana', permissions: ROLES.editor },
    { file: ingest, name: 'ingest', permissions: ['logs:write'] },
  ];
  return files.flatMap(({ file, ...key }) => (file === undefined ? [] : { file, ...key }));
}

function describeKey(api_key: string | null, key_file: string | undefined): string {
  if (key_file !== undefined) return `the administrator's API key is in ${key_file}`;
  return api_key === null
    ? "the administrator's API key was shown when it was made"
    : `the administrator's API key is ${api_key} (it is shown only now)`;
}
