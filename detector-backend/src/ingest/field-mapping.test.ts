import { describe, expect, test } from 'vitest';
import { fieldMapping, recordOf, valueAt } from './field-mapping.ts';

describe('valueAt', () => {
  test.each([
    [{ log: { level: 'error' } }, 'error'],
    [{ 'log.level': 'error' }, 'error'],
    [{ log: { level: ['error', 'warn'] } }, 'error'],
    [{ log: [{ level: [null, 'warn'] }] }, 'warn'],
    [{ log: { file: 'a' }, 'log.level': 'info' }, 'info'],
    [{ log: { level: null } }, undefined],
    [{ log: 'error' }, undefined],
    [{}, undefined],
    [null, undefined],
  ])('finds log.level in %o', (document, value) => {
    expect(valueAt(document, 'log.level')).toBe(value);
  });

  test.each([
    [{ a: { b: { c: 1 } } }],
    [{ 'a.b': { c: 1 } }],
    [{ a: { 'b.c': 1 } }],
    [{ 'a.b.c': 1 }],
    [{ a: { x: 1 }, 'a.b': { c: 1 } }],
  ])('finds a path of three in %o', (document) => {
    expect(valueAt(document, 'a.b.c')).toBe(1);
  });
});

test('the names of ECS are the default, those of the user come first, and the cursor may be the time stamp', () => {
  expect(fieldMapping({})).toMatchObject({ service: 'service.name', cursor: 'event.ingested' });
  const own = fieldMapping({ fields: { timestamp: 'ts', service: 'app', cursor: null } });
  expect(own).toMatchObject({ timestamp: 'ts', service: 'app', severity: 'log.level', cursor: 'ts' });
  expect(fieldMapping({ preset: 'seismolog' })).toMatchObject({
    timestamp: 'timestamp',
    cursor: 'ingested_at',
  });
});

test('a document becomes a record in our names', () => {
  const document = {
    '@timestamp': '2026-06-01T12:00:00Z',
    log: { level: 'warn' },
    service: { name: 'checkout', environment: 'prod', version: '1.4' },
    host: { name: 'web-1' },
    message: 'slow',
    agent: { type: 'filebeat' },
  };
  expect(recordOf(document, fieldMapping({}))).toEqual({
    timestamp: '2026-06-01T12:00:00Z',
    severity: 'warn',
    service: 'checkout',
    environment: 'prod',
    source: 'web-1',
    message: 'slow',
    metadata: { release: '1.4' },
  });
});

test.each([
  [{ event: { original: 'GET / 200' } }, 'GET / 200'],
  [{ metric: 7 }, '{"metric":7}'],
  [{ message: { text: 'a' } }, '{"text":"a"}'],
  [{ message: '' }, ''],
])('the message of %o is %s', (document, message) => {
  expect(recordOf(document, fieldMapping({}))['message']).toBe(message);
});
