import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** What a receiver saw of one alert. */
export interface ReceivedAlert {
  idempotency_key: string;
  body: string;
  signature: string | null;
  /** Unix seconds as text: signed together with the body. */
  timestamp: string | null;
}

export interface AlertReceiver {
  url: string;
  received: readonly ReceivedAlert[];
  /** Deliveries whose idempotency key was seen before. */
  duplicates(): number;
  close(): Promise<void>;
}

const MAX_KEPT = 10_000;

/** The far end of the wire: a webhook receiver on loopback that accepts everything and counts what it sees. */
export async function startAlertReceiver(
  onAlert: (alert: ReceivedAlert) => void = () => undefined,
): Promise<AlertReceiver> {
  const received: ReceivedAlert[] = [];
  const seen = new Set<string>();
  let repeated = 0;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = (name: string) => request.headers[name]?.toString() ?? null;
      const alert: ReceivedAlert = {
        idempotency_key: header('idempotency-key') ?? '',
        body: Buffer.concat(chunks).toString('utf8'),
        signature: header('x-seismolog-signature'),
        timestamp: header('x-seismolog-timestamp'),
      };
      if (seen.has(alert.idempotency_key)) repeated += 1;
      seen.add(alert.idempotency_key);
      if (received.length < MAX_KEPT) received.push(alert);
      onAlert(alert);
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    received,
    duplicates: () => repeated,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
