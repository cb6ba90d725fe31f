import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { SearchConnection } from '../platform/search-connection.ts';
import { scriptedEngine, type ScriptedAnswer, type ScriptedEngine } from './scripted-engine-fixture.ts';
import { createSearchEngine } from './search-engine-connect.ts';
import { SearchError } from './search-engine.ts';

const SEARCH = { method: 'POST', path: '/logs/_search', body: { size: 1 } } as const;
const UNAVAILABLE = { code: 'log_store_unavailable', retryable: true };

describe.each(['elasticsearch', 'opensearch'] as const)('the client of %s', (name) => {
  const open: ScriptedEngine[] = [];
  const start = async (
    script: (place: number) => ScriptedAnswer,
    connection: Partial<SearchConnection> = {},
  ) => {
    const started = await scriptedEngine(name, (_request, place) => script(place), connection);
    open.push(started);
    return started;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  test('sends JSON and NDJSON, and gives the parsed answer', async () => {
    const { engine, requests } = await start(() => ({ status: 200, body: { took: 3 } }));
    expect(await engine.request({ ...SEARCH, query: { size: 5, strict: true } })).toEqual({ took: 3 });
    expect(await engine.request({ method: 'POST', path: '/_bulk', body: '{}\n{}\n' })).toEqual({ took: 3 });
    expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/logs/_search', '{"size":1}'],
      ['POST', '/_bulk', '{}\n{}\n'],
    ]);
    expect(requests[0]?.query.toString()).toBe('size=5&strict=true');
    // Nothing that names a version: a server of version 8 would refuse the client of version 9.
    expect(requests.map(({ headers }) => headers['content-type'])).toEqual([
      'application/json',
      'application/x-ndjson',
    ]);
    expect(requests[0]?.headers.accept ?? 'application/json').toBe('application/json');
    // On one machine packing would only cost.
    expect(requests[1]?.headers['content-encoding']).toBeUndefined();
  });

  test('a stored key __proto__ is read like any other', async () => {
    const { engine } = await start(() => ({
      status: 200,
      body: JSON.parse('{"a":{"__proto__":{"b":1}}}') as object,
    }));
    expect(JSON.stringify(await engine.request(SEARCH))).toBe('{"a":{"__proto__":{"b":1}}}');
  });

  test.each([429, 502, 503, 504])(
    'status %i may be tried again, after the time that it names',
    async (status) => {
      const body = { error: { type: 'circuit_breaking_exception', reason: 'too large' } };
      const { engine, requests } = await start(() => ({ status, body, headers: { 'retry-after': '17' } }));
      const failure = {
        ...UNAVAILABLE,
        retryAfterSeconds: 17,
        message: expect.stringContaining('too large') as string,
      };
      await expect(engine.request(SEARCH)).rejects.toMatchObject(failure);
      expect(requests.filter(({ path }) => path === SEARCH.path)).toHaveLength(1);
    },
  );

  test.each([401, 403])('status %i is refused and says what is missing', async (status) => {
    const body = { error: { type: 'security_exception', reason: 'unauthorized for user [reader]' }, status };
    const { engine } = await start(() => ({ status, body }));
    await expect(engine.request(SEARCH)).rejects.toMatchObject({
      code: 'log_store_refused',
      retryable: false,
      message: expect.stringMatching(/POST \/logs\/_search.*unauthorized for user \[reader\]/) as string,
    });
  });

  test('any other status is a SearchError with the deepest cause', async () => {
    const cause = { type: 'x', reason: 'outer', caused_by: { type: 'y', reason: 'inner' } };
    const { engine } = await start((place) =>
      place === 0
        ? { status: 400, body: { error: cause } }
        : { status: 405, body: { error: 'no such method' } },
    );
    const errors = [await engine.request(SEARCH).catch(String), await engine.request(SEARCH).catch(String)];
    expect(errors).toEqual(['SearchError: outer: inner', 'SearchError: no such method']);
  });

  test('a body that is no JSON object is not taken for an answer', async () => {
    const { engine } = await start(() => ({ status: 200, body: '<html>Sign in</html>' }));
    await expect(engine.request(SEARCH)).rejects.toMatchObject({ code: 'log_store_refused' });
  });

  test('what does not answer in time is unavailable, even when it has begun to answer', async () => {
    const { engine } = await start((place) => (place === 0 ? 'hang' : 'stall'));
    for (const expected_ms of [400, 400]) {
      const started = performance.now();
      await expect(engine.request({ ...SEARCH, timeout_ms: expected_ms })).rejects.toMatchObject(UNAVAILABLE);
      expect(performance.now() - started).toBeLessThan(3000);
    }
  });

  test('a request does not take longer than the connection allows', async () => {
    const { engine } = await start(() => 'hang', { request_timeout_ms: 300 });
    const started = performance.now();
    await expect(engine.request({ ...SEARCH, timeout_ms: 60_000 })).rejects.toMatchObject(UNAVAILABLE);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('a request that is broken off is unavailable, and so is a connection that breaks', async () => {
    const { engine } = await start((place) => (place === 0 ? 'hang' : 'cut'));
    const signal = AbortSignal.timeout(50);
    await expect(engine.request({ ...SEARCH, signal })).rejects.toMatchObject(UNAVAILABLE);
    await expect(engine.request(SEARCH)).rejects.toMatchObject(UNAVAILABLE);
  });

  test('no error has the password, not even in what it carries along', async () => {
    const secrets = {
      username: 'writer',
      password: 'hunter2hunter2',
      ...(name === 'elasticsearch' && { api_key: 'a2V5a2V5' }),
    };
    const answers: ScriptedAnswer[] = [
      { status: 503 },
      { status: 401 },
      { status: 400 },
      'cut',
      { status: 200, body: 'x' },
    ];
    const { engine, requests } = await start((place) => answers[place] ?? 'cut', secrets);
    for (const _answer of answers) {
      const error: unknown = await engine.request(SEARCH).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      const text = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error);
      for (const secret of ['hunter2', 'a2V5a2V5', Buffer.from('writer:hunter2hunter2').toString('base64')]) {
        expect(text).not.toContain(secret);
      }
    }
    expect(requests[0]?.headers.authorization).toBe(
      name === 'elasticsearch'
        ? 'ApiKey a2V5a2V5'
        : `Basic ${Buffer.from('writer:hunter2hunter2').toString('base64')}`,
    );
  });

  /** Answers a search and the probe each as its own script says. */
  const startProbed = (search: ScriptedAnswer[], probe: ScriptedAnswer[]) => {
    const next = (answers: ScriptedAnswer[]) => answers.shift() ?? { status: 200 };
    return scriptedEngine(name, ({ path }) => next(path === '/' ? probe : search), {
      request_timeout_ms: 900,
    }).then((started) => {
      open.push(started);
      const asked = () => started.requests.map(({ path }) => path);
      return { ...started, asked };
    });
  };

  test.each(['hang', 'cut', { status: 502 }, { status: 504 }] as const)(
    'a cluster that does not answer (%j) nor the probe is not asked again at once; a probe with a short limit comes first',
    async (answer) => {
      const { engine, asked } = await startProbed([answer], [answer, { status: 401 }]);
      const first: unknown = await engine.request(SEARCH).catch((thrown: unknown) => thrown);
      expect(first).toMatchObject(UNAVAILABLE);
      for (let caller = 0; caller < 5; caller += 1) {
        const { message } = first as Error;
        await expect(engine.request(SEARCH)).rejects.toMatchObject({ ...UNAVAILABLE, message });
      }
      expect(asked()).toEqual(['/logs/_search', '/']);
      await sleep(1_100);
      await engine.request(SEARCH);
      await engine.request(SEARCH);
      expect(asked().slice(2)).toEqual(['/', '/logs/_search', '/logs/_search']);
    },
  );

  test('a probe without an answer keeps the request back', async () => {
    const { engine, asked } = await startProbed(['cut'], ['cut', 'hang']);
    await expect(engine.request(SEARCH)).rejects.toMatchObject(UNAVAILABLE);
    await sleep(1_100);
    await expect(engine.request(SEARCH)).rejects.toMatchObject(UNAVAILABLE);
    await expect(engine.request(SEARCH)).rejects.toMatchObject(UNAVAILABLE);
    expect(asked()).toEqual(['/logs/_search', '/', '/']);
  });

  test.each(['hang', 'cut', { status: 502 }, { status: 504 }] as const)(
    'a search that gets no answer (%j) for what it asks holds up no other search of a cluster that answers the probe',
    async (answer) => {
      const { engine, asked } = await startProbed([answer], []);
      await expect(engine.request(SEARCH)).rejects.toMatchObject(UNAVAILABLE);
      await engine.request(SEARCH);
      expect(asked()).toEqual(['/logs/_search', '/', '/logs/_search']);
    },
  );

  test('a slow search that comes first after an outage does not keep the others out', async () => {
    const { engine, asked } = await startProbed(['cut', 'hang'], ['cut']);
    await expect(engine.request(SEARCH)).rejects.toMatchObject(UNAVAILABLE);
    await sleep(1_100);
    const slow = expect(engine.request(SEARCH)).rejects.toMatchObject(UNAVAILABLE);
    // The probe was answered, and the slow search is under way.
    await expect.poll(asked).toHaveLength(4);
    await engine.request(SEARCH);
    await slow;
    await engine.request(SEARCH);
  });

  test('what shows that a cluster answers, or only that a caller was impatient, holds up nobody', async () => {
    const script: ScriptedAnswer[] = [
      { status: 400 },
      { status: 403 },
      { status: 429 },
      { status: 503 },
      'hang',
      'hang',
    ];
    const { engine, requests } = await start((place) => script[place] ?? { status: 200 });
    for (const _answer of script.slice(0, 4)) await expect(engine.request(SEARCH)).rejects.toThrow();
    await expect(engine.request({ ...SEARCH, timeout_ms: 1_000 })).rejects.toMatchObject(UNAVAILABLE);
    const caller = new AbortController();
    const left = expect(engine.request({ ...SEARCH, signal: caller.signal })).rejects.toMatchObject(
      UNAVAILABLE,
    );
    await expect.poll(() => requests.length).toBe(script.length);
    caller.abort();
    await left;
    await engine.request(SEARCH);
    expect(requests).toHaveLength(script.length + 1);
  });

  test('with several nodes another one answers at once, but a bulk is sent only once', async () => {
    const { url } = await start(() => ({ status: 200, body: { ok: true } }));
    const connection = { engine: name, nodes: ['http://127.0.0.1:1', url], request_timeout_ms: 5000 };
    const engine = createSearchEngine(connection);
    const answers = await Promise.all([engine.request(SEARCH), engine.request(SEARCH)]);
    expect(answers).toEqual([{ ok: true }, { ok: true }]);
    await engine.close();
    const other = createSearchEngine(connection);
    const bulk = { method: 'POST', path: '/_bulk', body: '{}\n' } as const;
    const results = await Promise.allSettled([other.request(bulk), other.request(bulk)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await other.close();
  });
});

test('an address with a login in it works, and is not shown', async () => {
  const engine = createSearchEngine({
    engine: 'elasticsearch',
    nodes: ['http://writer:hunter2@127.0.0.1:1'],
    request_timeout_ms: 1000,
  });
  const error = await engine.request(SEARCH).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject(UNAVAILABLE);
  expect(error).not.toBeInstanceOf(SearchError);
  expect(inspect(error, { depth: 20 })).not.toContain('hunter2');
  await engine.close();
});
