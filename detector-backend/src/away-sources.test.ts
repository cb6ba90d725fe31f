import { expect, test } from 'vitest';
import { createAwaySources } from './away-sources.ts';
import { AppError } from './platform/errors.ts';
import { createLogger } from './platform/logger.ts';

function watched() {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info' });
  for (const level of ['info', 'warn'] as const)
    logger[level] = (_: unknown, text?: string) => void lines.push(`${level}: ${text}`);
  return { lines, unlessAway: createAwaySources(logger, 'log source') };
}
const away = () => Promise.reject(new AppError('log_store_unavailable', 'no answer'));

test('an outage is told once when it begins and once when it is over, and fails no job', async () => {
  const { lines, unlessAway } = watched();
  for (let second = 0; second < 5; second++) expect(await unlessAway('a', away)).toBeNull();
  expect(await unlessAway('b', () => Promise.resolve('read'))).toBe('read');
  expect(await unlessAway('a', () => Promise.resolve('read'))).toBe('read');
  expect(lines).toEqual(['warn: log source can not be read', 'info: log source can be read again']);
});

test('what is no fault of the source fails the job', async () => {
  const { unlessAway } = watched();
  await expect(unlessAway('a', () => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
  const lost = new AppError('lost_lease', 'another worker');
  await expect(unlessAway('a', () => Promise.reject(lost))).rejects.toThrow('another worker');
});
