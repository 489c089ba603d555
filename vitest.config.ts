/** What runs where: `vitest --project <name>`. `npm test` runs them in this order (test/run.ts). */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Real guests share one machine's ports, memory and cores: one file after the other. */
const oneByOne = { fileParallelism: false, pool: 'forks' as const, isolate: true };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{engine,main,test/fakes,test/architecture,test/performance,test/runner}/**/*.test.{ts,js}'],
          exclude: ['**/*.integration.test.ts'],
          testTimeout: 10_000,
          // A process for each file would be most of their time.
          isolate: false,
        },
      },
      {
        plugins: [svelte()],
        // Runes run as they do in the window, not as in server rendering.
        resolve: { conditions: ['browser'] },
        test: { name: 'window', include: ['renderer/**/*.test.ts'], testTimeout: 10_000, isolate: false },
      },
      {
        test: {
          ...oneByOne,
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'engine/**/*.integration.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...oneByOne,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Real guests on a machine that does other things as well.
          expect: { poll: { timeout: 15_000, interval: 50 } },
        },
      },
      {
        test: {
          ...oneByOne,
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: { ...oneByOne, name: 'soak', include: ['test/soak/**/*.test.ts'], testTimeout: 3_600_000 },
      },
    ],
  },
});
