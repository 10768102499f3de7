import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** What needs a Temporal server, a PostgreSQL or a directory server: everything in `test/`, and state on both engines. */
const SYSTEM = ['test/**/*.test.ts', 'state/**/*.test.ts'];
/** Those of them that put something else in a module's place, or install the SDK's runtime, which a process has once. */
const ALONE = ['encryption', 'identity-histories', 'rehire', 'replay', 'takeover-report'].map(
  (name) => `test/${name}.test.ts`,
);

const SYSTEM_SETUP = {
  globalSetup: ['test/support/global-setup.ts'],
  setupFiles: ['test/support/await-shared.ts'],
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    // The Temporal worker is a native addon: it does not live in worker threads.
    pool: 'forks',
    // Thrice the cores of a small machine: most of these tests wait for a server, a heartbeat or a schedule.
    maxWorkers: 6,
    sequence: { sequencer: LongestFirst },
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
          exclude: [...ALONE, 'node_modules/**'],
          isolate: false,
          ...SYSTEM_SETUP,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, ...SYSTEM_SETUP } },
    ],
  },
});
