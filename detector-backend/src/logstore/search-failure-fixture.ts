import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RunningEngine } from '../../test/engine-process.ts';
import { AppError } from '../platform/errors.ts';
import type { SearchConnection, SearchEngineName } from '../platform/search-connection.ts';
import type { LogDocument, LogLine, LogStore, SliceRange } from './log-store.ts';
import { createSearchEngine } from './search-engine-connect.ts';
import { createSearchLogStore } from './search-log-store.ts';

export const NOW = Date.UTC(2026, 5, 1, 12);
export const DAY_MS = 86_400_000;
export const UNAVAILABLE = { code: 'log_store_unavailable', retryable: true };
/** Starts in half the time; these tests do not measure speed. */
export const QUICK = ['-XX:TieredStopAtLevel=1'];

/** One tenant with one log source, its own log store, and what a test does behind the store's back. */
export interface Stage {
  store: LogStore;
  slug: string;
  range: SliceRange;
  document(index: number, values?: Partial<LogDocument>): LogDocument;
  documents(count: number, values?: Partial<LogDocument>): LogDocument[];
  write(documents: LogDocument[]): ReturnType<LogStore['write']>;
  /** Name of the index of a document's day. */
  indexOf(timestamp: number): string;
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  connection?: Partial<SearchConnection>;
  slug?: string;
  write_budget_ms?: number;
}

export function openStage(name: SearchEngineName, url: string, options: StageOptions = {}): Stage {
  const slug = options.slug ?? `f${randomUUID().slice(0, 8)}`;
  const tenant_id = randomUUID();
  const log_source_id = randomUUID();
  const connection = { engine: name, nodes: [url], request_timeout_ms: 30_000, ...options.connection };
  const engine = createSearchEngine(connection);
  const slugOf = () => Promise.resolve(slug);
  const { write_budget_ms = 30_000 } = options;
  const store = createSearchLogStore({ engine, slugOf, write_budget_ms });
  const tail = randomUUID().slice(21);
  const document: Stage['document'] = (index, values = {}) => ({
    event_id: timedId(values.timestamp ?? NOW, index, tail),
    timestamp: NOW,
    log_source_id,
    service_id: '11111111-1111-4111-8111-111111111111',
    service: 'checkout',
    source: 'pod-1',
    severity: 'info',
    message: `line ${index}`,
    metadata: null,
    ingested_at: NOW + index,
    ...values,
  });
  return {
    store,
    slug,
    // An engine that has the pipeline puts its own clock into `ingested_at`.
    range: { tenant_id, log_source_id, slice_start: 0, slice_end: Date.UTC(2100, 0, 1) },
    document,
    documents: (count, values) => Array.from({ length: count }, (_, index) => document(index, values)),
    write: (documents) => store.write(tenant_id, documents),
    indexOf: (timestamp) =>
      `logs-${slug}-${new Date(timestamp).toISOString().slice(0, 10).replaceAll('-', '.')}`,
    async refresh() {
      expect((await call(url, 'POST', `/logs-${slug}-2*/_refresh`)).status).toBe(200);
    },
    close: () => engine.close(),
  };
}

