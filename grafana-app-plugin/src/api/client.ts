import { isFetchError, getBackendSrv, type FetchError, type FetchResponse } from '@grafana/runtime';
import type { Query } from '../paths.ts';

/** An answer of the API, of Grafana's proxy or of the network that is not a success. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Code of the backend's error table, or one of ours: `unreachable`, `app_disabled`, `proxy_denied`. */
  readonly code: string;
  readonly detail: string;
  readonly field: string | undefined;
  readonly request_id: string | undefined;

  constructor(fields: {
    status: number;
    code: string;
    title: string;
    detail?: string | undefined;
    field?: string | undefined;
    request_id?: string | undefined;
  }) {
    super(fields.title);
    this.name = 'ApiError';
    this.status = fields.status;
    this.code = fields.code;
    this.detail = fields.detail ?? '';
    this.field = fields.field;
    this.request_id = fields.request_id;
  }

  get isForbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }

  get isNotFound(): boolean {
    return this.status === 404 && this.code === 'not_found';
  }
}

interface Problem {
  title?: string;
  detail?: string;
  code?: string;
  field?: string;
  request_id?: string;
  message?: string;
}

const PROXY_ERRORS: Record<string, { code: string; title: string; detail: string }> = {
  'Plugin setting not found': {
    code: 'app_disabled',
    title: 'The app is not enabled in this organisation',
    detail: 'An administrator can enable it on the configuration page of the app.',
  },
  'plugin proxy route access denied': {
    code: 'proxy_denied',
    title: 'Your role does not allow this',
    detail: 'Grafana refused the call. Ask an administrator for a role that may do it.',
  },
};

const UNREACHABLE = {
  code: 'unreachable',
  title: 'The detector can not be reached',
  detail: 'Check that it runs and that the API URL on the configuration page of the app is right.',
};

/** Sorts what `getBackendSrv().fetch` rejects with: problem+json, an error of Grafana's proxy, or no answer at all. */
export function toApiError(error: unknown): ApiError {
  if (!isFetchError(error)) {
    return new ApiError({ status: 0, ...UNREACHABLE });
  }
  const { status, data } = error as FetchError<Problem | undefined>;
  if (data?.code) {
    const { code, title = code, detail, field, request_id } = data;
    return new ApiError({ status, code, title, detail, field, request_id });
  }
  const known = PROXY_ERRORS[data?.message ?? ''];
  if (known) {
    return new ApiError({ status, ...known });
  }
  if (status === 0 || status === 502 || status === 504) {
    return new ApiError({ status, ...UNREACHABLE });
  }
  const title = data?.title ?? data?.message ?? error.statusText ?? 'The call failed';
  return new ApiError({ status, code: `http_${status}`, title });
}

interface CallOptions {
  params?: Query;
  data?: unknown;
  signal?: AbortSignal;
}

/** One call of the API. Rejects with {@link ApiError}; with an AbortError once `signal` fires (the request is cancelled). */
export function call<T>(
  method: 'GET' | 'POST' | 'PATCH',
  url: string,
  options: CallOptions = {},
): Promise<T> {
  const { params, data, signal } = options;
  return new Promise<T>((resolve, reject) => {
    const subscription = getBackendSrv()
      .fetch<T>({
        url,
        method,
        ...(params && { params: definedOnly(params) }),
        ...(data !== undefined && { data }),
        showErrorAlert: false,
        showSuccessAlert: false,
      })
      .subscribe({
        next: (response: FetchResponse<T>) => resolve(response.data),
        error: (error: unknown) => reject(toApiError(error)),
      });
    signal?.addEventListener('abort', () => {
      subscription.unsubscribe();
      reject(new DOMException('The call was cancelled', 'AbortError'));
    });
  });
}

const definedOnly = (params: Query): Query =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined && value !== ''));
