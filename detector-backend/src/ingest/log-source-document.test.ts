import { describe, expect, test } from 'vitest';
import { fieldMapping } from './field-mapping.ts';
import { DEFAULT_INGEST_LIMITS } from './ingest-limits.ts';
import { documentReader, lineOf } from './log-source-document.ts';
import { createMask } from './mask.ts';
import { maskPolicyOf } from './mask-policy.ts';
import type { Json } from './record-fields.ts';

const AT = Date.UTC(2026, 5, 1, 12);
const clamped: number[] = [];

function readerOf(fields = {}, log_source_id = 'source') {
  return documentReader({
    tenant: { tenant_id: 'tenant', tenant_slug: 'acme' },
    log_source: { id: log_source_id, name: 'nginx' },
    mapping: fieldMapping({ fields }),
    limits: DEFAULT_INGEST_LIMITS,
    mask: createMask(maskPolicyOf(null)),
    serviceId: (name, environment) => `${name}/${environment}`,
    onClamped: () => void clamped.push(1),
  });
}
const read = (source: Json, values = {}) =>
  readerOf()({ id: 'a', source, cursor_at: AT, timestamp: null, ...values });

test('a document of ECS becomes the same line as POST /logs would make of it', () => {
  const document = read({
    '@timestamp': '2026-06-01T11:59:58.250Z',
    log: { level: 'warning' },
    service: { name: 'checkout', environment: 'prod', version: '1.4' },
    message: 'mail to ann@example.org failed',
  });
  expect(document).toMatchObject({ ingested_at: AT, service: 'checkout', source: 'nginx' });
  expect(lineOf(document)).toEqual({
    event_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    timestamp: AT - 1750,
    service_id: 'checkout/prod',
    severity: 'warn',
    message: 'mail to <email> failed',
    release: '1.4',
  });
});

test('a document without anything is a line: its JSON, at its cursor, of the service unknown', () => {
  expect(read({ up: 1 })).toMatchObject({
    message: '{"up":1}',
    timestamp: AT,
    service: 'unknown',
    severity: 'unknown',
  });
});

describe('a value that can not be read is as if it were not there', () => {
  test.each([
    [{ '@timestamp': '01/Jun/2026' }, { timestamp: AT }],
    [{ '@timestamp': true }, { timestamp: AT }],
    [{ log: { level: { a: 1 } } }, { severity: 'unknown' }],
    [{ log: { level: 'loud' } }, { severity: 'unknown' }],
    [{ service: { name: { a: 1 } } }, { service: 'unknown' }],
    [{ service: { name: 42 } }, { service: '42' }],
    [{ host: { name: [['x']] } }, { source: 'nginx' }],
    [{ service: { version: { major: 1 } } }, { message: 'a' }],
  ])('%o', (source, expected) => {
    expect(read({ message: 'a', ...source })).toMatchObject(expected);
  });

  test('a message of a megabyte is cut, without half a secret at its end', () => {
    const { message } = read({
      message: `${'x'.repeat(59_995)} ann.smith@example.org${' '.repeat(1_000_000)}`,
    });
    expect(message.length).toBe(60_000);
    expect(message).not.toContain('ann');
  });

  test('nor does half a secret stay at the end of a name that is cut', () => {
    const name = `token="${'a'.repeat(970)}" of ann.smith@example.org`;
    const document = read({ message: 'm'.repeat(1_000_000), service: { name } });
    expect(document).toMatchObject({ service: 'token="<secret>" of <email>' });
  });

  test('nor do values of a megabyte or a thousand levels hinder it', () => {
    let deep: Json = {};
    for (let level = 0; level < 1000; level += 1) deep = { deep };
    const name = 'n'.repeat(1_000_000);
    const document = read({ message: 'a', service: { name }, host: { name: deep }, log: { level: name } });
    expect(document).toMatchObject({ message: 'a', service: 'n'.repeat(200), source: 'nginx' });
  });
});

test('a time absurdly far from the cursor is replaced by it, and counted', () => {
  const before = clamped.length;
  expect(read({ message: 'a', '@timestamp': '1999-01-01T00:00:00Z' }).timestamp).toBe(AT);
  expect(clamped.length).toBe(before + 1);
});

test('a time stamp that the index understands may have any form', () => {
  const source = { message: 'a', '@timestamp': '01/Jun/2026:12:00:00' };
  expect(read(source, { timestamp: AT - 5 }).timestamp).toBe(AT - 5);
});

test('the id is made from the source and the id of the document, or from its own event id', () => {
  const document = (id: string, source: Json = {}) => ({ id, source, cursor_at: AT, timestamp: AT });
  const idOf = (id: string, source?: Json, log_source_id?: string) =>
    readerOf({ event_id: 'event.id' }, log_source_id)(document(id, source)).event_id;
  expect(idOf('a')).toBe(idOf('a', { message: 'other' }));
  expect(new Set([idOf('a'), idOf('b'), idOf('a', {}, 'other')]).size).toBe(3);
  expect(idOf('a', { event: { id: 'e' } })).toBe(idOf('b', { event: { id: 'e' } }));
});
