import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    globalSetup: ['test/postgres-setup.ts', 'test/engines-setup.ts', 'test/grok-patterns-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Against what never ends, with much room: engines, browsers and other tests share the cores.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
