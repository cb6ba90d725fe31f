import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogDocument } from '../logstore/log-store.ts';
import { batchIds } from './event-id.ts';
import { createMask } from './mask.ts';
import { DEFAULT_MASK_POLICY } from './mask-policy.ts';
import { DEFAULT_INGEST_LIMITS } from './ingest-limits.ts';
import { isRecordError, parseLogRecord, type BatchContext, type RecordError } from './log-record.ts';
import { serviceId, serviceSlug } from './service-identity.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const TENANT = '22222222-2222-4222-8222-222222222222';

function contextWith(values: Partial<BatchContext> = {}): BatchContext {
  return {
    tenant_id: TENANT,
    tenant_slug: 'acme',
    log_source_id: '33333333-3333-4333-8333-333333333333',
    default_source: 'push',
    received_at: NOW,
    ingested_at: NOW,
    clock_mode: 'wall',
    clock_at: null,
    limits: DEFAULT_INGEST_LIMITS,
    mask: createMask(DEFAULT_MASK_POLICY),
    eventId: batchIds(TENANT, 'key').eventId,
    serviceId: (name, environment) => serviceId(TENANT, serviceSlug(name), environment),
    onClamped: () => undefined,
    ...values,
  };
}

function parse(raw: unknown, values: Partial<BatchContext> = {}): LogDocument {
  const result = parseLogRecord(raw, 0, contextWith(values));
  if (isRecordError(result)) throw new Error(`${result.code} ${result.field}`);
  return result;
}

const errorOf = (raw: unknown, values: Partial<BatchContext> = {}): RecordError => {
  const result = parseLogRecord(raw, 0, contextWith(values));
  if (!isRecordError(result)) throw new Error('was accepted');
  return result;
};

test('a message is enough', () => {
  expect(parse({ message: 'hello' })).toEqual({
    event_id: batchIds(TENANT, 'key').eventId(NOW, 0),
    timestamp: NOW,
    log_source_id: '33333333-3333-4333-8333-333333333333',
    service_id: serviceId(TENANT, 'unknown', 'default'),
    service: 'unknown',
    source: 'push',
    severity: 'unknown',
    message: 'hello',
    metadata: null,
    ingested_at: NOW,
  });
});

test('our own fields', () => {
  const raw = {
    timestamp: NOW - 5000,
    severity: 'WARNING',
    service: ' Checkout ',
    environment: 'prod',
    source: 'pod-7',
    message: 'm',
    metadata: { a: 1, b: 'own' },
    b: 'top',
    trace_id: 't1',
    tenant_id: 'acme',
  };
  expect(parse(raw)).toMatchObject({
    timestamp: NOW - 5000,
    severity: 'warn',
    service: 'Checkout',
    service_id: serviceId(TENANT, 'checkout', 'prod'),
    source: 'pod-7',
  });
  expect({ ...parse(raw).metadata }).toEqual({ a: 1, b: 'own', trace_id: 't1' });
});

test.each([
  [
    {
      '@timestamp': '2026-06-01T11:59:00Z',
      log: { level: 'error' },
      service: { name: 'pay', environment: 'qa' },
      host: { name: 'h1' },
    },
  ],
  [
    {
      '@timestamp': '2026-06-01T11:59:00Z',
      'log.level': 'error',
      'service.name': 'pay',
      'service.environment': 'qa',
      'host.name': 'h1',
    },
  ],
])('ECS, nested and dotted: %o', (raw) => {
  expect(parse({ ...raw, message: 'm' })).toMatchObject({
    timestamp: NOW - 60_000,
    severity: 'error',
    service: 'pay',
    service_id: serviceId(TENANT, 'pay', 'qa'),
    source: 'h1',
  });
});

test.each([
  { service: { name: 'pay', version: '1.4.2' } },
  { 'service.version': '1.4.2' },
  { metadata: { version: '1.4.2' } },
  { release: '1.4.2', version: '7' },
])('the release goes to metadata.release: %o', (raw) => {
  expect(parse({ ...raw, message: 'm' }).metadata).toMatchObject({ release: '1.4.2' });
});

test('a severity that is none of ours is inferred and kept', () => {
  const document = parse({ severity: 'loud', message: '12:00 ERROR x' });
  expect(document.severity).toBe('error');
  expect({ ...document.metadata }).toEqual({ original_severity: 'loud' });
  expect(parse({ level: 50, message: 'm' }).severity).toBe('error');
  expect({ ...parse({ level: 3, severity: 'info', message: 'm' }).metadata }).toEqual({ level: 3 });
});

test.each([
  ['text', 'not_an_object', undefined],
  [null, 'not_an_object', undefined],
  [[{ message: 'm' }], 'not_an_object', undefined],
  [{}, 'missing_field', 'message'],
  [{ message: null }, 'missing_field', 'message'],
  [{ message: { text: 'm' } }, 'invalid_type', 'message'],
  [{ message: 12 }, 'invalid_type', 'message'],
  [{ message: 'm', timestamp: true }, 'invalid_type', 'timestamp'],
  [{ message: 'm', timestamp: 'soon' }, 'invalid_value', 'timestamp'],
  [{ message: 'm', severity: ['x'] }, 'invalid_type', 'severity'],
  [{ message: 'm', service: 7 }, 'invalid_type', 'service'],
  [{ message: 'm', service: { name: {} } }, 'invalid_type', 'service'],
  [{ message: 'm', source: [] }, 'invalid_type', 'source'],
  [{ message: 'm', metadata: 'x' }, 'invalid_type', 'metadata'],
  [{ message: 'm', event_id: 7 }, 'invalid_type', 'event_id'],
  [{ message: 'm', tenant_id: 'other' }, 'forbidden_tenant', 'tenant_id'],
  [{ message: 'm', tenant_id: 5 }, 'forbidden_tenant', 'tenant_id'],
  [{ message: 'x'.repeat(300_000) }, 'record_too_large', undefined],
])('%o is refused', (raw, code, field) => {
  const error = errorOf(raw);
  expect([error.code, error.field]).toEqual([code, field]);
});

