import { randomUUID } from 'node:crypto';
import { createSearchEngine } from '../src/logstore/search-engine-connect.ts';
import type { SearchConnection } from '../src/platform/search-connection.ts';
import type { SendBatch } from './shipper.ts';

interface BulkAnswer {
  items: { create: { status: number } }[];
}

/**
 * Sends through POST /logs. Every second batch names its lines, as Logstash does; the others are known by their
 * Idempotency-Key only, which a retry repeats.
 */
export function createApiSender(target: {
  base_url: string;
  api_key: string;
  log_source: string;
}): SendBatch {
  const url = `${target.base_url}/api/v1/logs?log_source=${target.log_source}`;
  const keys = new WeakMap<object, string>();
  let batches = 0;
  const named = new WeakMap<object, boolean>();
  return async (lines) => {
    const first = lines[0]!;
    if (!keys.has(first)) {
      keys.set(first, randomUUID());
      named.set(first, batches++ % 2 === 0);
    }
    const with_id = named.get(first) ?? false;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${target.api_key}`,
        'content-type': 'application/x-ndjson',
        ...(with_id ? {} : { 'idempotency-key': keys.get(first)! }),
      },
      body: lines
        .map(({ id, service, timestamp, severity, message }) =>
          JSON.stringify({ service, timestamp, severity, message, ...(with_id && { event_id: id }) }),
        )
        .join('\n'),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    const { errors, rejected } = JSON.parse(text) as { errors: { index: number }[]; rejected: number };
    if (rejected !== errors.length) throw new Error(`${rejected} of ${lines.length} records were rejected`);
    // A key stands for its batch: what is left of it is another one.
    const rest = errors.map(({ index }) => ({ ...lines[index]! }));
    if (rest.length > 0) {
      keys.set(rest[0]!, randomUUID());
      named.set(rest[0]!, with_id);
    }
    return rest;
  };
}

/**
 * Writes into the engine as Logstash does: documents without a log source, with an id made where they came from.
 * @param is_history lines that were ingested when they happened; else they are when they are first sent
 */
export function createWriterSender(
  connection: SearchConnection,
  tenant_slug: string,
  is_history = false,
): SendBatch {
  const engine = createSearchEngine(connection);
  const stamped = new WeakMap<object, string>();
  return async (lines) => {
    const body = lines.flatMap((line) => {
      const timestamp = new Date(line.timestamp).toISOString();
      const day = timestamp.slice(0, 10).replaceAll('-', '.');
      // Set once, before the line waits for the engine: a late one carries a time that readers have passed.
      const ingested_at = is_history ? timestamp : (stamped.get(line) ?? new Date().toISOString());
      stamped.set(line, ingested_at);
      const { service, severity, message } = line;
      return [
        JSON.stringify({ create: { _index: `logs-${tenant_slug}-${day}`, _id: line.id } }),
        JSON.stringify({
          '@timestamp': timestamp,
          timestamp,
          service,
          severity,
          message,
          source: 'edge-1',
          ingested_at,
          ...(is_history && { is_log_time: true }),
        }),
      ];
    });
    const answer = await engine.request<BulkAnswer>({
      method: 'POST',
      path: '/_bulk',
      body: `${body.join('\n')}\n`,
      timeout_ms: 10_000,
    });
    return lines.filter((_, index) => ![201, 409].includes(answer.items[index]!.create.status));
  };
}
