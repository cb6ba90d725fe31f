import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLoopback, previewHostIsBuilt, registerPreviewHost } from './preview-host.ts';

const KEY = 'smk_the-key';
const app = fastify();
let base_url = '';
beforeAll(async () => {
  app.get('/api/v1/session', (request) => ({
    authorization: request.headers.authorization,
    method: request.method,
  }));
  app.post('/api/v1/feedback', (request) => ({
    authorization: request.headers.authorization,
    body: request.body,
  }));
  await registerPreviewHost(app, KEY);
  base_url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

const PROXY = '/api/plugin-proxy/seismolog-detector-app/v1';
/** Fetch can not set a Host: the request is made by inject, whose peer is 127.0.0.1 as well. */
const call = (method: 'GET' | 'POST', path: string, headers: Record<string, string>) =>
  app.inject({
    method,
    url: `${PROXY}${path}`,
    headers,
    ...(method === 'POST' ? { payload: { is_true_positive: true } } : {}),
  });
const own = () => ({ host: new URL(base_url).host });

test('the page may read and write, and never sees the key it acts with', async () => {
  expect((await call('GET', '/session', own())).json()).toMatchObject({ authorization: `Bearer ${KEY}` });
  const posted = await call('POST', '/feedback', { ...own(), origin: base_url });
  expect(posted.json()).toEqual({ authorization: `Bearer ${KEY}`, body: { is_true_positive: true } });
});

test.each([
  ['another name for this address', 'GET', { host: 'rebound.example:80' }],
  ['a page of another site', 'GET', { origin: 'http://evil.example' }],
  ['a write that no page of ours makes, such as a webhook that points back here', 'POST', {}],
] as const)('%s is refused', async (_name, method, headers) => {
  const path = method === 'POST' ? '/feedback' : '/session';
  const answer = await call(method, path, { ...own(), ...headers });
  expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  expect(answer.body).not.toContain(KEY);
});

test('only loopback addresses are local', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', 'localhost'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', '1270.0.0.1', 'localhost.evil.example'].some(isLoopback)).toBe(false);
});

test.runIf(previewHostIsBuilt())('the page itself is served, and its paths survive a reload', async () => {
  for (const path of ['/', '/a/seismolog-detector-app/anomalies/1', '/plugins/seismolog-detector-app']) {
    const answer = await app.inject({ method: 'GET', url: path, headers: own() });
    expect([path, answer.statusCode, answer.headers['content-type']]).toEqual([
      path,
      200,
      expect.stringContaining('text/html'),
    ]);
  }
});
