import type { SearchEngineName } from '../../src/platform/search-connection.ts';
import { engineUrl, missingForEngines } from '../engines.ts';
import { hasRedis } from '../redis.ts';
import { describePipeline } from './pipeline-checks.ts';

const connectTo = (engine: SearchEngineName) => () => {
  return { engine, nodes: [engineUrl(engine)], request_timeout_ms: 30_000 };
};
const NAMES = { elasticsearch: 'Elasticsearch', opensearch: 'OpenSearch' };

for (const engine of ['elasticsearch', 'opensearch'] as const) {
  describePipeline(`from a line to a signed webhook: ${NAMES[engine]}, queue on PostgreSQL`, {
    queue: 'postgres',
    missing: missingForEngines(),
    store: connectTo(engine),
  });
  describePipeline(`from a line to a signed webhook: ${NAMES[engine]}, queue on Redis`, {
    queue: 'redis',
    missing: missingForEngines() ?? (hasRedis ? null : 'no redis-server binary found'),
    store: connectTo(engine),
  });
}
