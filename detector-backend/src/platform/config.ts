import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { Type, type Static } from 'typebox';
import {
  readableIndices,
  SEARCH_VARIABLES,
  searchConnection,
  type SearchConnection,
} from './search-connection.ts';

/** Days that log lines may be kept: by the installation, and by a tenant with a term of its own. */
export const LOG_RETENTION_RANGE = { minimum: 1, maximum: 90 } as const;

const EnvironmentSchema = Type.Object({
  SEISMOLOG_MODE: Type.Optional(Type.Union([Type.Literal('embedded'), Type.Literal('full')])),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  OWNER_DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  REDIS_URL: Type.Optional(Type.String({ pattern: '^rediss?://' })),
  SEISMOLOG_HTTP_HOST: Type.String({ default: '127.0.0.1', minLength: 1 }),
  SEISMOLOG_HTTP_PORT: Type.Integer({ default: 3100, minimum: 0, maximum: 65_535 }),
  SEISMOLOG_DATA_DIR: Type.String({ default: '.data', minLength: 1 }),
  SEISMOLOG_LOG_LEVEL: Type.Union(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => Type.Literal(level)),
    { default: 'info' },
  ),
  SEISMOLOG_SECRET_KEY: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })),
  SEISMOLOG_ALLOW_PRIVATE_TARGETS: Type.Optional(Type.String()),
  SEISMOLOG_BODY_LIMIT_BYTES: Type.Integer({ default: 5_242_880, minimum: 1024, maximum: 104_857_600 }),
  SEISMOLOG_UNPACKED_LIMIT_BYTES: Type.Integer({ default: 20_971_520, minimum: 1024, maximum: 536_870_912 }),
  SEISMOLOG_LOG_RETENTION_DAYS: Type.Integer({ default: 7, ...LOG_RETENTION_RANGE }),
  SEISMOLOG_WINDOW_RETENTION_DAYS: Type.Integer({ default: 30, minimum: 1, maximum: 400 }),
  SEISMOLOG_REQUESTS_PER_MINUTE: Type.Integer({ default: 60_000, minimum: 1 }),
  SEISMOLOG_LOG_STORE: Type.Optional(
    Type.Union([Type.Literal('postgres'), Type.Literal('elasticsearch'), Type.Literal('opensearch')]),
  ),
  SEISMOLOG_READABLE_INDICES: Type.Optional(Type.String()),
  SEISMOLOG_BACKFILL_HOURS: Type.Integer({ default: 24, minimum: 0, maximum: 720 }),
  ...SEARCH_VARIABLES,
});
type Environment = Static<typeof EnvironmentSchema>;

export interface Config {
  /** `embedded`: one process with its own PostgreSQL; `full`: services are given by URL. */
  mode: 'embedded' | 'full';
  /** Login of the application roles; absent in embedded mode, where it is known once PostgreSQL runs. */
  database_url: string | undefined;
  /** Owner of the schema: migrations and bootstrap only. */
  owner_database_url: string | undefined;
  redis_url: string | undefined;
  http_host: string;
  /** 0 takes a free port. */
  http_port: number;
  /** Where a worker process shows health and metrics: only if SEISMOLOG_HTTP_PORT is set, so that it never takes the api's port. */
  worker_port: number | undefined;
  data_dir: string;
  log_level: string;
  /** 32 bytes; encrypts integration secrets. */
  secret_key: Buffer;
  /** `host:port`, host or CIDR entries that outbound webhooks may reach although they are private. */
  allow_private_targets: readonly string[];
  /** Largest request body as sent, and after decompression. */
  body_limit_bytes: number;
  unpacked_limit_bytes: number;
  requests_per_minute: number;
  /** Days that tiles and, of tenants without a term of their own, log lines are kept; days that judged windows are. Anomalies stay. */
  log_retention_days: number;
  window_retention_days: number;
  /** Where POST /logs stores its lines. */
  log_store: 'postgres' | 'elasticsearch' | 'opensearch';
  /** Clusters that log sources may be read from; the log store is one of them or PostgreSQL. */
  connections: { elasticsearch?: SearchConnection; opensearch?: SearchConnection };
  /** Index patterns of these clusters that each tenant (by slug) may read as a log source. */
  readable_indices: Readonly<Record<string, readonly string[]>>;
  /** A source that is added is read from this many hours ago. */
  backfill_hours: number;
}

/**
 * Reads and checks the environment once; the only reader of `process.env`.
 * In embedded mode a missing secret key is made and kept in `${data_dir}/secret-key` (mode 0600).
 * @param overrides values that win over the environment (command line, tests)
 * @throws Error naming each wrong variable
 */
