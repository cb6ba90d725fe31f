import { randomUUID } from 'node:crypto';
import type { LogDocument, LogStore, WriteResult } from '../logstore/log-store.ts';
import { AppError } from '../platform/errors.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Database } from '../platform/postgres.ts';
import { problemOfRecord } from './body-records.ts';
import { batchIds } from './event-id.ts';
import { beginBatch, finishBatch } from './ingest-batch-repository.ts';
import type { IngestLimits } from './ingest-limits.ts';
import { MAX_ERRORS, type IngestResult, type RejectedRecord } from './ingest-schema.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { isRecordError, parseLogRecord, type BatchContext, type RecordError } from './log-record.ts';
import { createLogSourceDirectory } from './log-source-directory.ts';
import { createMaskDirectory } from './mask-directory.ts';
import { createServiceDirectory } from './service-directory.ts';

export interface IngestInput {
  tenant: { tenant_id: string; tenant_slug: string };
  log_source_name: string;
  /** Raw JSON values; a place that could not be read comes as what `ndjsonRecords` makes of it. */
  records: Iterable<unknown>;
  /** With a key, `body_sha256` tells a retry from another batch; without, each call is a batch of its own. */
  idempotency: { key: string; body_sha256: Buffer } | null;
  /** Epoch ms. */
  received_at: number;
}

/** `is_replayed`: the batch was answered before, and this is that answer. */
export type IngestOutcome = IngestResult & { is_replayed: boolean };

interface ParsedBatch {
  documents: LogDocument[];
  /** Place in the batch of each document. */
  places: number[];
  errors: RejectedRecord[];
  /** Newest line of each service, epoch ms. */
  last_lines: Map<string, number>;
}

interface IngestDeps {
  database: Database;
  log_store: LogStore;
  metrics: Metrics;
  limits: IngestLimits;
}

/**
 * Stores a batch: source, services and earlier attempts are looked up, then the records become documents, then services are
 * written before their lines, then the lines. Stores nothing when the batch has too many records (`payload_too_large`).
 * A retry makes the same ids, so it changes nothing, wherever the first attempt broke off.
 */
export function ingestStep(deps: IngestDeps) {
  const { database, log_store, limits } = deps;
  const { max_log_sources } = limits;
  const { read_lag_seconds } = log_store;
  const sources = createLogSourceDirectory({ database, max_log_sources, read_lag_seconds });
  const services = createServiceDirectory({ database, max_services: limits.max_services });
  const maskOf = createMaskDirectory({ database });
  const metrics = createIngestMetrics(deps.metrics);

  return async function ingest(input: IngestInput): Promise<IngestOutcome> {
    const started = performance.now();
    const { tenant_id, tenant_slug } = input.tenant;
    const source = await sources.open(tenant_id, input.log_source_name);
    const begun = await begin(database, input);
    if (begun.response !== null) return { ...begun.response, is_replayed: true };
    const ids = batchIds(tenant_id, input.idempotency?.key ?? randomUUID());
    const batch_services = await services.openBatch(tenant_id, source.id);
    const batch = parseBatch(input.records, {
      tenant_id,
      tenant_slug,
      log_source_id: source.id,
      default_source: source.name,
      received_at: begun.received_at,
      ingested_at: input.received_at,
      clock_mode: source.clock_mode,
      clock_at: source.clock_at,
      limits,
      mask: await maskOf(tenant_id),
      eventId: ids.eventId,
      serviceId: batch_services.serviceId,
      onClamped: metrics.onClamped,
    });
    await batch_services.save(batch.last_lines, input.received_at);
    const result = resultOf(ids.batch_id, batch, await log_store.write(tenant_id, batch.documents), started);
    await finish(database, input, result);
    metrics.onBatch(result);
    return { ...result, is_replayed: false };
  };
}

export type IngestStep = ReturnType<typeof ingestStep>;

async function begin(database: Database, { tenant, idempotency, received_at }: IngestInput) {
  if (idempotency === null) return { received_at, response: null };
  const { tenant_id } = tenant;
  const { key: idempotency_key, body_sha256 } = idempotency;
  return database.withTenant(tenant_id, (client) =>
    beginBatch(client, { tenant_id, idempotency_key, body_sha256, received_at }),
  );
}

async function finish(database: Database, { tenant, idempotency }: IngestInput, result: IngestResult) {
  if (idempotency === null) return;
  await database.withTenant(tenant.tenant_id, (client) => finishBatch(client, idempotency.key, result));
}

function resultOf(batch_id: string, batch: ParsedBatch, written: WriteResult, started: number): IngestResult {
  const not_stored = written.errors.map((error) => ({ ...error, index: batch.places[error.index] ?? 0 }));
  const errors = [...batch.errors, ...not_stored];
  return {
    accepted: written.created,
    rejected: errors.length,
    duplicates: written.duplicates,
    batch_id,
    errors: errors.slice(0, MAX_ERRORS),
    took_ms: Math.round(performance.now() - started),
  };
}

function parseBatch(records: Iterable<unknown>, context: BatchContext): ParsedBatch {
  const batch: ParsedBatch = { documents: [], places: [], errors: [], last_lines: new Map() };
  let index = 0;
  for (const raw of records) {
    if (index === context.limits.max_records) {
      throw new AppError('payload_too_large', `A batch has at most ${index} records: send smaller ones.`);
    }
    const parsed: LogDocument | RecordError = problemOfRecord(raw) ?? parseLogRecord(raw, index, context);
    if (isRecordError(parsed)) batch.errors.push({ index, ...parsed });
    else {
      batch.documents.push(parsed);
      batch.places.push(index);
      const last = batch.last_lines.get(parsed.service_id) ?? 0;
      if (parsed.timestamp > last) batch.last_lines.set(parsed.service_id, parsed.timestamp);
    }
    index += 1;
  }
  if (index === 0) throw new AppError('invalid_body', 'The batch is empty: send at least one record.');
  return batch;
}
