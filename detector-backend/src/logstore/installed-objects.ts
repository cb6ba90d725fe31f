import { isDeepStrictEqual } from 'node:util';
import { isAnswer, type EngineCapabilities, type Fallback } from './engine-capabilities.ts';
import {
  retentionOf,
  templateName,
  type IndexObject,
  type ObjectKind,
  type ObjectMark,
} from './index-definitions.ts';
import { asInstaller } from './installer-rights.ts';
import type { SearchEngine } from './search-engine.ts';

/** What became of one object; in a dry run, what would become of it. */
export interface InstallResult {
  kind: ObjectKind | 'index';
  name: string;
  result: 'created' | 'updated' | 'unchanged' | 'refused';
  /** Why it was refused or left alone. */
  note?: string;
}

export interface InstallReport {
  engine: SearchEngine['name'];
  capabilities: EngineCapabilities;
  /** What the cluster lacks, and what does its work. */
  fallbacks: Fallback[];
  objects: InstallResult[];
  /** What keeps a tenant's documents from being stored by our template: to be put right by a person. */
  problems: { slug: string; message: string }[];
  is_dry_run: boolean;
}

export interface InstalledTemplate {
  version?: number;
  priority?: number;
  index_patterns: string[];
  composed_of?: string[];
  _meta?: Partial<ObjectMark>;
}

export interface TemplateList {
  index_templates: { name: string; index_template: InstalledTemplate }[];
}

const PATHS: Record<ObjectKind, string> = {
  ingest_pipeline: '/_ingest/pipeline/',
  ilm_policy: '/_ilm/policy/',
  ism_policy: '/_plugins/_ism/policies/',
  component_template: '/_component_template/',
  index_template: '/_index_template/',
};

/** The body of a 2xx answer; null when the object does not exist. */
export async function readObject<T>(
  engine: SearchEngine,
  kind: ObjectKind | 'index',
  path: string,
): Promise<T | null> {
  try {
    return await asInstaller<T>(engine, kind, { method: 'GET', path });
  } catch (error) {
    if (isAnswer(error, 404)) return null;
    throw error;
  }
}

/** The index template of a tenant, ours or not; undefined when there is none. */
export async function installedTemplate(
  engine: SearchEngine,
  slug: string,
): Promise<InstalledTemplate | undefined> {
  const path = `${PATHS.index_template}${templateName(slug)}`;
  const found = await readObject<TemplateList>(engine, 'index_template', path);
  return found?.index_templates[0]?.index_template;
}

/** Days after which our policy of a tenant's indices deletes them; undefined when it has none. */
export async function installedDays(
  engine: SearchEngine,
  { has_ilm, has_ism }: EngineCapabilities,
  slug: string,
): Promise<number | undefined> {
  if (has_ilm) return retentionOf((await installedTemplate(engine, slug))?.composed_of ?? []);
  if (!has_ism) return undefined;
  const path = `${PATHS.ism_policy}${templateName(slug)}`;
  const found = await readObject<{ policy?: { description?: string } }>(engine, 'ism_policy', path);
  const days = /^Seismolog: .* after (\d+) days$/.exec(found?.policy?.description ?? '')?.[1];
  return days === undefined ? undefined : Number(days);
}

/** Brings one object to the given body, unless it has it already or belongs to somebody else. */
export async function putObject(
  engine: SearchEngine,
  object: IndexObject,
  dry_run: boolean,
): Promise<InstallResult> {
  const { kind, name, body } = object;
  const path = `${PATHS[kind]}${encodeURIComponent(name)}`;
  const found = await readObject<unknown>(engine, kind, path);
  const state = found === null ? null : (STATES[kind](found, object) ?? {});
  if (state?.is_current) return { kind, name, result: 'unchanged' };
  if (state?.is_foreign) {
    const note = 'exists and was not made by Seismolog: rename or delete it, then install again';
    return { kind, name, result: 'refused', note };
  }
  const result = { kind, name, result: state ? 'updated' : 'created' } as const;
  if (dry_run) return result;
  const query = state?.query;
  try {
    await asInstaller(engine, kind, { method: 'PUT', path, body, ...(query && { query }) });
  } catch (error) {
    if (!isAnswer(error, 400)) throw error;
    return { kind, name, result: 'refused', note: reasonOf(error) };
  }
  return result;
}

/** What the cluster says of a request that it did not accept, in one line. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 500);

interface ObjectState {
  is_current?: boolean;
  is_foreign?: boolean;
  query?: Record<string, number>;
}

const STATES: Record<ObjectKind, (found: unknown, object: IndexObject) => ObjectState | undefined> = {
  component_template: (found, { body }) => {
    const { component_templates = [] } = found as {
      component_templates?: { component_template: VersionedBody }[];
    };
    return versionState(component_templates[0]?.component_template, body);
  },
  index_template: (found, { body }) => {
    const { index_templates = [] } = found as { index_templates?: { index_template: VersionedBody }[] };
    return versionState(index_templates[0]?.index_template, body);
  },
  ilm_policy: (found, { name, body }) => {
    const { policy } = (found as Record<string, { policy?: { _meta?: Partial<ObjectMark> } }>)[name] ?? {};
    return markState(policy?._meta, (body.policy as { _meta: ObjectMark })._meta);
  },
  ingest_pipeline: (found, { name, body }) => ({
    is_current: isDeepStrictEqual((found as Record<string, unknown>)[name], body),
  }),
  ism_policy: (found, { body }) => {
    const { _seq_no, _primary_term, policy } = found as {
      _seq_no: number;
      _primary_term: number;
      policy?: { description?: string };
    };
    // The engine adds its defaults to the rest; the description names tenant and days.
    const is_current = policy?.description === (body.policy as { description: string }).description;
    return { is_current, query: { if_seq_no: _seq_no, if_primary_term: _primary_term } };
  },
};

interface VersionedBody {
  version?: number;
  _meta?: Partial<ObjectMark>;
}

function versionState(installed: VersionedBody | undefined, wanted: VersionedBody): ObjectState {
  const { managed_by } = installed?._meta ?? {};
  // A newer release was here: it knows better.
  const isNewer = managed_by === 'seismolog' && (installed?.version ?? 0) > (wanted.version ?? 0);
  return isNewer ? { is_current: true } : markState(installed?._meta, wanted._meta);
}

function markState(installed: Partial<ObjectMark> | undefined, wanted: unknown): ObjectState {
  const { hash, release_hash } = wanted as ObjectMark;
  if (installed?.managed_by !== 'seismolog') return { is_foreign: true };
  return { is_current: installed.hash === hash && installed.release_hash === release_hash };
}
