import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Type } from 'typebox';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { createMetrics } from '../metrics.ts';
import { createHttpServer } from './http-server.ts';
import { openApiText } from './openapi.ts';

let app: FastifyInstance;
let isDatabaseUp = true;

beforeAll(async () => {
  app = await createHttpServer({
    config: { body_limit_bytes: 1024, requests_per_minute: 1000 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
    readiness: { database: () => (isDatabaseUp ? Promise.resolve() : Promise.reject(new Error('is down'))) },
  });
  const body = Type.Object(
    { name: Type.String(), kind: Type.Optional(Type.Enum(['a', 'b'])) },
    { additionalProperties: false },
  );
  app.post('/things', { schema: { body } }, (request) => request.body);
  const querystring = Type.Object({ limit: Type.Integer({ minimum: 1, default: 50 }) });
  const params = Type.Object({ id: Type.String({ format: 'uuid' }) });
  app.get('/things', { schema: { querystring } }, (request) => request.query);
  app.get('/things/:id', { schema: { params } }, (request) => request.params);
  app.get('/fails/:how', (request) => {
    const { how } = request.params as { how: string };
    if (how === 'app') throw new AppError('too_many_requests', 'Slow down.', { retryAfterSeconds: 7 });
    throw Object.assign(new Error('secret of the server'), { code: how });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => app.close());

/** Sends the path as it is; fetch and inject would straighten it. */
async function getRaw(path: string): Promise<{ status: number; request_id: unknown; body: string }> {
  const { port } = app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, request_id: response.headers['x-request-id'], body }),
      );
    });
    request.on('error', reject);
  });
}

const post = (payload: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  app.inject({ method: 'POST', url: '/things', payload, headers });

test.each([
  ['{"name": 12}', 'invalid_request', 'name', 'body: name must be string'],
  ['{}', 'invalid_request', 'name', 'body: name is required'],
  ['{"name": "x", "nam": 1}', 'invalid_request', 'nam', 'body: nam is not known'],
  [
    '{"name": "x", "kind": "c"}',
    'invalid_request',
    'kind',
    'body: kind must be equal to one of the allowed values (a, b)',
  ],
  ['[]', 'invalid_request', undefined, 'body must be object'],
  ['{"name": ', 'invalid_body', undefined, expect.any(String)],
  ['', 'invalid_body', undefined, expect.any(String)],
  ['{"__proto__": {}, "name": "x"}', 'invalid_body', undefined, expect.any(String)],
])('the body %s is refused', async (payload, code, field, detail) => {
  const answer = await post(payload);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.json()).toMatchObject({
    status: 400,
    code,
    detail,
    request_id: answer.headers['x-request-id'],
  });
  expect(answer.json().field).toBe(field);
});

test('a body that is too large or of another type is told apart', async () => {
  expect((await post(`{"name": "${'x'.repeat(2000)}"}`)).json()).toMatchObject({
    status: 413,
    code: 'payload_too_large',
  });
  expect((await post('name', { 'content-type': 'text/plain' })).json()).toMatchObject({
    status: 415,
    code: 'unsupported_media_type',
  });
});

test('query values are converted from text, and checked', async () => {
  expect((await app.inject('/things?limit=5')).json()).toEqual({ limit: 5 });
  expect((await app.inject('/things')).json()).toEqual({ limit: 50 });
  expect((await app.inject('/things?limit=0')).json()).toMatchObject({
    code: 'invalid_request',
    field: 'limit',
  });
  expect((await app.inject('/things/nonsense')).json()).toMatchObject({
    code: 'invalid_request',
    field: 'id',
  });
});

test.each([
  '/things//x',
  '/things/%2Fx',
  '/things/..',
  '/things/../x',
  '/a/%2e%2E/b',
  '/a/./b',
  '/a%5Cb',
  '/things/%zz',
])('the path %s is refused before any handler', async (url) => {
  const answer = await getRaw(url);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'invalid_request', request_id: answer.request_id });
});

test.each([
  ['app', 429, 'too_many_requests'],
  ['22021', 400, 'invalid_request'],
  ['23505', 409, 'conflict'],
  ['ECONNREFUSED', 503, 'database_unavailable'],
  ['57P01', 503, 'database_unavailable'],
  ['XX000', 500, 'internal'],
])('an error %s becomes %i %s, without its text', async (how, status, code) => {
  const answer = await app.inject(`/fails/${how}`);
  expect(answer.json()).toMatchObject({ status, code });
  expect(answer.body).not.toContain('secret');
  if (how === 'app') expect(answer.headers['retry-after']).toBe('7');
});

test('an unknown path is a problem, too', async () => {
  const answer = await app.inject('/nowhere?x=1');
  expect(answer.json()).toMatchObject({
    status: 404,
    code: 'not_found',
    detail: 'There is no GET /nowhere.',
  });
});

test('a request id of the caller is kept when it is harmless', async () => {
  const withId = (id: string) => app.inject({ url: '/health/live', headers: { 'x-request-id': id } });
  expect((await withId('abc-1')).headers['x-request-id']).toBe('abc-1');
  expect((await withId('a\u00e4 <b>')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('ready follows its checks, live does not', async () => {
  expect((await app.inject('/health/ready')).json()).toEqual({ status: 'ok', checks: { database: 'ok' } });
  isDatabaseUp = false;
  const answer = await app.inject('/health/ready');
  expect([answer.statusCode, answer.json()]).toEqual([
    503,
    { status: 'unavailable', checks: { database: 'is down' } },
  ]);
  expect((await app.inject('/health/live')).statusCode).toBe(200);
  isDatabaseUp = true;
});

test('metrics count requests by route', async () => {
  expect((await app.inject('/metrics')).body).toMatch(
    /seismolog_http_request_seconds_count\{method="GET",route="\/things\/:id"/,
  );
});

test('the rate limit answers with a problem', async () => {
  const small = await createHttpServer({
    config: { body_limit_bytes: 1024, requests_per_minute: 2 },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ process_metrics: false }),
    readiness: {},
  });
  small.get('/x', () => 'x');
  const codes = [];
  for (let n = 0; n < 3; n++) codes.push((await small.inject('/x')).statusCode);
  expect(codes).toEqual([200, 200, 429]);
  const answer = await small.inject('/x');
  expect(answer.json()).toMatchObject({ code: 'too_many_requests' });
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect((await small.inject('/health/live')).statusCode).toBe(200);
  await small.close();
});

test('the OpenAPI document holds the routes, and not the technical ones', async () => {
  const document = JSON.parse(await openApiText(app)) as { openapi: string; paths: object };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(['/fails/{how}', '/things', '/things/{id}']);
});
