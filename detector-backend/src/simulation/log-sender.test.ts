import { afterEach, expect, test } from 'vitest';
import { acceptAll, startLogReceiver, type LogReceiver, type ReceiverAnswer } from './log-receiver.ts';
import { createLogSender, type LogSenderOptions } from './log-sender.ts';

let receiver: LogReceiver | undefined;
afterEach(() => receiver?.close());

const DOCUMENTS = [{ message: 'a' }, { message: 'b\nc' }];

/** Sends the documents to a receiver that gives these answers in turn, and then accepts all. */
async function sendTo(answers: ReceiverAnswer[], options: Partial<LogSenderOptions> = {}): Promise<unknown> {
  receiver = await startLogReceiver((batch, number) => answers[number] ?? acceptAll(batch));
  const { base_url } = receiver;
  return createLogSender({ base_url, api_key: 'key-1', log_source: 'my shop', retry_ms: 1, ...options })(
    DOCUMENTS,
    'run-0',
  );
}

const keys = (): unknown[] => receiver?.batches.map(({ headers }) => headers['idempotency-key']) ?? [];

test('posts NDJSON with the key, the source and an idempotency key', async () => {
  expect(await sendTo([])).toEqual({ accepted: 2, duplicates: 0, rejected: 0 });
  const [batch] = receiver?.batches ?? [];
  expect(batch?.url).toBe('/api/v1/logs?log_source=my%20shop');
  expect(batch?.headers).toMatchObject({
    authorization: 'Bearer key-1',
    'content-type': 'application/x-ndjson',
    'idempotency-key': 'run-0',
  });
  expect(batch?.body.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(DOCUMENTS);
});

test('tries again with the same key after 5xx, a lost connection and a broken answer', async () => {
  const result = await sendTo([{ status: 503 }, 'hang_up', { status: 500 }, { status: 202, body: [] }]);
  expect(result).toMatchObject({ accepted: 2 });
  expect(new Set(keys())).toEqual(new Set(['run-0']));
});

test('waits as long as 429 says', async () => {
  const started = performance.now();
  await sendTo([{ status: 429, headers: { 'retry-after': '1' } }]);
  expect(performance.now() - started).toBeGreaterThanOrEqual(990);
  expect(keys()).toEqual(['run-0', 'run-0']);
});

test('halves a batch that is too large, down to single documents', async () => {
  const result = await sendTo([{ status: 413 }, { status: 413 }]);
  expect(result).toEqual({ accepted: 1, duplicates: 0, rejected: 1 });
  expect(keys()).toEqual(['run-0', 'run-0.0', 'run-0.1']);
});

test('a batch of which nothing was good is counted, not an error', async () => {
  expect(await sendTo([{ status: 400, body: { code: 'all_records_rejected' } }])).toEqual({
    accepted: 0,
    duplicates: 0,
    rejected: 2,
  });
});

test('throws at once what no retry mends, and after twelve attempts what none did', async () => {
  await expect(sendTo([{ status: 401, body: { detail: 'no such key' } }])).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('no such key') as string,
  });
  expect(keys()).toHaveLength(1);
  await receiver?.close();
  await expect(sendTo(new Array<ReceiverAnswer>(12).fill({ status: 502 }))).rejects.toMatchObject({
    code: 'log_store_unavailable',
  });
  expect(keys()).toHaveLength(12);
});

test('an abort ends the wait for the next attempt', async () => {
  const signal = AbortSignal.timeout(50);
  await expect(sendTo([{ status: 503 }], { retry_ms: 60_000, signal })).rejects.toThrow();
});
