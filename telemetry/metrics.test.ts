import { expect, test } from 'vitest';
import { CHANGE_KINDS } from '../model/change.ts';
import type { RunReport } from '../model/run.ts';
import { Metrics, type Standing } from './metrics.ts';

const NOBODY: Standing = {
  parked: 0,
  held: 0,
  completeReadAt: null,
  oldestUnsettledAt: null,
  lastGoodRunAt: { full: null, delta: null },
};

function open(standing: Standing | null = NOBODY): Metrics {
  return new Metrics({ sync: 'corp', requestsPerMinute: 300, standing: () => Promise.resolve(standing) });
}

function report(changes: Partial<RunReport>): RunReport {
  const none = { planned: 0, applied: 0, parked: 0, held: 0, superseded: 0 };
  return {
    runId: 'r',
    workflowId: 'w',
    mode: 'full',
    dryRun: false,
    outcome: 'completed',
    error: null,
    directory: { read: 3, inScope: 3, invalid: 0, complete: true },
    changes: Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, none])) as RunReport['changes'],
    unchanged: 0,
    requests: { token: 0, read: 0, write: 0, throttled: 0 },
    heldBatch: null,
    durationMs: 1,
    ...changes,
  };
}

test('counters stand at 0 before the first event, so that the first one is a rise', async () => {
  const page = await open().page();
  expect(page).toContain('# TYPE rollcall_changes_total counter');
  expect(page).toContain('rollcall_changes_total{kind="create",outcome="parked",sync="corp"} 0');
  expect(page).toContain('rollcall_genesys_requests_total{kind="write",status="429",sync="corp"} 0');
});

test('a run counts with the numbers of its report, a dry run without changes', async () => {
  const metrics = open();
  const create = { planned: 6, applied: 3, parked: 1, held: 2, superseded: 0 };
  const changes = { ...report({}).changes, create };
  metrics.runClosed(report({ outcome: 'held', changes }));
  metrics.runClosed(report({ outcome: 'held', changes, dryRun: true }));
  const page = await metrics.page();
  expect(page).toContain('rollcall_changes_total{kind="create",outcome="applied",sync="corp"} 3');
  expect(page).toContain('rollcall_changes_total{kind="create",outcome="held",sync="corp"} 2');
  expect(page).toContain('rollcall_runs_total{mode="full",outcome="held",dry_run="false",sync="corp"} 1');
  expect(page).toContain('rollcall_runs_total{mode="full",outcome="held",dry_run="true",sync="corp"} 1');
});

test('requests count once they are on the wire, and use up the allowance; those for tokens do not', async () => {
  const metrics = open();
  const ended = { status: 201, sent: true, seconds: 0.3 } as const;
  for (let n = 0; n < 3; n += 1) metrics.requestEnded({ ...ended, kind: 'write' });
  metrics.requestEnded({ ...ended, kind: 'token', status: 200 });
  metrics.requestEnded({ ...ended, kind: 'read', status: null });
  metrics.requestEnded({ ...ended, kind: 'read', sent: false });
  const page = await metrics.page();
  expect(page).toContain('rollcall_genesys_requests_total{kind="write",status="201",sync="corp"} 3');
  expect(page).toContain('rollcall_genesys_requests_total{kind="read",status="none",sync="corp"} 1');
  expect(page).toContain('rollcall_genesys_request_duration_seconds_bucket{kind="write",sync="corp",le="0.5"} 3');
  expect(page).toMatch(/rollcall_genesys_allowance_used_ratio\{sync="corp"\} 0\.0133/);
});

test('how the sync stands is asked at every scrape', async () => {
  const now = Date.now();
  const standing = { parked: 2, held: 7, completeReadAt: now - 90_000, oldestUnsettledAt: now - 5_000 };
  const page = await open({ ...standing, lastGoodRunAt: { full: 1_700_000_000_000, delta: null } }).page();
  expect(page).toContain('rollcall_parked_changes{sync="corp"} 2');
  expect(page).toContain('rollcall_held_changes{sync="corp"} 7');
  expect(page).toMatch(/rollcall_directory_lag_seconds\{sync="corp"\} 9\d/);
  expect(page).toMatch(/rollcall_oldest_unsettled_change_seconds\{sync="corp"\} 5/);
  expect(page).toContain('rollcall_last_good_run_timestamp_seconds{mode="full",sync="corp"} 1700000000');
  expect(page).toContain('rollcall_last_good_run_timestamp_seconds{mode="delta",sync="corp"} 0');
});

test('before the first complete read the lag is endless, so that an alert on it fires', async () => {
  expect(await open().page()).toContain('rollcall_directory_lag_seconds{sync="corp"} +Inf');
});

test('what state told last is not repeated once state is gone', async () => {
  const answers: (Standing | null)[] = [{ ...NOBODY, parked: 4 }, null];
  const standing = () => Promise.resolve(answers.shift() ?? null);
  const metrics = new Metrics({ sync: 'corp', requestsPerMinute: 300, standing });
  expect(await metrics.page()).toContain('rollcall_parked_changes{sync="corp"} 4');
  const page = await metrics.page();
  expect(page).toContain('rollcall_parked_changes{sync="corp"} NaN');
  expect(page).toContain('rollcall_directory_entries_read_total{sync="corp"} 0');
});
