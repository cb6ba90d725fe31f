import fs from 'node:fs';
import { Type } from 'typebox';

export type SearchEngineName = 'elasticsearch' | 'opensearch';

/** How to reach an Elasticsearch or OpenSearch cluster. Secrets come from the environment or from files that it names. */
export interface SearchConnection {
  engine: SearchEngineName;
  /** Base URLs of its nodes; empty with a `cloud_id`. */
  nodes: string[];
  cloud_id?: string;
  api_key?: string;
  username?: string;
  password?: string;
  /** PEM of the authorities that sign the cluster's certificate. */
  ca?: string;
  /** Longest wait for one answer. */
  request_timeout_ms: number;
}

const url = () => Type.Optional(Type.String({ pattern: '^https?://[^\\s]+$' }));
const text = () => Type.Optional(Type.String());
const timeout = () => Type.Integer({ default: 30_000, minimum: 100, maximum: 600_000 });

/** `_FILE` names a file that holds the secret (Docker and Kubernetes secrets); the plain variable wins. */
export const SEARCH_VARIABLES = {
  ELASTICSEARCH_URL: url(),
  // `name:base64`, as Elastic Cloud shows it.
  ELASTICSEARCH_CLOUD_ID: Type.Optional(Type.String({ pattern: '^[^:]*:[A-Za-z0-9+/]+=*$' })),
  ELASTICSEARCH_API_KEY: text(),
  ELASTICSEARCH_API_KEY_FILE: text(),
  ELASTICSEARCH_USERNAME: text(),
  ELASTICSEARCH_PASSWORD: text(),
  ELASTICSEARCH_PASSWORD_FILE: text(),
  ELASTICSEARCH_CA_FILE: text(),
  ELASTICSEARCH_REQUEST_TIMEOUT_MS: timeout(),
  OPENSEARCH_URL: url(),
  OPENSEARCH_USERNAME: text(),
  OPENSEARCH_PASSWORD: text(),
  OPENSEARCH_PASSWORD_FILE: text(),
  OPENSEARCH_CA_FILE: text(),
  OPENSEARCH_REQUEST_TIMEOUT_MS: timeout(),
};

/** The connection of one engine as `{ [engine]: … }`, or `{}` when the environment names none. */
export function searchConnection(
  env: Record<string, unknown>,
  engine: SearchEngineName,
): { [name in SearchEngineName]?: SearchConnection } {
  const prefix = engine.toUpperCase();
  const given = (name: string) => env[`${prefix}_${name}`] as string | undefined;
  const nodes = (given('URL') ?? '').split(',').flatMap((node) => node.trim().replace(/\/+$/, '') || []);
  const cloud_id = given('CLOUD_ID');
  if (nodes.length === 0 && !cloud_id) return {};
  const connection = {
    engine,
    nodes,
    cloud_id,
    api_key: secretOf(given('API_KEY'), given('API_KEY_FILE'), `${prefix}_API_KEY_FILE`),
    username: given('USERNAME'),
    password: secretOf(given('PASSWORD'), given('PASSWORD_FILE'), `${prefix}_PASSWORD_FILE`),
    ca: secretOf(undefined, given('CA_FILE'), `${prefix}_CA_FILE`),
    request_timeout_ms: env[`${prefix}_REQUEST_TIMEOUT_MS`] as number,
  };
  const present = Object.entries(connection).filter(([, value]) => value !== undefined);
  return { [engine]: Object.fromEntries(present) as unknown as SearchConnection };
}

function secretOf(value: string | undefined, file: string | undefined, name: string): string | undefined {
  if (value !== undefined || file === undefined) return value;
  const secret = readText(file, name);
  if (secret === '') throw new Error(`${name} names an empty file: ${file}`);
  return secret;
}

function readText(file: string, name: string): string {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Error(`${name} names a file that can not be read: ${file}`, { cause });
  }
}

/**
 * `acme=filebeat-*,logs-nginx-*;beta=logs-b-*` as patterns by tenant slug.
 * @throws Error naming the entry that can not be read
 */
export function readableIndices(given: string | undefined): Record<string, string[]> {
  const tenants: Record<string, string[]> = {};
  for (const entry of (given ?? '').split(';')) {
    if (entry.trim() === '') continue;
    const [slug = '', list = ''] = entry.split('=');
    const patterns = list.split(',').flatMap((pattern) => pattern.trim() || []);
    if (!/^[a-z0-9_]{1,40}$/.test(slug.trim()) || patterns.length === 0) {
      throw new Error(
        `SEISMOLOG_READABLE_INDICES: "${entry.trim()}" is not of the form tenant=pattern,pattern;tenant=pattern`,
      );
    }
    tenants[slug.trim()] = patterns;
  }
  return tenants;
}
