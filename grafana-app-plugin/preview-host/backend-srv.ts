import { AppEvents, type EventBus } from '@grafana/data';
import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { EMPTY, Observable, lastValueFrom } from 'rxjs';

const urlOf = ({ url, params }: BackendSrvRequest): URL => {
  const target = new URL(url, location.origin);
  for (const [name, value] of Object.entries((params ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null) {
      target.searchParams.append(name, String(value));
    }
  }
  return target;
};

const parse = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
};

async function send<T>(request: BackendSrvRequest, signal: AbortSignal): Promise<FetchResponse<T>> {
  const response = await fetch(urlOf(request), {
    method: request.method ?? 'GET',
    headers: {
      ...(request.data !== undefined && { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(request.data !== undefined && { body: JSON.stringify(request.data) }),
    signal,
  });
  const { status, statusText, ok, headers, redirected, type, url } = response;
  const data = parse(await response.text()) as T;
  const answer = { data, status, statusText, ok, headers, redirected, type, url, config: request };
  if (!ok) {
    throw answer;
  }
  return answer;
}

/** The part of Grafana's BackendSrv that app plugins use: observables, FetchError rejections, toasts, cancelling. */
export function createBackendSrv(events: EventBus): BackendSrv {
  const toast = (request: BackendSrvRequest, error: { data?: { message?: string }; statusText?: string }) => {
    if (request.showErrorAlert !== false) {
      const text = error.data?.message ?? error.statusText ?? 'The call failed';
      events.publish({ type: AppEvents.alertError.name, payload: [text] });
    }
  };
  const fetchObservable = <T>(request: BackendSrvRequest) =>
    new Observable<FetchResponse<T>>((observer) => {
      const controller = new AbortController();
      send<T>(request, controller.signal).then(
        (response) => {
          observer.next(response);
          observer.complete();
        },
        (error: unknown) => {
          if (!controller.signal.aborted) {
            const failure =
              error instanceof Error
                ? { status: 0, statusText: error.message, data: undefined, config: request }
                : (error as object);
            toast(request, failure);
            observer.error(failure);
          }
        },
      );
      return () => controller.abort();
    });
  const data = <T>(request: BackendSrvRequest): Promise<T> =>
    lastValueFrom(fetchObservable<T>(request)).then((response) => response.data);
  return {
    fetch: fetchObservable,
    chunked: () => EMPTY,
    request: data,
    datasourceRequest: (request: BackendSrvRequest) => lastValueFrom(fetchObservable(request)),
    get: (url: string, params?: Record<string, unknown>) => data({ url, params: params ?? {} }),
    post: (url: string, body?: unknown) => data({ url, method: 'POST', data: body }),
    put: (url: string, body?: unknown) => data({ url, method: 'PUT', data: body }),
    patch: (url: string, body?: unknown) => data({ url, method: 'PATCH', data: body }),
    delete: (url: string, body?: unknown) => data({ url, method: 'DELETE', data: body }),
  } as unknown as BackendSrv;
}
