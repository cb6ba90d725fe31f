import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

test('secrets are replaced, at the top and inside', () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ level: 'info' }, sink);
  logger.info(
    {
      api_key: 'smk_x',
      request: { headers: { authorization: 'Bearer smk_x' } },
      config: { secret: 'smk_x' },
    },
    'hello',
  );
  logger.debug('not shown');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('smk_x');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    service: 'seismolog',
    msg: 'hello',
    api_key: '[redacted]',
  });
});
