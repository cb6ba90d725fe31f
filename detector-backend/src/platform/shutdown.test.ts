import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { createShutdown } from './shutdown.ts';

const logger = createLogger({ level: 'silent' });

test('phases run once, in reverse order', async () => {
  const shutdown = createShutdown(logger);
  const order: string[] = [];
  for (const phase of ['pools', 'queues', 'http']) shutdown.onShutdown(phase, 100, () => order.push(phase));
  expect(await Promise.all([shutdown.run('test'), shutdown.run('again')])).toEqual([true, true]);
  expect(order).toEqual(['http', 'queues', 'pools']);
});

test('a phase that hangs or fails does not hold the next one', async () => {
  const shutdown = createShutdown(logger);
  const order: string[] = [];
  shutdown.onShutdown('last', 100, () => order.push('last'));
  shutdown.onShutdown('fails', 100, () => Promise.reject(new Error('x')));
  shutdown.onShutdown('hangs', 20, () => new Promise(() => undefined));
  expect(await shutdown.run('test')).toBe(false);
  expect(order).toEqual(['last']);
});
