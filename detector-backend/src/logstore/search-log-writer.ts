import { AppError } from '../platform/errors.ts';
import { createDayNames } from './day-index.ts';
import { createLimiter } from './limiter.ts';
import type { LogDocument, WriteResult } from './log-store.ts';
import { sendBulk, type BulkEntry } from './search-bulk.ts';
import type { DayIndices } from './search-day-indices.ts';
import type { SearchEngine } from './search-engine.ts';
import { ADVICE, unavailable } from './search-failure.ts';
import { knownElsewhere } from './search-known-ids.ts';
import { hasTimedId, problemOf } from './storable-document.ts';
import { storableJson } from './stored-text.ts';

/** Of one log store, over all callers. */
const BULKS_AT_ONCE = 3;
const REFRESH_TIMEOUT_MS = 10_000;
const FIRST_TIMESTAMP = Date.UTC(2000, 0, 1);

export interface SearchLogWriter {
  write(tenant: { tenant_id: string; slug: string }, documents: LogDocument[]): Promise<WriteResult>;
}

/** Writes of the log store in Elasticsearch and OpenSearch; each ends after about `budget_ms`. */
export function createSearchLogWriter(
  engine: SearchEngine,
  days: DayIndices,
  budget_ms: number,
): SearchLogWriter {
  const limiter = createLimiter(BULKS_AT_ONCE);
  return {
    async write({ tenant_id, slug }, documents) {
      const deadline = Date.now() + budget_ms;
      const { entries, errors, repeated } = entriesOf(tenant_id, slug, documents);
      const keyed = entries.filter((entry) => !entry.is_timed);
      const known = await knownElsewhere(engine, await otherDays(days, slug, keyed), keyed);
      const fresh = known.size === 0 ? entries : entries.filter(({ id }) => !known.has(id));
      const sent = await sendBulk(engine, fresh, { limiter, deadline });
      const indices = new Set(fresh.map(({ index }) => index));
      days.add(slug, indices);
      const duplicates = sent.duplicates + repeated + known.size;
      if (sent.created + duplicates === 0) throwWhenNoneStored(sent.errors);
      if (documents.some(({ is_log_time }) => is_log_time)) await makeVisible(engine, indices);
      const all = [...errors, ...sent.errors].sort((a, b) => a.index - b.index);
      return { created: sent.created, duplicates, errors: all };
    },
  };
}

/**
 * A source in log time is read up to its clock as soon as the clock is moved, and never counted again: what is stored must be
 * found by then. Sources on the wall clock are read after the refresh interval.
 */
async function makeVisible(engine: SearchEngine, indices: ReadonlySet<string>): Promise<void> {
  for (const index of indices) {
    const path = `/${encodeURIComponent(index)}/_refresh`;
    await engine.request({ method: 'POST', path, timeout_ms: REFRESH_TIMEOUT_MS });
  }
}

const otherDays = (days: DayIndices, slug: string, keyed: BulkEntry[]): Promise<readonly string[]> =>
  keyed.length === 0 ? Promise.resolve([]) : days.list(slug);

/** Documents as they are sent, and what is known of the others before anything is. */
function entriesOf(tenant_id: string, slug: string, documents: LogDocument[]) {
  const nameOf = createDayNames(slug);
  const errors: WriteResult['errors'] = [];
  const entries: BulkEntry[] = [];
  const ids = new Set<string>();
  documents.forEach((document, place) => {
    const message = problemOf(document) ?? problemOfDay(document);
    if (message !== null) {
      errors.push({ index: place, code: 'invalid_document', message });
      return;
    }
    const { event_id: id, timestamp } = document;
    ids.add(id);
    // The first of a batch stays.
    if (ids.size > entries.length) {
      const source = sourceOf(tenant_id, document);
      entries.push({ place, id, index: nameOf(timestamp), is_timed: hasTimedId(document), source });
    }
  });
  return { entries, errors, repeated: documents.length - errors.length - entries.length };
}

const problemOfDay = ({ timestamp }: LogDocument): string | null =>
  timestamp < FIRST_TIMESTAMP ? 'timestamp must not be before the year 2000' : null;

function sourceOf(tenant_id: string, document: LogDocument): string {
  const timestamp = new Date(document.timestamp).toISOString();
  const { log_source_id, service_id, service, source, severity, message, metadata, ingested_at } = document;
  return storableJson({
    '@timestamp': timestamp,
    timestamp,
    tenant_id,
    log_source_id,
    source,
    service_id,
    service,
    severity,
    message,
    metadata: metadata ?? undefined,
    ingested_at: new Date(ingested_at).toISOString(),
    is_log_time: document.is_log_time === true ? true : undefined,
  });
}

/** A caller that sends everything again loses nothing, and one that may not write should hear why. */
function throwWhenNoneStored(errors: WriteResult['errors']): void {
  const refused = errors.find(({ code }) => code === 'log_store_refused');
  if (refused) throw new AppError('log_store_refused', refused.message);
  const busy = errors.find(({ code }) => code === 'log_store_busy');
  const reason = busy?.message.replace(ADVICE, '');
  if (busy) throw unavailable(`The log store took none of ${errors.length} documents (${reason})`);
}
