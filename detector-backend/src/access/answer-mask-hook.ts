import type { FastifyInstance } from 'fastify';
import type { Mask } from '../ingest/mask.ts';
import { createMaskDirectory } from '../ingest/mask-directory.ts';
import type { Database } from '../platform/postgres.ts';
import { maskPattern } from '../templates/parameter-value.ts';

/** Answers with text of log lines in them. */
const PERMISSIONS = new Set([
  'templates:read',
  'templates:write',
  'anomalies:read',
  'windows:read',
  'alerts:read',
]);
/** Fields of theirs that are patterns or have one in them. */
const PATTERNS = new Set(['pattern', 'summary']);
/** Fields that are lines or parts of lines. `token` is the word that a split tells lines apart by. */
const TEXTS = new Set(['example', 'message', 'token', 'value', 'values']);

/**
 * Masks text of log lines in answers by the tenant's present policy: what is stored was masked by the policy of its time.
 * For every route that is registered on `app` afterwards. Needs `request.identity`.
 */
export function registerAnswerMask(app: FastifyInstance, { database }: { database: Database }): void {
  const maskOf = createMaskDirectory({ database });
  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    const { permission } = request.routeOptions.config;
    if (reply.statusCode >= 400 || permission === undefined || !PERMISSIONS.has(permission)) return payload;
    return masked(await maskOf(request.identity.tenant_id), '', payload);
  });
}

function masked(mask: Mask, key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    if (PATTERNS.has(key)) return maskPattern(value, mask);
    return TEXTS.has(key) ? mask.text(value) : value;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => masked(mask, key, item));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, masked(mask, name, own)]));
}
