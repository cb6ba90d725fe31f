import type { Client } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import type { IngestResult } from './ingest-schema.ts';

export interface IngestBatch {
  /** Epoch ms at which the first attempt arrived. */
  received_at: number;
  /** What the first attempt was answered; null when it was not finished. */
  response: IngestResult | null;
}

/**
 * Begins a batch, or finds what an earlier attempt left. Throws `idempotency_key_reused` when that had another body.
 * @param batch.received_at epoch ms of this attempt; that of the first one is kept
 */
export async function beginBatch(
  client: Client,
  batch: { tenant_id: string; idempotency_key: string; body_sha256: Buffer; received_at: number },
): Promise<IngestBatch> {
  await client.query(
    `insert into ingest_batches (tenant_id, idempotency_key, body_sha256, received_at)
     values ($1, $2, $3, to_timestamp($4::double precision / 1000)) on conflict do nothing`,
    [batch.tenant_id, batch.idempotency_key, batch.body_sha256, batch.received_at],
  );
  const { rows } = await client.query<IngestBatch & { body_sha256: Buffer }>(
    `select received_at, response, body_sha256 from ingest_batches where idempotency_key = $1`,
    [batch.idempotency_key],
  );
  const found = rows[0];
  if (found === undefined) throw new AppError('internal', 'A batch vanished between two statements.');
  if (!found.body_sha256.equals(batch.body_sha256)) {
    throw new AppError('idempotency_key_reused', 'Send another body with another Idempotency-Key.', {
      field: 'idempotency-key',
    });
  }
  return found;
}

export async function finishBatch(
  client: Client,
  idempotency_key: string,
  response: IngestResult,
): Promise<void> {
  await client.query(
    `update ingest_batches set response = $2 where idempotency_key = $1 and response is null`,
    [idempotency_key, JSON.stringify(response)],
  );
}

/** Forgets batches of the tenant begun before `before` (epoch ms): a retry that late is a new batch. */
export async function deleteBatchesBefore(client: Client, before: number): Promise<number> {
  const { rowCount } = await client.query(
    `delete from ingest_batches where created_at < to_timestamp($1::double precision / 1000)`,
    [before],
  );
  return rowCount ?? 0;
}
