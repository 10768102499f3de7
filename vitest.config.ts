import { defineConfig } from 'vitest/config';

/** What needs a Temporal server, a PostgreSQL or a directory server: everything in `test/`, and state on both engines. */
const SYSTEM = ['test/**/*.test.ts', 'state/**/*.test.ts'];

export default defineConfig({
  test: {
    // The Temporal worker is a native addon: it does not live in worker threads.
    pool: 'forks',
    // Twice the cores of a small machine: most of these tests wait for a server, a heartbeat or a schedule.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...SYSTEM, 'node_modules/**', 'dist/**'],
          // A process for each file costs more than most of these tests.
          isolate: false,
          // While the set-up of the system tests goes on.
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: SYSTEM,
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/await-shared.ts'],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
