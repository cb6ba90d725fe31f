import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openJsonMessage } from './json-message.ts';
import { readFields } from './record-fields.ts';

const open = (record: Record<string, unknown>) => openJsonMessage(readFields(record), 9);
const line = (value: unknown) => ({ message: JSON.stringify(value) });

test('a line of pino is what it says; its level and time are the record’s, its other keys stay', () => {
  const fields = open(
    line({ level: 50, time: 1780300000000, pid: 7, msg: 'charge failed', user: { id: 3 } }),
  );
  expect(fields).toMatchObject({ message: 'charge failed', severity: 50, timestamp: 1780300000000 });
  expect(fields.rest).toEqual({ level: 50, time: 1780300000000, pid: 7, user: { id: 3 } });
});

test('what the record itself names wins over its line', () => {
  const inner = JSON.stringify({
    message: 'm',
    level: 'info',
    service: 'inner',
    '@timestamp': 'then',
    pod: 'a',
  });
  const fields = open({ message: inner, severity: 'error', service: 'outer', timestamp: 'now', pod: 'b' });
  expect(fields).toMatchObject({ message: 'm', severity: 'error', service: 'outer', timestamp: 'now' });
  expect(fields.rest).toMatchObject({ pod: 'b' });
});

test('ECS inside a line is understood', () => {
  const ecs = {
    '@timestamp': '2026-01-01T00:00:00Z',
    'log.level': 'WARN',
    service: { name: 'cart' },
    message: 'slow',
  };
  expect(open(line(ecs))).toMatchObject({ message: 'slow', severity: 'WARN', service: 'cart' });
});

test.each([
  ['prose', 'started {"msg": "x"}'],
  ['broken JSON', '{"msg": "x"'],
  ['no text of its own', '{"level": "info", "count": 3}'],
  ['an array', '[{"msg": "x"}]'],
  ['an empty text', '{"msg": " "}'],
  ['a text that is no string', '{"msg": {"a": 1}}'],
  ['too deep', `{"msg": "x", "a": ${'['.repeat(20)}${']'.repeat(20)}}`],
])('%s stays as it is', (_, message) => {
  expect(open({ message }).message).toBe(message);
});

test('no message, whatever it holds, makes it throw or loses a key', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
      fc.string({ minLength: 1 }),
      (keys, msg) => {
        fc.pre(msg.trim() !== '');
        const inner = { ...keys, message: msg };
        const fields = open(line(inner));
        expect(fields.message).toBe(msg);
        for (const key of Object.keys(keys)) {
          if (key !== 'message') expect(fields.rest).toHaveProperty([key]);
        }
      },
    ),
  );
});
