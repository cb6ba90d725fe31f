import { setTimeout as sleep } from 'node:timers/promises';
import { createSearchEngine } from '../src/logstore/search-engine-connect.ts';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { shipDocuments, type ShippedSpan } from './engine-bulk.ts';
import { countBefore } from './engine-documents.ts';
import { connectionOf } from './engine-node.ts';

/*
 * A shipper in a process of its own: makes documents at a fixed rate, keeps in memory what the engine does not take, and sends it
 * again until it does. Arguments: engine, url, span as JSON. After the parent's message `finish` no more are made; a ShipperState
 * is the answer once all of them are stored.
 */
export interface ShipperState {
  made: number;
  stored: number;
  /** Requests that failed and were sent again. */
  retries: number;
}

const MAX_BATCH = 2_000;
const SENDERS = 2;
const PAUSE_MS = 250;
const RETRY_MS = 1_000;

const [name = '', url = '', span_json = ''] = process.argv.slice(2);
const span = JSON.parse(span_json) as ShippedSpan;
const engine = createSearchEngine(connectionOf(name as SearchEngineName, url));
const state = { stored: 0, retries: 0 };
let next = 0;
let finished_at = Infinity;

const made = () => countBefore(Math.min(Date.now(), finished_at), span);

async function sender(): Promise<void> {
  for (;;) {
    const first = next;
    next = Math.min(made(), first + MAX_BATCH);
    if (next === first && finished_at < Infinity) return;
    if (next > first) await sendUntilStored(first, next);
    if (next >= made()) await sleep(PAUSE_MS);
  }
}

async function sendUntilStored(first: number, last: number): Promise<void> {
  for (;;) {
    try {
      await shipDocuments(engine, span, [first, last]);
      state.stored += last - first;
      return;
    } catch {
      state.retries += 1;
      await sleep(RETRY_MS);
    }
  }
}

process.once('message', () => (finished_at = Date.now()));
process.on('disconnect', () => process.exit());
await Promise.all(Array.from({ length: SENDERS }, sender));
process.send?.({ ...state, made: made() });
