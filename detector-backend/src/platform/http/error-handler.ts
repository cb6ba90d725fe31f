import type { ErrorObject } from 'ajv';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, ERRORS, type ErrorCode } from '../errors.ts';

const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_body',
};

const STATUS_CODES: Record<number, ErrorCode> = {
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

// Values that no schema refuses and PostgreSQL can not hold: NUL in text, numbers and times out of range, deep JSON.
const POSTGRES_CODES: Record<string, { code: ErrorCode; detail: string }> = {
  '22P02': { code: 'invalid_request', detail: 'A value has the wrong form.' },
  '22P05': {
    code: 'invalid_request',
    detail: 'A text contains a character that can not be stored (\\u0000).',
  },
  '22021': {
    code: 'invalid_request',
    detail: 'A text contains a character that can not be stored (\\u0000).',
  },
  '22001': { code: 'invalid_request', detail: 'A text is too long.' },
  '22003': { code: 'invalid_request', detail: 'A number is out of range.' },
  '22007': { code: 'invalid_request', detail: 'A time has the wrong form.' },
  '22008': { code: 'invalid_request', detail: 'A time is out of range.' },
  '54001': { code: 'invalid_request', detail: 'A value is nested too deeply.' },
  '23514': { code: 'invalid_request', detail: 'A value is outside of what is allowed.' },
  '23503': { code: 'conflict', detail: 'Something that this refers to does not exist, or is still in use.' },
  '23505': { code: 'conflict', detail: 'Something of this name exists already.' },
};

// Node's network errors and PostgreSQL's connection and shutdown classes.
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|08\w{3}|57P\d\d|53300)$/;

interface Problem {
  code: ErrorCode;
  detail: string;
  field?: string | undefined;
  retry_after_seconds?: number | undefined;
}

/** The one error handler: answers `application/problem+json` (RFC 9457), with a code of {@link ERRORS}. */
export function handleError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(error);
  const { status, title } = ERRORS[problem.code];
  if (status >= 500) request.log.error({ err: error, code: problem.code }, 'request failed');
  if (problem.retry_after_seconds !== undefined)
    void reply.header('retry-after', problem.retry_after_seconds);
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .header('x-request-id', request.id)
    .type('application/problem+json')
    .send(
      // Bytes, because Fastify adds a charset to text, which this type does not have.
      Buffer.from(
        JSON.stringify({
          type: `urn:seismolog:error:${problem.code}`,
          title,
          status,
          detail: problem.detail,
          code: problem.code,
          field: problem.field,
          request_id: request.id,
        }),
      ),
    );
}

/** The answer to a path that has no route. */
export function handleNotFound(request: FastifyRequest): never {
  throw new AppError('not_found', `There is no ${request.method} ${request.url.split('?')[0]}.`);
}

function problemOf(error: FastifyError | Error): Problem {
  if (error instanceof AppError) {
    return {
      code: error.code,
      detail: error.message,
      field: error.field,
      retry_after_seconds: error.retryAfterSeconds,
    };
  }
  const { code = '', statusCode = 500 } = error as FastifyError;
  if ('validation' in error && error.validation) return problemOfValidation(error);
  const known =
    FASTIFY_CODES[code] ?? (error instanceof SyntaxError && statusCode === 400 ? 'invalid_body' : undefined);
  if (known) return { code: known, detail: error.message };
  if (statusCode >= 400 && statusCode < 500) {
    return { code: STATUS_CODES[statusCode] ?? 'invalid_request', detail: error.message };
  }
  const stored = POSTGRES_CODES[code];
  if (stored) return stored;
  if (UNREACHABLE.test(code)) return { code: 'database_unavailable', detail: 'Try again in a moment.' };
  return { code: 'internal', detail: 'The error was logged under the request id of this answer.' };
}

function problemOfValidation(error: FastifyError): Problem {
  const first = error.validation?.[0] as ErrorObject | undefined;
  const params = (first?.params ?? {}) as { missingProperty?: string; additionalProperty?: string };
  const named = params.missingProperty ?? params.additionalProperty;
  const steps = (first?.instancePath ?? '').split('/').slice(1);
  const field = [...steps, ...(named === undefined ? [] : [named])].join('.');
  const part = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'request');
  const where = field ? `${part}: ${field}` : part;
  const complaint = params.missingProperty
    ? 'is required'
    : params.additionalProperty
      ? 'is not known'
      : `${first?.message ?? 'is not valid'}${allowedValues(first)}`;
  return { code: 'invalid_request', detail: `${where} ${complaint}`, field: field || undefined };
}

function allowedValues(error: ErrorObject | undefined): string {
  const { allowedValues: values } = (error?.params ?? {}) as { allowedValues?: unknown[] };
  return values ? ` (${values.map(String).join(', ')})` : '';
}