export function loadConfig(
  env: Record<string, string | undefined> = process.env,
  overrides: Partial<Config> = {},
): Readonly<Config> {
  const given = checkEnvironment(env);
  const mode = overrides.mode ?? given.SEISMOLOG_MODE ?? (given.DATABASE_URL ? 'full' : 'embedded');
  if (mode === 'full' && !given.DATABASE_URL && !overrides.database_url) {
    throw new Error(
      'DATABASE_URL is missing: full mode needs a PostgreSQL, e.g. postgres://seismolog@db:5432/seismolog',
    );
  }
  const data_dir = path.resolve(overrides.data_dir ?? given.SEISMOLOG_DATA_DIR);
  const connections = {
    ...searchConnection(given, 'elasticsearch'),
    ...searchConnection(given, 'opensearch'),
  };
  const privateTargets = given.SEISMOLOG_ALLOW_PRIVATE_TARGETS ?? (mode === 'embedded' ? '127.0.0.1' : '');
  return Object.freeze({
    database_url: given.DATABASE_URL,
    owner_database_url: given.OWNER_DATABASE_URL,
    redis_url: given.REDIS_URL,
    ...listeningOf(given, Boolean(env.SEISMOLOG_HTTP_PORT)),
    log_level: given.SEISMOLOG_LOG_LEVEL,
    secret_key: overrides.secret_key ?? readSecretKey(given.SEISMOLOG_SECRET_KEY, mode, data_dir),
    allow_private_targets: Object.freeze(privateTargets.split(',').flatMap((entry) => entry.trim() || [])),
    body_limit_bytes: given.SEISMOLOG_BODY_LIMIT_BYTES,
    unpacked_limit_bytes: given.SEISMOLOG_UNPACKED_LIMIT_BYTES,
    requests_per_minute: given.SEISMOLOG_REQUESTS_PER_MINUTE,
    log_retention_days: given.SEISMOLOG_LOG_RETENTION_DAYS,
    window_retention_days: given.SEISMOLOG_WINDOW_RETENTION_DAYS,
    log_store: given.SEISMOLOG_LOG_STORE ?? defaultLogStore(mode, connections),
    connections,
    readable_indices: readableIndices(given.SEISMOLOG_READABLE_INDICES),
    backfill_hours: given.SEISMOLOG_BACKFILL_HOURS,
    ...overrides,
    mode,
    data_dir,
  });
}

const listeningOf = ({ SEISMOLOG_HTTP_HOST, SEISMOLOG_HTTP_PORT }: Environment, isPortGiven: boolean) => ({
  http_host: SEISMOLOG_HTTP_HOST,
  http_port: SEISMOLOG_HTTP_PORT,
  worker_port: isPortGiven ? SEISMOLOG_HTTP_PORT : undefined,
});

/** The embedded stack only reads from a cluster that it is shown: whoever tries it out wants nothing written there. */
function defaultLogStore(mode: Config['mode'], connections: Config['connections']): Config['log_store'] {
  if (mode === 'embedded') return 'postgres';
  if (connections.elasticsearch) return 'elasticsearch';
  return connections.opensearch ? 'opensearch' : 'postgres';
}

function checkEnvironment(env: Record<string, string | undefined>): Environment {
  const known = Object.keys(EnvironmentSchema.properties);
  // An empty variable is an absent one: compose files and shells write `NAME=`.
  const given = Object.fromEntries(known.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false });
  const validate = ajv.compile<Environment>(EnvironmentSchema);
  if (validate(given)) return given;
  throw new Error(describe(validate.errors ?? []));
}

function describe(errors: ErrorObject[]): string {
  const messages = new Map<string, string>();
  for (const error of errors) {
    const name = error.instancePath.slice(1);
    const allowed =
      error.keyword === 'anyOf' ? `must be one of ${literalsOf(name).join(', ')}` : error.message;
    if (error.keyword !== 'const') messages.set(name, `${name} ${allowed}`);
  }
  return `The configuration is wrong: ${[...messages.values()].join('; ')}`;
}

function literalsOf(name: string): string[] {
  const schema = EnvironmentSchema.properties[name as keyof Environment] as { anyOf?: { const?: string }[] };
  return (schema.anyOf ?? []).flatMap((option) => option.const ?? []);
}

function readSecretKey(given: string | undefined, mode: Config['mode'], data_dir: string): Buffer {
  if (given) return Buffer.from(given, 'base64');
  if (mode === 'full') {
    throw new Error(
      'SEISMOLOG_SECRET_KEY is missing: set 32 random bytes as base64, e.g. `openssl rand -base64 32`',
    );
  }
  const file = path.join(data_dir, 'secret-key');
  fs.mkdirSync(data_dir, { recursive: true, mode: 0o755 });
  if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return Buffer.from(fs.readFileSync(file, 'utf8'), 'base64');
}
