import { AppError } from '../platform/errors.ts';
import type { ObjectKind } from './index-definitions.ts';
import { asInstaller } from './installer-rights.ts';
import { SearchError, type SearchEngine, type SearchRequest } from './search-engine.ts';

/** What a cluster can do beyond what every one can. */
export interface EngineCapabilities {
  /** As the node says; null where it may not be asked. */
  version: string | null;
  /** Field types of our mapping that the cluster knows. */
  field_types: readonly string[];
  /** Ingest processor `set` with a template as value and a condition. */
  has_ingest_pipeline: boolean;
  /** Index lifecycle management (Elasticsearch). */
  has_ilm: boolean;
  /** Index state management (OpenSearch). */
  has_ism: boolean;
  /** Data streams; our indices are none, but a name may be taken by one. */
  has_data_streams: boolean;
}

/** What an installation goes without, and what does its work instead. */
export interface Fallback {
  missing: string;
  instead: string;
}

const OPTIONAL_FIELD_TYPES = ['match_only_text', 'flattened'];
/** Nothing is ever stored under it: the requests below are tried without effect. */
const NO_INDEX = 'seismolog-probe-of-capabilities';

/**
 * Asks a cluster by trying: a simulated template or pipeline is checked like a real one and leaves nothing behind. Unlike a
 * list of modules this also works on managed services. Absent APIs answer 400 or 405, hardly ever 404.
 * @throws AppError `log_store_unavailable`, or `log_store_refused` when the caller may not manage templates and pipelines
 */
export async function probeCapabilities(engine: SearchEngine): Promise<EngineCapabilities> {
  const types = OPTIONAL_FIELD_TYPES.map((type) => acceptsTemplate(engine, mappingOf(type)));
  const isElasticsearch = engine.name === 'elasticsearch';
  const lifecycle = { settings: { 'index.lifecycle.name': NO_INDEX } };
  const policies = { method: 'GET', path: '/_plugins/_ism/policies' } as const;
  const pipeline = { method: 'POST', path: '/_ingest/pipeline/_simulate', body: PIPELINE } as const;
  const none = Promise.resolve(false);
  const answers = [
    Promise.all(types),
    accepts(engine, 'ingest_pipeline', pipeline),
    isElasticsearch ? acceptsTemplate(engine, { template: lifecycle }) : none,
    isElasticsearch ? none : accepts(engine, 'ism_policy', policies),
    acceptsTemplate(engine, { data_stream: {} }),
    versionOf(engine),
  ] as const;
  // Of several refusals the first of this list is told, not the first to arrive: an error is the same each time.
  await Promise.allSettled(answers);
  const [known, has_ingest_pipeline, has_ilm, has_ism, has_data_streams, version] =
    await Promise.all(answers);
  const field_types = OPTIONAL_FIELD_TYPES.filter((_type, place) => known[place]);
  return { version, field_types, has_ingest_pipeline, has_ilm, has_ism, has_data_streams };
}

const PIPELINE = {
  pipeline: {
    processors: [{ set: { field: 'at', value: '{{_ingest.timestamp}}', if: 'ctx.is_log_time != true' } }],
  },
  docs: [{ _source: {} }],
};

const mappingOf = (type: string) => ({ template: { mappings: { properties: { probe: { type } } } } });

const acceptsTemplate = (engine: SearchEngine, template: object): Promise<boolean> =>
  accepts(engine, 'index_template', {
    method: 'POST',
    path: '/_index_template/_simulate',
    body: { index_patterns: [NO_INDEX], priority: 501, ...template },
  });

async function accepts(engine: SearchEngine, kind: ObjectKind, request: SearchRequest): Promise<boolean> {
  try {
    await asInstaller(engine, kind, request);
    return true;
  } catch (error) {
    // An answer that says no; a cluster that is away or refuses the key is no answer to the question.
    if (isAnswer(error, 400) || isAnswer(error, 404) || isAnswer(error, 405)) return false;
    throw error;
  }
}

async function versionOf(engine: SearchEngine): Promise<string | null> {
  const query = { filter_path: 'nodes.*.version' };
  try {
    const answer = await engine.request<{ nodes?: Record<string, { version?: string }> }>({
      method: 'GET',
      path: '/_nodes/_local',
      query,
    });
    return Object.values(answer.nodes ?? {})[0]?.version ?? null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'log_store_unavailable') throw error;
    return null;
  }
}

/** Whether a request failed because the cluster answered with this status (401 and 403 are `log_store_refused`). */
export const isAnswer = (error: unknown, status: number): boolean =>
  error instanceof SearchError && error.status === status;

/** What these capabilities make an installation go without. */
export function fallbacksOf(engine: SearchEngine, capabilities: EngineCapabilities): Fallback[] {
  const { field_types, has_ingest_pipeline, has_ilm, has_ism } = capabilities;
  const fallbacks: Fallback[] = [];
  const without = (missing: string, instead: string) => void fallbacks.push({ missing, instead });
  if (!has_ingest_pipeline) {
    without('ingest processor "set" with a condition', 'ingested_at is set by the writer');
  }
  if (!field_types.includes('match_only_text')) {
    without('field type match_only_text', 'message is of type text without norms: more disk, same searches');
  }
  if (!field_types.includes('flattened')) {
    without(
      'field type flattened',
      'metadata is stored and shown, but queries of the engine can not search it',
    );
  }
  if (!has_ilm && !has_ism) {
    without(
      engine.name === 'elasticsearch' ? 'index lifecycle management' : 'index state management',
      'expired days are deleted by the worker, by the term of each tenant',
    );
  }
  return fallbacks;
}
