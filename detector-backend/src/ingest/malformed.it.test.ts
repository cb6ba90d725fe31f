import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIngestTestApp, type IngestTestApp } from './ingest-test-app.ts';
import { createMalformedInputs, createRandom, type MalformedInput } from './malformed-input.ts';

const INPUTS = 10_000;
const SEED = 20_260_601;
const ALLOWED = new Set([202, 400, 413, 415]);

let stack: IngestTestApp;
beforeAll(async () => {
  stack = await createIngestTestApp({ records_per_second: 1e9, burst_records: 1e9 });
});
afterAll(() => stack.close());

test(
  `${INPUTS} malformed inputs: no 5xx, no crash, good records of mixed batches stored`,
  { timeout: 300_000 },
  async () => {
    const good_message = `good ${randomUUID()}`;
    const next = createMalformedInputs(createRandom(SEED), good_message);
    const wrong: string[] = [];
    const statuses = new Map<string, number>();
    let good = 0;
    let sent = 0;
    const sender = async () => {
      while (sent < INPUTS) {
        sent += 1;
        const input = next();
        good += input.good;
        const answer = await post(input);
        const key = `${input.kind} ${answer.status}`;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
        const is_lost = input.good > 0 && answer.status !== 202;
        if (!ALLOWED.has(answer.status) || is_lost) wrong.push(`${key}: ${answer.text.slice(0, 200)}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    expect(wrong).toEqual([]);
    const { rows } = await stack.db.owner.query<{ count: string }>(
      'select count(*) from embedded_logs where message = $1',
      [good_message],
    );
    expect(Number(rows[0]?.count)).toBe(good);
    expect(good).toBeGreaterThan(1000);
    // Every kind was sent, and those that can not hold a record were all refused.
    for (const refused of [
      'truncated_gzip 400',
      'corrupt_gzip 400',
      'bomb 413',
      'huge_line 400',
      'unclosed 400',
    ]) {
      expect([refused, statuses.get(refused) ?? 0]).toEqual([refused, expect.any(Number)]);
      expect(statuses.get(refused)).toBeGreaterThan(20);
    }
    expect((await fetch(`${stack.base_url}/health/live`)).status).toBe(200);
  },
);

async function post({ headers, body }: MalformedInput): Promise<{ status: number; text: string }> {
  const response = await fetch(`${stack.base_url}/logs`, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  });
  return { status: response.status, text: await response.text() };
}