test('nesting is limited to ten levels, the record included, without recursing further', () => {
  const nested = (levels: number): unknown => (levels === 1 ? {} : { x: nested(levels - 1) });
  expect(parse({ message: 'm', metadata: nested(9) }).message).toBe('m');
  expect(errorOf({ message: 'm', metadata: nested(10) }).code).toBe('record_too_deep');
  expect(errorOf(JSON.parse(`{"message":"m","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).code).toBe(
    'record_too_deep',
  );
});

test('a long message is cut at a character', () => {
  const document = parse({ message: 'ä'.repeat(40_000) + '€' });
  expect(document.message).toBe('ä'.repeat(32_768));
  expect(document.metadata?.['truncated']).toBe(true);
  const limits = { ...DEFAULT_INGEST_LIMITS, max_message_bytes: 4 };
  expect(parse({ message: 'ab€x' }, { limits }).message).toBe('ab');
});

test('a time stamp far from now is replaced in wall sources and counted', () => {
  let clamped = 0;
  const onClamped = () => (clamped += 1);
  for (const given of [NOW + 11 * 60_000, NOW - 31 * 86_400_000, '1999-01-01']) {
    const document = parse({ message: 'm', timestamp: given }, { onClamped });
    expect(document.timestamp).toBe(NOW);
    expect({ ...document.metadata }).toEqual({ original_timestamp: given });
  }
  expect(parse({ message: 'm', timestamp: NOW + 9 * 60_000 }, { onClamped }).timestamp).toBe(
    NOW + 9 * 60_000,
  );
  expect(clamped).toBe(3);
});

test('a source with its own clock keeps times, and is ingested at its clock or later', () => {
  const log = { clock_mode: 'log', clock_at: 1_000_000 } as const;
  const early = parse({ message: 'm', timestamp: 999_999_000_000 }, log);
  expect(early).toMatchObject({ timestamp: 999_999_000_000, ingested_at: 999_999_000_000 });
  expect(early.event_id).toBe(batchIds(TENANT, 'key').eventId(999_999_000_000, 0));
  const late = parse({ message: 'm', timestamp: '2001-01-01' }, { ...log, clock_at: NOW });
  expect(late).toMatchObject({ timestamp: Date.UTC(2001, 0, 1), ingested_at: NOW });
});

test("a client's event_id does not depend on the batch", () => {
  const first = parse({ message: 'm', event_id: 'e1' });
  const again = parse({ message: 'n', event_id: 'e1' }, { eventId: batchIds(TENANT, 'other').eventId });
  expect(again.event_id).toBe(first.event_id);
});

test('one service too many is an error of the record', () => {
  expect(errorOf({ message: 'm', service: 'x' }, { serviceId: () => null }).code).toBe('too_many_services');
});

test('names hold no NUL and no half of a pair, also where they are cut', () => {
  const document = parse({ message: 'm', service: 'a\u0000b\ud800', source: `${'x'.repeat(199)}😀` });
  expect([document.service, document.source]).toEqual(['a\ufffdb\ufffd', `${'x'.repeat(199)}\ufffd`]);
});

test('keys of the language are data', () => {
  const raw: unknown = JSON.parse(
    '{"message":"m","__proto__":{"x":1},"constructor":"c","metadata":{"__proto__":2}}',
  );
  expect(JSON.stringify(parse(raw).metadata)).toBe('{"__proto__":2,"constructor":"c"}');
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test('any JSON value becomes a document of the right types or an error that names a field', () => {
  const field = fc.constantFrom(
    'message',
    'timestamp',
    '@timestamp',
    'severity',
    'level',
    'log',
    'service',
    'source',
    'host',
    'metadata',
    'event_id',
    'tenant_id',
    'environment',
    'x',
    '__proto__',
  );
  const record = fc.dictionary(field, fc.jsonValue(), { maxKeys: 8 });
  fc.assert(
    fc.property(
      fc.oneof(
        record,
        fc.jsonValue(),
        record.map((r) => ({ ...r, message: 'm' })),
      ),
      (raw) => {
        const result = parseLogRecord(raw, 3, contextWith());
        if (isRecordError(result)) {
          expect(result.message).not.toBe('');
          return;
        }
        expect(Number.isInteger(result.timestamp) && result.timestamp >= 0).toBe(true);
        expect([typeof result.message, typeof result.service, typeof result.source]).toEqual(
          Array(3).fill('string'),
        );
        expect(result.metadata === null || typeof result.metadata === 'object').toBe(true);
        expect(result.ingested_at).toBe(NOW);
      },
    ),
    { numRuns: 2000 },
  );
});
