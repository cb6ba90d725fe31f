import { createHash } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { AppError, ERRORS } from '../platform/errors.ts';
import { createByteBudget } from './byte-budget.ts';
import type { IngestLimits } from './ingest-limits.ts';
import { IngestResult } from './ingest-schema.ts';
import type { IngestInput, IngestOutcome, IngestStep } from './ingest-step.ts';
import { readLogBody, type LogBody } from './log-body.ts';
import { LogSourceName } from './log-source-schema.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

interface Deps {
  ingest: IngestStep;
  limits: IngestLimits;
  /** Epoch ms. */
  now: () => number;
}

interface LogRequest extends FastifyRequest {
  query: { log_source?: string };
  headers: FastifyRequest['headers'] & { 'idempotency-key'?: string };
}

/** POST /logs. Its limits count in memory, so a process registers it once. */
export function logRoutes(deps: Deps): FastifyPluginAsyncTypebox {
  const budget = createByteBudget(deps.limits.max_bytes_in_flight);
  const bucketOf = createBuckets(deps);

  return async (app) => {
    // The body stays a stream: readLogBody knows its formats and limits.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const schema = {
      tags: ['logs'],
      summary: 'Store log records (JSON object, array or {"logs": []}, or NDJSON; gzip allowed)',
      consumes: ['application/json', 'application/x-ndjson'],
      querystring: Type.Object({ log_source: Type.Optional(LogSourceName) }),
      headers: Type.Object({
        'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
      }),
      response: { 202: IngestResult },
    };
    app.post('/logs', { config: { permission: 'logs:write' }, schema }, async (request, reply) => {
      const received_at = deps.now();
      const bucket = bucketOf(request.identity.tenant_id);
      assertOpen(bucket, received_at);
      const held = budget.open();
      try {
        const body = await readLogBody(request, held, deps.limits);
        const outcome = await deps.ingest(inputOf(request, body, received_at));
        bucket.spend(outcome.accepted + outcome.duplicates + outcome.rejected, received_at);
        return sendOutcome(reply, outcome, request.id);
      } finally {
        held.release();
      }
    });
  };
}

function inputOf({ identity, query, headers }: LogRequest, body: LogBody, received_at: number): IngestInput {
  const log_source_name = query.log_source ?? 'push';
  const key = headers['idempotency-key'];
  const body_sha256 = () => createHash('sha256').update(`${log_source_name}\n`).update(body.bytes).digest();
  const idempotency = key === undefined ? null : { key, body_sha256: body_sha256() };
  return { tenant: identity, log_source_name, records: body.records, idempotency, received_at };
}

/** A bucket for each tenant that has sent something. */
function createBuckets({ limits, now }: Deps): (tenant_id: string) => TokenBucket {
  const buckets = new Map<string, TokenBucket>();
  return (tenant_id) => {
    const bucket =
      buckets.get(tenant_id) ?? createTokenBucket(limits.records_per_second, limits.burst_records, now());
    buckets.set(tenant_id, bucket);
    return bucket;
  };
}

function assertOpen(bucket: TokenBucket, now: number): void {
  const retryAfterSeconds = bucket.secondsToWait(now);
  if (retryAfterSeconds === 0) return;
  throw new AppError('too_many_requests', 'The tenant sent more records than it may.', { retryAfterSeconds });
}

/** 202 when anything of the batch is stored; a problem with the same numbers when nothing is, and never will be. */
function sendOutcome(
  reply: FastifyReply,
  { is_replayed, ...result }: IngestOutcome,
  request_id: string,
): FastifyReply {
  if (is_replayed) void reply.header('idempotent-replayed', 'true');
  if (result.accepted + result.duplicates > 0) return reply.code(202).send(result);
  const code = 'all_records_rejected';
  const { status, title } = ERRORS[code];
  const problem = { type: `urn:seismolog:error:${code}`, title, status, code, request_id, ...result };
  const detail = 'Each record that was sent has an error; see errors.';
  return reply
    .code(status)
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify({ ...problem, detail })));
}
