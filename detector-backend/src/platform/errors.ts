/** Every error code of the product: what the client is told, and whether the same call may succeed later. */
export const ERRORS = {
  invalid_request: { status: 400, retryable: false, title: 'The request is not valid' },
  invalid_body: { status: 400, retryable: false, title: 'The body can not be read' },
  all_records_rejected: { status: 400, retryable: false, title: 'No record of the batch was accepted' },
  unauthenticated: { status: 401, retryable: false, title: 'Send a valid API key as a bearer token' },
  forbidden: {
    status: 403,
    retryable: false,
    title: 'The key does not carry the permission that this call needs',
  },
  not_found: { status: 404, retryable: false, title: 'There is no such resource' },
  conflict: { status: 409, retryable: false, title: 'The resource is in another state' },
  payload_too_large: { status: 413, retryable: false, title: 'The body is too large' },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    title: 'The content type or encoding is not supported',
  },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    title: 'The idempotency key was used with another body',
  },
  too_many_requests: { status: 429, retryable: true, title: 'Too many requests' },
  internal: { status: 500, retryable: true, title: 'The server failed' },
  log_store_refused: { status: 502, retryable: false, title: 'The log store refused the request' },
  log_store_unavailable: { status: 503, retryable: true, title: 'The log store can not be reached' },
  database_unavailable: { status: 503, retryable: true, title: 'The database can not be reached' },
  lost_lease: { status: 409, retryable: true, title: 'Another worker took over' },
  delivery_failed: { status: 502, retryable: true, title: 'The receiver did not accept the alert' },
  delivery_refused: { status: 422, retryable: false, title: 'The receiver refused the alert for good' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a code of {@link ERRORS}; `detail` says what to do, `field` names what is to blame. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { field?: string; cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.field = options.field;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}
