import { hasRedis } from '../redis.ts';
import { describePipeline } from './pipeline-checks.ts';

describePipeline('from a line to a signed webhook: PostgreSQL, queue on PostgreSQL', {
  queue: 'postgres',
  missing: null,
});
describePipeline('from a line to a signed webhook: PostgreSQL, queue on Redis', {
  queue: 'redis',
  missing: hasRedis ? null : 'no redis-server binary found',
});