/** An id as `ingest` makes them: the time first. */
function timedId(ms: number, index: number, tail: string): string {
  const time = ms.toString(16).padStart(12, '0');
  const place = index.toString(16).padStart(6, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-${place.slice(0, 4)}-${place.slice(4)}${tail}`;
}

/** A request to the engine past the store. */
export async function call<T = unknown>(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: T }> {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as T };
}

export async function changeSettings(url: string, index: string, settings: object): Promise<void> {
  const { status, body } = await call(url, 'PUT', `/${index}/_settings`, settings);
  expect(status, JSON.stringify(body)).toBe(200);
}

export async function readAll({ store, range }: Stage): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const page of store.readSlice(range)) lines.push(...page);
  return lines;
}

/** A read that must not come to its end; of one that does, how many lines it gave. */
export async function expectReadRefused(stage: Stage): Promise<void> {
  const outcome = await readAll(stage).then(
    (lines) => ({ lines: lines.length }),
    (error: unknown) => error,
  );
  expect(outcome).toMatchObject(UNAVAILABLE);
}

/** Each of these documents once, and nothing else. */
export function expectEachOnce(lines: LogLine[], documents: LogDocument[]): void {
  const read = lines.map((line) => line.event_id);
  const wanted = documents.map((one) => one.event_id);
  // Two lists of thousands make no readable difference.
  const ids = new Set(read);
  const missing = wanted.filter((id) => !ids.has(id)).length;
  expect({ lines: read.length, different: ids.size, missing }).toEqual({
    lines: wanted.length,
    different: wanted.length,
    missing: 0,
  });
}

/** What our API's clients do: send again what was not stored, until all is. */
export async function writeUntilStored(
  { write }: Stage,
  documents: LogDocument[],
  limit_ms: number,
): Promise<{ created: number; duplicates: number; refusals: number }> {
  const deadline = Date.now() + limit_ms;
  const sum = { created: 0, duplicates: 0, refusals: 0 };
  let rest = documents;
  while (rest.length > 0) {
    if (Date.now() > deadline) throw new Error(`${rest.length} documents were not stored in ${limit_ms} ms`);
    try {
      const { created, duplicates, errors } = await write(rest);
      expect(created + duplicates + errors.length).toBe(rest.length);
      expect(errors.filter((error) => error.code !== 'log_store_busy')).toEqual([]);
      sum.created += created;
      sum.duplicates += duplicates;
      sum.refusals += errors.length > 0 ? 1 : 0;
      rest = errors.map((error) => rest[error.index] as LogDocument);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      expect(error).toMatchObject(UNAVAILABLE);
      sum.refusals += 1;
    }
    if (rest.length > 0) await sleep(100);
  }
  return sum;
}

/** Waits for the node's shards, after a test took one away. */
export async function untilGreen(node: RunningEngine): Promise<void> {
  const { status } = await call(node.url, 'GET', '/_cluster/health?wait_for_status=green&timeout=30s');
  expect(status).toBe(200);
}

export interface Meddler {
  url: string;
  searches(): number;
  close(): Promise<void>;
}

/**
 * Stands between a store and its engine, and does something just before it passes the `at`-th search and all later ones on.
 * @param options.keep_alive life of all points in time, instead of what the store asks for
 */
export async function startMeddler(
  target: string,
  options: { at: number; meddle(): Promise<unknown>; keep_alive?: string },
): Promise<Meddler> {
  let searches = 0;
  let meddling: Promise<unknown> = Promise.resolve();
  const shorten = (text: string) =>
    options.keep_alive === undefined || searches > options.at
      ? text
      : text.replace(/(keep_alive(?:=|":\s*"))\w+/g, `$1${options.keep_alive}`);
  const pass = async (request: http.IncomingMessage, body: Buffer, response: http.ServerResponse) => {
    const isSearch = /\/_search(\?|$)/.test(request.url ?? '');
    if (isSearch && ++searches === options.at) meddling = options.meddle();
    if (isSearch) await meddling;
    const sent = isSearch ? Buffer.from(shorten(body.toString())) : body;
    const headers = { ...request.headers, 'content-length': String(sent.length) };
    const to = target + shorten(request.url ?? '');
    const forward = http.request(to, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    forward.on('error', () => response.destroy());
    forward.end(sent);
  };
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void pass(request, Buffer.concat(chunks), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    searches: () => searches,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same stage through another address, or with other limits. */
export function through(
  name: SearchEngineName,
  url: string,
  stage: Stage,
  options: StageOptions = {},
): Stage {
  const { store, close } = openStage(name, url, { ...options, slug: stage.slug });
  return { ...stage, store, close, write: (documents) => store.write(stage.range.tenant_id, documents) };
}
