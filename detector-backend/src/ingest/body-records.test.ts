import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonRecords, ndjsonRecords, problemOfRecord } from './body-records.ts';
import { DEFAULT_INGEST_LIMITS as LIMITS } from './ingest-limits.ts';

test('NDJSON is what its lines are', () => {
  const record = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 20 }),
      fc.constantFrom('\n', '\r\n', '\n\n'),
      (records, separator) => {
        const text = records.map((one) => JSON.stringify(one)).join(separator);
        expect([...ndjsonRecords(text, LIMITS)].map((raw) => JSON.stringify(raw))).toEqual(
          records.map((one) => JSON.stringify(one)),
        );
      },
    ),
  );
});

test('lines that are no JSON, or too long, are problems in their places', () => {
  const long = `"${'x'.repeat(LIMITS.max_record_bytes)}"`;
  const codes = [...ndjsonRecords(`1\n{\n${long}\n2`, LIMITS)].map(
    (raw) => problemOfRecord(raw)?.code ?? raw,
  );
  expect(codes).toEqual([1, 'invalid_json', 'record_too_large', 2]);
});

test.each([
  ['{"message":"m"}', [{ message: 'm' }]],
  ['[1,{"a":2}]', [1, { a: 2 }]],
  ['{"logs":[1,2]}', [1, 2]],
  ['{"logs":[1],"message":"m"}', [{ logs: [1], message: 'm' }]],
  ['{"logs":5}', [{ logs: 5 }]],
  ['[]', []],
])('%s holds %o', (text, records) => expect(jsonRecords(text, LIMITS)).toEqual(records));

test.each(['', '{', '5', '"text"', 'null', '[1,]', '['.repeat(13) + ']'.repeat(13), '{"a":'.repeat(20)])(
  '%s is no body',
  (text) =>
    expect(() => jsonRecords(text, LIMITS)).toThrow(expect.objectContaining({ code: 'invalid_body' })),
);

test('brackets in strings are not nesting', () => {
  const text = JSON.stringify([{ message: `${'['.repeat(50)}\\"${'{'.repeat(50)}` }]);
  expect(jsonRecords(text, LIMITS)).toHaveLength(1);
});
