import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as the far end saw it. */
export interface ReceivedBatch {
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What the far end answers; `hang_up` closes the connection without an answer. */
export type ReceiverAnswer = { status: number; body?: object; headers?: Record<string, string> } | 'hang_up';

export interface LogReceiver {
  base_url: string;
  batches: ReceivedBatch[];
  close(): Promise<void>;
}

/** For tests: an HTTP server on loopback that keeps what it is sent. `answer` is asked with every batch and its number. */
export async function startLogReceiver(
  answer: (batch: ReceivedBatch, number: number) => ReceiverAnswer,
): Promise<LogReceiver> {
  const batches: ReceivedBatch[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const batch = { url: request.url ?? '', headers: request.headers, body };
      batches.push(batch);
      const given = answer(batch, batches.length - 1);
      if (given === 'hang_up') request.socket.destroy();
      else response.writeHead(given.status, given.headers).end(JSON.stringify(given.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base_url: `http://127.0.0.1:${port}`,
    batches,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** 202 for every line of the batch. */
export const acceptAll = (batch: ReceivedBatch): ReceiverAnswer => ({
  status: 202,
  body: { accepted: batch.body.split('\n').length, duplicates: 0, rejected: 0 },
});
