import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Loading @grafana/ui takes seconds: all files share one worker and load it once.
    fileParallelism: false,
    projects: [
      {
        oxc: { jsx: { runtime: 'automatic' } },
        test: {
          name: 'pages',
          environment: 'jsdom',
          environmentOptions: { jsdom: { url: 'http://localhost:3000/' } },
          globals: true,
          include: ['src/**/*.test.{ts,tsx}'],
          setupFiles: ['./vitest.setup.ts'],
          isolate: false,
          testTimeout: 15_000,
          env: { TZ: 'UTC' },
          server: { deps: { inline: [/@grafana\//, /^ol$/, /\.css$/, /rc-/, /@rc-component\//] } },
        },
      },
      {
        test: {
          name: 'built',
          include: ['tests/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
