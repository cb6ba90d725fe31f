import { delay, http, HttpResponse } from 'msw';
import { problem } from '../mocks/problem.ts';
import { API, apiPaths } from '../paths.ts';
import { apiServer } from '../test/api-server.ts';
import { ApiError, call } from './client.ts';

const answerStatus = (response: () => Response | Promise<Response>) =>
  apiServer.use(http.get(`*${API}/status`, response));

const failure = async (): Promise<ApiError> => {
  const error: unknown = await call('GET', apiPaths.status()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
};

describe('call', () => {
  it('keeps code, detail and request id of a problem', async () => {
    answerStatus(() => problem(503, 'database_unavailable', 'The database can not be reached', 'Try again.'));
    expect(await failure()).toMatchObject({
      status: 503,
      code: 'database_unavailable',
      message: 'The database can not be reached',
      detail: 'Try again.',
      request_id: 'req-mock-1',
    });
  });

  it.each([
    [401, true],
    [403, true],
    [404, false],
    [500, false],
  ])('status %d is forbidden: %s', async (status, isForbidden) => {
    answerStatus(() => problem(status, 'some_code', 'No'));
    expect((await failure()).isForbidden).toBe(isForbidden);
  });

  it.each([
    ['Plugin setting not found', 404, 'app_disabled'],
    ['plugin proxy route access denied', 403, 'proxy_denied'],
  ])("knows Grafana's own answer %s", async (message, status, code) => {
    answerStatus(() => HttpResponse.json({ message }, { status }));
    const error = await failure();
    expect(error.code).toBe(code);
    expect(error.isNotFound).toBe(false);
  });

  it('takes a bad gateway and a broken connection for a detector that is down', async () => {
    answerStatus(() => new HttpResponse(null, { status: 502 }));
    expect(await failure()).toMatchObject({ code: 'unreachable', status: 502 });
    answerStatus(() => HttpResponse.error());
    expect(await failure()).toMatchObject({ code: 'unreachable', status: 0 });
  });

  it('gives any other error a code of its status', async () => {
    answerStatus(() => new HttpResponse('<html>teapot</html>', { status: 418 }));
    expect(await failure()).toMatchObject({ code: 'http_418', status: 418 });
  });

  it('rejects with an AbortError when it is cancelled', async () => {
    answerStatus(async () => {
      await delay(200);
      return HttpResponse.json({});
    });
    const controller = new AbortController();
    const answer = call('GET', apiPaths.status(), { signal: controller.signal });
    controller.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('leaves out parameters without a value', async () => {
    let search = '';
    apiServer.use(
      http.get(`*${API}/anomalies`, ({ request }) => {
        search = new URL(request.url).search;
        return HttpResponse.json({});
      }),
    );
    await call('GET', apiPaths.anomalies(), {
      params: { status: 'open', cursor: undefined, severity: '', limit: 5 },
    });
    expect(search).toBe('?status=open&limit=5');
  });
});
