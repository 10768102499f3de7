import { expect, test } from 'vitest';
import type { ScheduleRow } from '../schedule-rows.ts';
import { renderStatus, statusExit, type EndedRun, type Status } from './status.ts';

const worker = {
  ...{ host: 'host-1', pid: 42, configHash: 'config-1' },
  ...{ startedAt: '2026-11-23T09:00:00.000Z', seenAt: '2026-11-23T10:00:00.000Z' },
};
const ended = (
  outcome: EndedRun['outcome'],
  error: string | null = null,
  directoryComplete = outcome !== 'failed',
): EndedRun => ({
  ...{ runId: 'run-1', mode: 'full', outcome, error, directoryComplete },
  ...{ startedAt: '2026-11-23T09:59:00.000Z', finishedAt: '2026-11-23T10:00:00.000Z' },
});
const batch = (dryRun: boolean) => ({
  ...{ hash: 'abc', size: 60, dryRun, reasons: ['60 are more than 50'] },
  ...{ createdAt: '2026-11-23T10:00:00.000Z', expiresAt: '2026-11-24T10:00:00.000Z' },
});
const status = (more: Partial<Status> = {}): Status => ({
  ...{ sync: 'corp', workers: [worker], running: null, lagMs: 90_000, heldBatches: [], parked: 0 },
  ...{ lastRun: ended('completed'), lastFull: ended('completed'), lastDelta: null, links: { active: 9, total: 10 } },
  ...{ ignored: [], schedules: [], temporalError: null },
  ...more,
});

test.each<[number, string, Partial<Status>]>([
  [0, 'everything in order', {}],
  [0, 'never run', { lastRun: null }],
  [0, 'a plan of a dry run', { heldBatches: [batch(true)] }],
  [1, 'no worker', { workers: [], heldBatches: [batch(false)], parked: 1 }],
  [1, 'the last run failed', { lastRun: ended('failed'), heldBatches: [batch(false)] }],
  [1, 'the last run was ended from outside', { lastRun: ended('terminated'), parked: 1 }],
  [1, 'one of several directories could not be read', { lastRun: ended('completed', 'corp-ad ...', false) }],
  [0, 'the last run was cancelled while it read', { lastRun: ended('cancelled', null, false) }],
  [4, 'a batch waits', { heldBatches: [batch(true), batch(false)], parked: 1 }],
  [3, 'changes are parked', { parked: 1, lastRun: ended('cancelled') }],
])('exit status %i: %s', (exit, _, more) => {
  expect(statusExit(status(more))).toBe(exit);
});

const RUNNING = { runId: 'run-2', mode: 'delta', dryRun: false, startedAt: 'then', phase: 'reading' } as const;

test('says what to do about each thing that is not in order', () => {
  const running = { ...RUNNING, paused: null };
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
  const single = status({ heldBatches: [{ ...batch(true), size: 1 }] });
  expect(renderStatus(single, 'config-1')).toContain('plan of a dry run: 1 change, until');
});

test('tells a run that was ended from outside from one that failed', () => {
  const text = renderStatus(
    status({ lastRun: ended('terminated', 'The run was terminated from outside.') }),
    'config-1',
  );
  expect(text).toContain('the last run was ended from outside');
});

test('tells that a directory could not be read, and which', () => {
  const lastRun = ended('completed', 'partner-ldap could not be read.', false);
  const text = renderStatus(status({ lastRun }), 'config-1');
  expect(text).toContain('sync corp: the last run could not read a directory, whose people stay as they were');
  expect(text).toContain('partner-ldap could not be read.');
});

test('tells that a run is paused, by whom and why', () => {
  const paused = { by: 'ann', because: 'patch day', since: '2026-11-23T10:00:00.000Z' };
  const text = renderStatus(status({ running: { ...RUNNING, paused } }), 'config-1');
  expect(text).toContain(
    'reading, paused by ann since 2026-11-23T10:00:00.000Z because: patch day; `resume` lets it go on',
  );
  const noReason = renderStatus(status({ running: { ...RUNNING, paused: { ...paused, because: null } } }), 'config-1');
  expect(noReason).toContain('paused by ann since 2026-11-23T10:00:00.000Z;');
});

test('tells when runs start by themselves, and what Temporal could not be asked', () => {
  const schedule: ScheduleRow = {
    ...{ mode: 'delta', scheduleId: 'rollcall:corp:delta', times: 'every 15m', timezone: 'UTC', paused: false },
    ...{ note: '', next: ['2026-11-23T10:15:00.000Z'], started: 1, skipped: 0, missed: 0, asConfigured: true },
    last: { at: '2026-11-23T10:00:00.000Z', workflowId: 'w', outcome: 'completed', runId: 'run-1', error: null },
  };
  const full: ScheduleRow = { ...schedule, mode: 'full', paused: true, note: 'paused by ann', next: [], last: null };
  const lines = (more: Partial<Status>) => renderStatus(status(more), 'config-1').split('\n');
  expect(lines({ schedules: [schedule, full] })).toEqual(
    expect.arrayContaining([
      'delta schedule: next run 2026-11-23T10:15:00.000Z; last started 2026-11-23T10:00:00.000Z, completed',
      'full schedule: paused (paused by ann); none started yet',
    ]),
  );
  expect(lines({})).toContain('schedules: none, runs start by hand alone');
  const away = lines({ schedules: null, temporalError: 'Temporal does not answer.' });
  expect(away).toContain('schedules: unknown, for Temporal could not be asked: Temporal does not answer.');
});

test('counts the ignored apart from the parked', () => {
  const word = { until: 'then', reason: 'ticket', actor: 'ann', at: 'now', parkedKind: null };
  const ignored = [{ ...word, anchor: 'a', userName: 'ann@example.com', displayName: 'Ann', dn: 'cn=ann' }];
  expect(renderStatus(status({ ignored }), 'config-1')).toContain('parked: nobody\nignored: 1; see `parked`');
  expect(statusExit(status({ ignored }))).toBe(0);
});

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [3_600_000, '1 h 0 min'],
  [90_061_000, '1 d 1 h'],
])('a lag of %i ms reads %s', (lagMs, text) => {
  expect(renderStatus(status({ lagMs }), 'config-1')).toContain(`directory: ${text} ago`);
});
