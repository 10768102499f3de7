import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runs } from '../client/commands/runs.ts';
import {
  applySchedule,
  deleteSchedule,
  listSchedules,
  resumeSchedule,
  triggerSchedule,
} from '../client/commands/schedule.ts';
import { startSync } from '../client/commands/start-sync.ts';
import { findSchedule } from '../client/schedule-rows.ts';
import type { ScheduleRow } from '../client/schedule-rows.ts';
import type { RunRow } from '../state/state.ts';
import { runWorkflowId, scheduleId } from '../workflows/ids.ts';
import type { ScheduledSyncResult } from '../workflows/messages.ts';
import { type Colleague, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { connectTemporal, temporalAddress, type TemporalClient } from './support/temporal.ts';
import { until } from './support/until.ts';

const SCHEDULE = { delta: 'every 2s', full: '0 2 * * *', timezone: 'Europe/Berlin' };
const SAFETY = { firstRun: 'apply', minimumEntries: 3 };

let directory: StaffDirectory;
let unit: string;
let stage: Stage;
let temporal: TemporalClient;

const people = (count: number, name: string): Colleague[] =>
  Array.from({ length: count }, (_, index) => ({ login: `${name}${index}`, name: `Agent ${index}` }));

beforeAll(async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', temporalAddress());
  directory = await startOpenLdapStaff();
  unit = await directory.unit('Scheduled');
  await directory.add(unit, people(6, 'agent'));
  stage = await Stage.open({
    directories: [directory.configuration([unit])],
    configuration: { schedule: SCHEDULE, safety: SAFETY },
    // Slow enough for a run with changes to last longer than the interval of the deltas.
    target: { requestsPerMinute: 90 },
  });
  temporal = await connectTemporal();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await temporal?.close();
  await stage?.close();
  await directory?.stop();
});

/**
 * Calls a command in this process and returns what it printed: as many processes as this test has commands would take
 * longer than everything else in it.
 */
async function here<T>(run: (common: { config: string; json: boolean }) => Promise<number>): Promise<T> {
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    expect(await run({ config: stage.rollcall.configFile, json: true })).toBe(0);
    return JSON.parse(String(stdout.mock.calls.at(-1)?.[0])) as T;
  } finally {
    stdout.mockRestore();
  }
}

const list = (): Promise<ScheduleRow[]> => here((common) => listSchedules(common));

/** What the newest delta that has ended came to; asked for now and then, to leave the machine to the runs. */
async function newestDelta(): Promise<ScheduledSyncResult | null> {
  await sleep(100);
  const found = await findSchedule(temporal.client, stage.rollcall.sync, 'delta');
  const running = new Set(found?.info.runningActions.map(({ workflow }) => workflow.workflowId));
  const newest = found?.info.recentActions.findLast(({ action }) => !running.has(action.workflow.workflowId));
  if (newest === undefined) return null;
  const { workflowId } = newest.action.workflow;
  return temporal.client.workflow.getHandle(workflowId).result() as Promise<ScheduledSyncResult>;
}

/** An open workflow under the sync's lock that no worker ever looks at. */
async function holdLock(): Promise<() => Promise<void>> {
  const handle = await temporal.client.workflow.start('syncRun', {
    workflowId: runWorkflowId(stage.rollcall.sync),
    taskQueue: 'nobody',
  });
  return async () => void (await handle.terminate());
}

test('while another run holds the lock deltas are skipped, and a full waits in steps from one minute on', async () => {
  const release = await holdLock();
  const created = await stage.play('schedule', 'apply', '--actor', 'ann', '--json');
  const changes = (change: string) => [
    { mode: 'delta', scheduleId: scheduleId(stage.rollcall.sync, 'delta'), change },
    { mode: 'full', scheduleId: scheduleId(stage.rollcall.sync, 'full'), change },
  ];
  expect(created).toMatchObject({ status: 0, json: changes('created') });
  await here((common) => triggerSchedule({ ...common, mode: 'full', actor: 'ann' }));
  const refused = await stage.rollcall.run('schedule', 'trigger', '--mode', 'full');
  expect(refused).toMatchObject({ status: 5, stderr: expect.stringContaining('still going on') });
  await until('a delta has ended', async () => (await newestDelta()) !== null);
  expect(await newestDelta()).toEqual({ runId: null, outcome: 'skipped', heldBatch: null });

  const [, full] = await list();
  expect(full).toMatchObject({ mode: 'full', last: { outcome: 'running' }, started: 1 });
  const waiting = temporal.client.workflow.getHandle(full?.last?.workflowId ?? '');
  const { events } = await waiting.fetchHistory();
  const timers = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => timer ?? []);
  expect(timers.map(({ startToFireTimeout }) => Number(startToFireTimeout?.seconds))).toEqual([60]);
  await waiting.cancel();
  await expect(waiting.result()).rejects.toThrow(/cancel/i);

  expect(await here((common) => applySchedule({ ...common, actor: 'ann' }))).toEqual(changes('updated'));
  const rows = await list();
  expect(rows).toMatchObject([
    {
      mode: 'delta',
      times: 'every 2s',
      timezone: 'Europe/Berlin',
      paused: false,
      note: 'applied by ann',
      asConfigured: true,
    },
    { mode: 'full', times: '0 2 * * *', last: { outcome: 'cancelled' }, paused: false, started: 1, asConfigured: true },
  ]);
  expect(rows[1]?.next).toHaveLength(3);
  const { policies, spec } = (await findSchedule(temporal.client, stage.rollcall.sync, 'delta')) ?? {};
  expect(policies).toEqual({ overlap: 'SKIP', catchupWindow: 600_000, pauseOnFailure: true });
  expect(spec?.jitter).toBe(200);
  await release();
});

