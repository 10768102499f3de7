import { expect, test } from 'vitest';
import type { KindCounts } from '../model/change.ts';
import type { RunReport } from '../model/run.ts';
import { terminatedReport } from './ended-outside.ts';

const counts = (more: Partial<KindCounts> = {}): KindCounts => ({
  ...{ planned: 0, applied: 0, parked: 0, held: 0, superseded: 0 },
  ...more,
});

const report = (create: Partial<KindCounts>, dryRun = false): RunReport => ({
  ...{ runId: 'r', workflowId: 'w', mode: 'full', dryRun, outcome: 'failed', error: null, heldBatch: null },
  ...{ directory: { read: 16, inScope: 16, invalid: 0, complete: true }, unchanged: 0, durationMs: 1 },
  changes: {
    ...{ create: counts(create), adopt: counts(), update: counts(), reactivate: counts(), recycle: counts() },
    ...{ rebind: counts(), deactivate: counts({ planned: 1, applied: 1 }) },
  },
  requests: { token: 0, read: 0, write: 0, throttled: 0 },
});

test('a run ended from outside supersedes what it did not get to, so that the numbers add up', () => {
  const { changes, outcome, error } = terminatedReport(report({ planned: 16, applied: 5, parked: 1, held: 2 }));
  expect(changes.create).toEqual({ planned: 16, applied: 5, parked: 1, held: 2, superseded: 8 });
  expect(changes.deactivate).toEqual(counts({ planned: 1, applied: 1 }));
  expect({ outcome, error }).toEqual({
    outcome: 'failed',
    error: 'The run was terminated from outside; the next run resolves its writes.',
  });
});

test('of a dry run, what would have been applied stays out of the sum', () => {
  expect(terminatedReport(report({ planned: 16, parked: 1 }, true)).changes.create.superseded).toBe(0);
});
