import type { Client, Database } from '../platform/postgres.ts';
import type { LogDocument, WriteResult } from './log-store.ts';
import { textArray, timestampArray, uuidArray } from './binary-array.ts';
import { createKnownDays } from './known-days.ts';
import { hasTimedId, problemOf } from './storable-document.ts';
import { storableJson, storableText } from './stored-text.ts';

const NO_PARTITION = '23514';

/*
 * How to get 5,000 rows into the table, its three indexes and row-level security, client and server on the same 2 cores,
 * 3 connections, rows/s, medians of 12 alternating rounds of 75,000 rows (their quartiles are 15 % apart):
 *   json_to_recordset($1::json)                          102,000
 *   COPY into a temporary table, then insert … select    105,000
 *   unnest of arrays as text                             111,000
 *   unnest of arrays in binary form                      125,000   <- this one
 */
const INSERT = `
  insert into embedded_logs (event_id, timestamp, tenant_id, log_source_id, service_id, service, source, severity,
                             message, metadata, ingested_at)
  select d.event_id, d.timestamp, (select app_tenant_id()), d.log_source_id, d.service_id, d.service, d.source, d.severity,
         d.message, d.metadata::jsonb, d.ingested_at
  from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::timestamptz[])
    as d(event_id, timestamp, log_source_id, service_id, service, source, severity, message, metadata, ingested_at)`;
const INSERT_TIMED = `${INSERT} on conflict do nothing`;
const INSERT_KEYED = `${INSERT} where not exists (select from embedded_logs e where e.event_id = d.event_id)
  on conflict do nothing`;

export interface LogWriter {
  write(tenant_id: string, documents: LogDocument[]): Promise<WriteResult>;
}

/** Writes of the PostgreSQL log store; each is one transaction. */
export function createLogWriter(database: Database): LogWriter {
  const days = createKnownDays(database);

  async function insertWithDays(tenant_id: string, documents: LogDocument[]): Promise<number> {
    const timestamps = documents.map((document) => document.timestamp);
    await days.ensure(tenant_id, timestamps);
    try {
      return await insertAll(database, tenant_id, documents);
    } catch (error) {
      // Retention dropped a day that this process knew.
      if ((error as { code?: string }).code !== NO_PARTITION) throw error;
      days.forget();
      await days.ensure(tenant_id, timestamps);
      return insertAll(database, tenant_id, documents);
    }
  }

  return {
    async write(tenant_id, documents) {
      const errors: WriteResult['errors'] = [];
      const good = documents.filter((document, index) => {
        const message = problemOf(document);
        if (message !== null) errors.push({ index, code: 'invalid_document', message });
        return message === null;
      });
      const created = good.length === 0 ? 0 : await insertWithDays(tenant_id, good);
      return { created, duplicates: good.length - created, errors };
    },
  };
}

/*
 * The primary key spans (event_id, timestamp), because a partitioned table knows no other unique key: it finds the copies of
 * timed ids. The others are looked up in all days, one writer of the tenant at a time.
 */
function insertAll(database: Database, tenant_id: string, documents: LogDocument[]): Promise<number> {
  return database.withTenant(tenant_id, async (client) => {
    const timed = documents.filter(hasTimedId);
    let created = timed.length === 0 ? 0 : await insert(client, 'insert-timed-logs', INSERT_TIMED, timed);
    if (timed.length < documents.length) {
      const others = documents.filter((document) => !hasTimedId(document));
      const by_id = new Map(others.reverse().map((document) => [document.event_id, document]));
      await client.query('select pg_advisory_xact_lock(hashtext($1))', [`keyed logs ${tenant_id}`]);
      created += await insert(client, 'insert-keyed-logs', INSERT_KEYED, [...by_id.values()]);
    }
    return created;
  });
}

async function insert(client: Client, name: string, text: string, documents: LogDocument[]): Promise<number> {
  const result = await client.query({
    name,
    text,
    values: [
      uuidArray(documents.map((d) => d.event_id)),
      timestampArray(documents.map((d) => d.timestamp)),
      uuidArray(documents.map((d) => d.log_source_id)),
      uuidArray(documents.map((d) => d.service_id)),
      textArray(documents.map((d) => storableText(d.service))),
      textArray(documents.map((d) => storableText(d.source))),
      textArray(documents.map((d) => d.severity)),
      textArray(documents.map((d) => storableText(d.message))),
      textArray(documents.map((d) => (d.metadata === null ? null : storableJson(d.metadata)))),
      timestampArray(documents.map((d) => d.ingested_at)),
    ],
  });
  return result.rowCount ?? 0;
}