test('no two runs are ever open at once, and nobody is lost', async () => {
  await until('a scheduled run goes on', () => stage.simulator.users().length > 0);
  await directory.add(unit, people(1, 'late'));
  const byHand = here((common) => startSync({ ...common, mode: 'full' }));
  await expect(byHand).rejects.toThrow(expect.objectContaining({ code: 'run.already-running' }));
  await until('everybody is there', () => stage.simulator.users().length === 7);
  await until('nothing is left to do', async () => (await newestDelta())?.outcome === 'completed');
  const paused = await stage.play(
    'schedule',
    'pause',
    '--mode',
    'delta',
    '--actor',
    'ann',
    '--reason',
    'patch day',
    '--json',
  );
  expect(paused).toMatchObject({ status: 0, json: [{ mode: 'delta', change: 'paused' }] });
  const running = async () => (await findSchedule(temporal.client, stage.rollcall.sync, 'delta'))?.info.runningActions;
  await until('the last run has ended', async () => (await running())?.length === 0);

  const creates = stage.writesSince(0).filter(({ method }) => method === 'POST');
  expect(creates).toHaveLength(7);
  const rows = (await here<RunRow[]>((common) => runs({ ...common, limit: 100 }))).toReversed();
  expect(rows.length).toBeGreaterThanOrEqual(2);
  expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(['schedule (applied by ann)']));
  for (const [index, run] of rows.entries()) {
    expect(run).toMatchObject({ outcome: 'completed', finishedAt: expect.any(String) });
    expect(run.startedAt >= (rows[index - 1]?.finishedAt ?? '')).toBe(true);
  }
  const [delta] = await list();
  expect(delta).toMatchObject({ paused: true, note: 'paused by ann: patch day', next: [] });
  expect(delta?.skipped).toBeGreaterThan(0);
});

test('a paused schedule stays paused when it is applied again, and can be triggered', async () => {
  await here((common) => applySchedule({ ...common, actor: 'bob' }));
  const before = await newestDelta();
  await here((common) => triggerSchedule({ ...common, mode: 'delta', actor: 'bob' }));
  await until('the triggered run has ended', async () => (await newestDelta())?.runId !== before?.runId);
  const [delta] = await list();
  expect(delta).toMatchObject({ paused: true, note: 'paused by ann: patch day', last: { outcome: 'completed' } });
});

test('a run that fails pauses its schedule, with its own sentence', async () => {
  for (const index of [0, 1, 2, 3, 4]) await directory.remove(directory.dn(`agent${index}`, unit));
  expect(await here((common) => resumeSchedule({ ...common, actor: 'ann' }))).toMatchObject([
    { mode: 'delta', change: 'resumed' },
    { mode: 'full', change: 'resumed' },
  ]);
  const paused = async () => (await findSchedule(temporal.client, stage.rollcall.sync, 'delta'))?.state.paused === true;
  await until('the schedule is paused', paused);
  const [delta] = await list();
  const sentence = expect.stringMatching(/2 entries in scope, fewer than safety\.minimumEntries \(3\)/);
  expect(delta).toMatchObject({ paused: true, note: sentence, last: { outcome: 'failed', error: sentence } });
  expect(stage.simulator.counts().users).toMatchObject({ active: 7, inactive: 0 });
});

test('a mode that the configuration no longer names loses its schedule; delete removes the others', async () => {
  const configuration = (more: Record<string, unknown>) => ({
    directories: [directory.configuration([unit])],
    ...more,
  });
  const { rollcall } = stage;
  const target = {
    baseUrl: stage.simulator.apiUrl,
    tokenUrl: stage.simulator.tokenUrl,
    clientId: 'x',
    clientSecret: 'x',
  };
  rollcall.configure(configuration({ target, schedule: { delta: SCHEDULE.delta } }));
  expect(await here((common) => applySchedule(common))).toMatchObject([
    { mode: 'delta', change: 'updated' },
    { mode: 'full', change: 'deleted' },
  ]);
  expect(await here((common) => deleteSchedule(common))).toMatchObject([{ mode: 'delta', change: 'deleted' }]);
  expect(await list()).toEqual([]);
  await expect(here((common) => resumeSchedule(common))).rejects.toThrow(`Sync ${rollcall.sync} has no schedule;`);
  rollcall.configure(configuration({ target }));
  const none = await rollcall.run('schedule', 'apply');
  expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('has no schedule section') });
});
