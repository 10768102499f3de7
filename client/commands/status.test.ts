import { expect, test } from 'vitest';
import { renderStatus, statusExit, type EndedRun, type Status } from './status.ts';

const worker = {
  ...{ host: 'host-1', pid: 42, configHash: 'config-1' },
  ...{ startedAt: '2026-11-23T09:00:00.000Z', seenAt: '2026-11-23T10:00:00.000Z' },
};
const ended = (outcome: EndedRun['outcome'], error: string | null = null): EndedRun => ({
  ...{ runId: 'run-1', mode: 'full', outcome, error },
  ...{ startedAt: '2026-11-23T09:59:00.000Z', finishedAt: '2026-11-23T10:00:00.000Z' },
});
const batch = (dryRun: boolean) => ({
  ...{ hash: 'abc', size: 60, dryRun, reasons: ['60 are more than 50'] },
  ...{ createdAt: '2026-11-23T10:00:00.000Z', expiresAt: '2026-11-24T10:00:00.000Z' },
});
const status = (more: Partial<Status> = {}): Status => ({
  ...{ sync: 'corp', workers: [worker], running: null, lagMs: 90_000, heldBatches: [], parked: 0 },
  ...{ lastRun: ended('completed'), lastFull: ended('completed'), lastDelta: null, links: { active: 9, total: 10 } },
  ...more,
});

test.each<[number, string, Partial<Status>]>([
  [0, 'everything in order', {}],
  [0, 'never run', { lastRun: null }],
  [0, 'a plan of a dry run', { heldBatches: [batch(true)] }],
  [1, 'no worker', { workers: [], heldBatches: [batch(false)], parked: 1 }],
  [1, 'the last run failed', { lastRun: ended('failed'), heldBatches: [batch(false)] }],
  [1, 'the last run was ended from outside', { lastRun: ended('terminated'), parked: 1 }],
  [4, 'a batch waits', { heldBatches: [batch(true), batch(false)], parked: 1 }],
  [3, 'changes are parked', { parked: 1, lastRun: ended('cancelled') }],
])('exit status %i: %s', (exit, _, more) => {
  expect(statusExit(status(more))).toBe(exit);
});

test('says what to do about each thing that is not in order', () => {
  const running = { runId: 'run-2', mode: 'delta', dryRun: false, startedAt: 'then', phase: 'reading' } as const;
  const lastRun = ended('failed', 'The directory did not answer.');
  const text = renderStatus(status({ lastRun, running, heldBatches: [batch(false)], parked: 3 }), 'config-2');
  expect(text).toContain('the last run failed');
  expect(text).toContain('The directory did not answer.');
  expect(text).toContain('another configuration (config-1)');
  expect(text).toContain('delta run since then, reading');
  expect(text).toContain('approve --plan abc');
  expect(text).toContain('3; see `parked`');
  expect(text).toContain('1 min 30 s ago');
  expect(renderStatus(status({ workers: [] }), 'config-1')).toContain('npm run worker');
});

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [3_600_000, '1 h 0 min'],
  [90_061_000, '1 d 1 h'],
])('a lag of %i ms reads %s', (lagMs, text) => {
  expect(renderStatus(status({ lagMs }), 'config-1')).toContain(`directory: ${text} ago`);
});
