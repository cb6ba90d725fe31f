import { dayPattern } from './day-index.ts';
import { createIndexInstaller } from './index-templates.ts';
import type { LogStore } from './log-store.ts';
import { createDayIndices } from './search-day-indices.ts';
import type { SearchEngine } from './search-engine.ts';
import { countHits } from './search-hits.ts';
import {
  readSortedPages,
  selectFirstIngestedAt,
  selectLines,
  sliceQuery,
  tallyLines,
} from './search-log-reads.ts';
import { createSearchLogWriter } from './search-log-writer.ts';

export interface SearchLogStoreParts {
  engine: SearchEngine;
  /** Slug of a tenant, `^[a-z0-9_]{1,40}$`. */
  slugOf(tenant_id: string): Promise<string>;
  /** Runs before a write; must be cheap once it has succeeded. Default: that of an installer of our own. */
  ensureTemplates?: (slug: string) => Promise<void>;
  /** Longest time of one write, retries included. */
  write_budget_ms?: number;
}

const PING_TIMEOUT_MS = 3000;

/** The log store in Elasticsearch or OpenSearch: one index a tenant and UTC day of event time. */
export function createSearchLogStore(parts: SearchLogStoreParts): LogStore {
  const { engine, slugOf, write_budget_ms = 30_000 } = parts;
  const ensureTemplates = parts.ensureTemplates ?? createIndexInstaller(engine).ensureTemplates;
  const days = createDayIndices(engine);
  const writer = createSearchLogWriter(engine, days, write_budget_ms);
  const indexOf = async (tenant_id: string) => dayPattern(await slugOf(tenant_id));

  return {
    read_lag_seconds: 5,
    async write(tenant_id, documents) {
      const slug = await slugOf(tenant_id);
      await ensureTemplates(slug);
      return writer.write({ tenant_id, slug }, documents);
    },
    async *readSlice(range, { sample_of = 1 } = {}) {
      yield* readSortedPages(engine, await indexOf(range.tenant_id), range, { sample_of });
    },
    async countSlice(range) {
      return countHits(engine, { index: await indexOf(range.tenant_id), query: sliceQuery(range) });
    },
    async tallySlice(range, bucket_ms) {
      return tallyLines(engine, await indexOf(range.tenant_id), range, bucket_ms);
    },
    async firstIngestedAt(tenant_id, log_source_id, from) {
      return selectFirstIngestedAt(engine, await indexOf(tenant_id), log_source_id, from);
    },
    async readLines({ tenant_id, ...query }) {
      return selectLines(engine, await indexOf(tenant_id), query);
    },
    async dropDaysBefore(tenant_id, before) {
      return days.dropBefore(await slugOf(tenant_id), before);
    },
    async ping() {
      await engine.request({ method: 'GET', path: '/_cluster/health', timeout_ms: PING_TIMEOUT_MS });
    },
  };
}
