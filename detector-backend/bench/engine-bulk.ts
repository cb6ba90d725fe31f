import { createDayNames } from '../src/logstore/day-index.ts';
import type { SearchEngine } from '../src/logstore/search-engine.ts';
import { shippedDocument, timeOf, type DocumentSpan } from './engine-documents.ts';

/** What a shipper writes to: the day indices of one tenant. */
export interface ShippedSpan extends DocumentSpan {
  slug: string;
}

/**
 * Writes the documents [first, last) as a shipper does: `create` with ids, so that sending them again changes nothing.
 * `ingested_at` is the moment of sending, as the ingest pipeline sets it where the engine has one (the Elasticsearch for tests has
 * none), or with `is_log_time` the document's time. Throws unless all of them are stored.
 */
export async function shipDocuments(
  engine: SearchEngine,
  span: ShippedSpan,
  [first, last]: readonly [number, number],
): Promise<void> {
  const nameOf = createDayNames(span.slug);
  let body = '';
  const now = Date.now();
  for (let n = first; n < last; n++) {
    const at = timeOf(n, span);
    body += `{"create":{"_index":"${nameOf(at)}","_id":"${span.from}-${n}"}}\n`;
    body += `${JSON.stringify(shippedDocument(n, span, span.is_log_time ? at : now))}\n`;
  }
  const { items } = await engine.request<{ items: { create: { status: number } }[] }>({
    method: 'POST',
    path: '/_bulk',
    query: { filter_path: 'items.*.status' },
    body,
  });
  const failed = items.find(({ create: { status } }) => status !== 201 && status !== 409);
  if (failed) throw new Error(`A document was answered with ${failed.create.status}`);
}
