import { AppError } from '../platform/errors.ts';
import type { ObjectKind } from './index-definitions.ts';
import type { SearchEngine, SearchRequest } from './search-engine.ts';

const TEMPLATES = {
  elasticsearch: 'cluster privilege manage_index_templates',
  opensearch: 'cluster permission cluster_manage_index_templates',
};

// The right that a request needs, in the words of each engine.
const RIGHTS: Record<ObjectKind | 'index', { elasticsearch: string; opensearch: string }> = {
  component_template: TEMPLATES,
  index_template: TEMPLATES,
  ingest_pipeline: {
    elasticsearch: 'cluster privilege manage_ingest_pipelines',
    opensearch: 'cluster permission cluster_manage_pipelines',
  },
  ilm_policy: { elasticsearch: 'cluster privilege manage_ilm', opensearch: '' },
  ism_policy: {
    elasticsearch: '',
    opensearch: 'cluster permission cluster:admin/opendistro/ism/*',
  },
  index: {
    elasticsearch:
      'privileges view_index_metadata, indices:admin/mapping/put and indices:admin/settings/update on logs-*-2*',
    opensearch:
      'permissions indices:admin/resolve/index, indices:admin/mappings/get and indices:admin/mapping/put on logs-*-2*',
  },
};

// Enough to see that all is installed, which every client does before its first write.
const SEEING_TEMPLATES = {
  elasticsearch: 'cluster privilege monitor',
  opensearch: 'cluster permission indices:admin/index_template/get',
};

const FORBIDDEN = / with 403: /;

/**
 * Sends a request of the installation.
 * @throws AppError `log_store_refused` naming the right that is missing and the role that has all of them
 */
export async function asInstaller<T>(
  engine: SearchEngine,
  kind: ObjectKind | 'index',
  request: SearchRequest,
): Promise<T> {
  try {
    return await engine.request<T>(request);
  } catch (error) {
    // Not for wrong credentials (401): no role helps there.
    const isForbidden =
      error instanceof AppError && error.code === 'log_store_refused' && FORBIDDEN.test(error.message);
    if (!isForbidden) throw error;
    const isSeeing = kind === 'index_template' && request.method === 'GET';
    const right = (isSeeing ? SEEING_TEMPLATES : RIGHTS[kind])[engine.name];
    const message =
      `${error.message.replace(/\.?$/, '.')} This needs the ${right}; ` +
      `provisioning/elasticsearch/roles/${engine.name}/installer.json has all that the installation needs.`;
    throw new AppError('log_store_refused', message, { cause: error });
  }
}
