import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createTargetGuard } from './target-guard.ts';
import { createWebhookClient, retryAfterSeconds } from './webhook-client.ts';

const request = {
  headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
  body: '{"a":"ü"}',
};
const limits = { connect_ms: 500, total_ms: 700 };
const send = createWebhookClient(createTargetGuard(['127.0.0.0/8']), limits);

const servers: Server[] = [];
async function receiver(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
const answering = (status: number, headers: Record<string, string> = {}, body = 'no') =>
  receiver((_request, response) => response.writeHead(status, headers).end(body));

it('posts body and headers to the path', async () => {
  let seen = {};
  const url = await receiver((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      const { method, url: path, headers } = incoming;
      seen = { method, path, key: headers['idempotency-key'], host: headers.host, body };
      response.writeHead(202).end();
    });
  });
  expect(await send(`${url}/hook?x=1`, request)).toEqual({ outcome: 'ok', status_code: 202 });
  expect(seen).toEqual({
    method: 'POST',
    path: '/hook?x=1',
    key: 'k',
    host: new URL(url).host,
    body: request.body,
  });
});

describe('answers', () => {
  it.each([408, 425, 429, 500, 503])('%i is tried again', async (status) => {
    expect(await send(await answering(status), request)).toEqual({
      outcome: 'retry',
      status_code: status,
      detail: `HTTP ${status}: no`,
      retry_after_seconds: null,
    });
  });

  it.each([400, 401, 404, 410, 422])('%i is final', async (status) => {
    expect(await send(await answering(status), request)).toMatchObject({
      outcome: 'terminal',
      status_code: status,
    });
  });

  it('Retry-After is handed on', async () => {
    const outcome = await send(await answering(429, { 'retry-after': '17' }), request);
    expect(outcome).toMatchObject({ outcome: 'retry', retry_after_seconds: 17 });
  });

  it('a redirect is final and its target is never asked', async () => {
    let asked = false;
    const inner = await receiver((_request, response) => {
      asked = true;
      response.end();
    });
    const outcome = await send(await answering(307, { location: inner }), request);
    expect(outcome).toMatchObject({ outcome: 'terminal', status_code: 307 });
    expect(asked).toBe(false);
  });

  it('2xx counts at once, however long its body takes', async () => {
    const url = await receiver((_request, response) => void response.writeHead(200).write('x'));
    expect(await send(url, request)).toEqual({ outcome: 'ok', status_code: 200 });
  });

  it('no more than 2 kB of one is read', async () => {
    let written = 0;
    const url = await receiver((_request, response) => {
      response.writeHead(400);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1024))) written += 1024;
      };
      response.on('drain', more);
      more();
    });
    const outcome = await send(url, request);
    expect(outcome).toMatchObject({ outcome: 'terminal' });
    expect(JSON.stringify(outcome).length).toBeLessThan(1000);
    expect(written).toBeLessThan(10_000_000);
  });

  it('control characters of one do not reach our rows', async () => {
    const outcome = await send(await answering(400, {}, 'a\r\nforged: line\u0000'), request);
    expect(outcome).toMatchObject({ detail: 'HTTP 400: a forged: line' });
  });
});

describe('the network', () => {
  it('that refuses is tried again', async () => {
    const url = await answering(200);
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    expect(await send(url, request)).toMatchObject({
      outcome: 'retry',
      detail: 'network error ECONNREFUSED',
    });
  });

  it('that hangs up is tried again', async () => {
    const url = await receiver((incoming) => incoming.socket.destroy());
    expect(await send(url, request)).toMatchObject({ outcome: 'retry', status_code: null });
  });

  it.each([
    ['no answer', (() => undefined) as RequestListener],
    ['an endless one', ((_request, response) => void response.writeHead(500).write('x')) as RequestListener],
  ])('is given up after the total time limit: %s', async (_name, listener) => {
    const started = Date.now();
    expect(await send(await receiver(listener), request)).toMatchObject({
      outcome: 'retry',
      detail: 'no answer within 700 ms',
    });
    expect(Date.now() - started).toBeLessThan(3000);
  });

  it('is given up when no TLS connection comes about', async () => {
    const silent = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    expect(await send(`https://127.0.0.1:${port}/`, request)).toMatchObject({
      outcome: 'retry',
      detail: 'no connection within 500 ms',
    });
    silent.close();
  });

  it('is not waited for longer than the limit when names do not resolve', async () => {
    const stuck = createWebhookClient(
      createTargetGuard([], () => new Promise(() => undefined)),
      limits,
    );
    expect(await stuck('http://slow.example/', request)).toMatchObject({
      outcome: 'retry',
      detail: 'no answer within 700 ms',
    });
  });
});

describe('the guard', () => {
  it('is asked for every request, and its refusal is final', async () => {
    const url = await answering(200);
    const guarded = createWebhookClient(createTargetGuard([]), limits);
    expect(await guarded(url, request)).toMatchObject({ outcome: 'terminal', status_code: null });
    expect(await send('http://169.254.169.254/latest/meta-data', request)).toMatchObject({
      outcome: 'terminal',
    });
  });

  it('decides where the connection goes: the name is not resolved again', async () => {
    const url = new URL(await answering(204));
    const pinning = createWebhookClient(
      createTargetGuard(['hooks.example'], () => Promise.resolve([{ address: '127.0.0.1', family: 4 }])),
      limits,
    );
    expect(await pinning(`http://hooks.example:${url.port}/`, request)).toEqual({
      outcome: 'ok',
      status_code: 204,
    });
  });
});

it.each([
  ['120', 120],
  ['Mon, 05 Jan 2026 12:00:30 GMT', 30],
  ['Mon, 05 Jan 2026 11:00:00 GMT', 0],
  ['soon', null],
  [undefined, null],
])('Retry-After %s is %s s', (header, seconds) => {
  expect(retryAfterSeconds(header, Date.UTC(2026, 0, 5, 12))).toBe(seconds);
});
