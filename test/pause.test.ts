import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pause, resume, type Told } from '../client/commands/pause.ts';
import { applySchedule } from '../client/commands/schedule.ts';
import { status as showStatus, type Status } from '../client/commands/status.ts';
import type { RunReport } from '../model/run.ts';
import { runWorkflowId, taskQueue } from '../workflows/ids.ts';
import type { RunProgress, SyncRunInput } from '../workflows/messages.ts';
import { crowd } from './support/crowd.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { here } from './support/here.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { connectTemporal, type TemporalClient } from './support/temporal.ts';
import { postsByLogin, writesIn } from './support/traces.ts';
import { until } from './support/until.ts';

const PEOPLE = 40;
const MANAGERS = 5;
const SAFETY = { firstRun: 'apply', creates: { floor: 1_000 } };
/** Nine users at once: of the 25 that a slice asks for most wait on the server. */
const FEW_AT_ONCE = { requestsPerMinute: 360 };
/** With it a run lasts long enough for a slow machine to pause it. */
const SLOW = { effect: { kind: 'slow', ms: 3_000 }, method: 'POST', count: null } as const;
/** Longer than a worker needs to begin somebody whom nothing holds back. */
const STILL_MS = 1_500;
vi.setConfig({ testTimeout: 180_000 });

let staff: StaffDirectory;
let temporal: TemporalClient;
const stages: Stage[] = [];

beforeAll(async () => {
  temporal = await connectTemporal();
  staff = await startOpenLdapStaff();
});

afterAll(async () => {
  await Promise.all(stages.map((stage) => stage.close()));
  await temporal?.close();
  await staff?.stop();
});

async function stageFor(unit: string, people: number, target: Record<string, unknown> = {}): Promise<Stage> {
  const dn = await staff.unit(unit);
  await staff.add(dn, crowd(people));
  const schedule = { full: '0 2 * * *', timezone: 'Europe/Berlin' };
  const directories = [staff.configuration([dn])];
  const stage = await Stage.open({ directories, target, configuration: { safety: SAFETY, schedule } });
  stages.push(stage);
  return stage;
}

function workflowOf({ rollcall }: Stage) {
  return temporal.client.workflow.getHandle(runWorkflowId(rollcall.sync));
}

const progressOf = (stage: Stage) => workflowOf(stage).query<RunProgress>('progress');

/** How many creates had arrived and were carried out by the time that none came any more. */
async function standstill({ simulator }: Stage): Promise<number> {
  let before = -1;
  await until('no write arrives any more', async () => {
    const seen = before;
    before = writesIn(simulator).length;
    const still = seen === before && simulator.counts().users.active === before;
    if (!still) await sleep(STILL_MS);
    return still;
  });
  return before;
}

test('a paused run begins nobody, over a restart of its worker too, and goes on when told', async () => {
  const stage = await stageFor('Paused', PEOPLE, FEW_AT_ONCE);
  const { simulator, rollcall } = stage;
  await here(stage, applySchedule);
  simulator.faults.add(SLOW);
  const run = stage.sync();
  await until('the second slice is being written', () => writesIn(simulator).length >= MANAGERS + 5);

  const paused = await here<Told>(stage, (common) => pause({ ...common, actor: 'ann', reason: 'patch day' }));
  const atOnce = writesIn(simulator).length;
  expect(paused).toMatchObject({
    status: 0,
    json: { schedules: [{ mode: 'full', change: 'paused' }], run: { change: 'paused' } },
  });
  const stood = await standstill(stage);
  // Those in flight finish; the others of the 25 that the slice had asked for are taken back.
  expect(stood - atOnce).toBeLessThan(20);
  expect(stood).toBeLessThan(PEOPLE);

  simulator.faults.clear();
  await rollcall.killWorkers();
  await rollcall.startWorker();
  const by = { by: 'ann', because: 'patch day' };
  // A query is first given to the worker that was killed, until the server gives it up.
  let status: Status | null = null;
  await until('the new worker tells where the run stands', async () => {
    status = (await here<Status>(stage, showStatus)).json;
    return status.running?.phase === 'applying';
  });
  expect(status).toMatchObject({
    running: { phase: 'applying', paused: by },
    schedules: [{ mode: 'full', paused: true, note: 'paused by ann: patch day', next: [] }],
    temporalError: null,
  });
  expect(await standstill(stage)).toBe(stood);

  const resumed = await here<Told>(stage, (common) => resume({ ...common, actor: 'bob' }));
  expect(resumed.json).toMatchObject({ schedules: [{ change: 'resumed' }], run: { change: 'resumed' } });
  expect(await run).toMatchObject({
    status: 0,
    json: { outcome: 'completed', changes: { create: { planned: PEOPLE, applied: PEOPLE } } },
  });
  expect(Object.values(postsByLogin(simulator))).toEqual(Array.from({ length: PEOPLE }, () => 1));

  const nothing = await rollcall.run('resume');
  expect(nothing).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to resume') });
});

test('a paused run can be cancelled, and the next run finishes the job', async () => {
  const stage = await stageFor('Cancelled', PEOPLE, FEW_AT_ONCE);
  const { simulator } = stage;
  simulator.faults.add(SLOW);
  const run = stage.sync();
  await until('the second slice is being written', () => writesIn(simulator).length >= MANAGERS + 5);
  await workflowOf(stage).signal('pause');
  const stood = await standstill(stage);
  simulator.faults.clear();
  expect((await progressOf(stage)).paused).toMatchObject({ by: 'somebody', because: null });

  const cancelled = await stage.play<RunReport>('cancel', '--wait', '--json');
  expect(cancelled).toMatchObject({ status: 6, json: { outcome: 'cancelled' } });
  expect((await run).json.changes.create).toMatchObject({
    ...{ planned: PEOPLE, applied: stood, parked: 0, superseded: PEOPLE - stood },
  });
  expect((await stage.sync()).json).toMatchObject({ outcome: 'completed', unchanged: stood });
  expect(Object.values(postsByLogin(simulator))).toEqual(Array.from({ length: PEOPLE }, () => 1));
  expect(shownUsers(simulator)).toHaveLength(PEOPLE);
});

test('a run stays paused when it continues as new, and one that nobody paused is left as it is', async () => {
  const people = MANAGERS + 3;
  const stage = await stageFor('Anew', people);
  const { simulator, rollcall } = stage;
  simulator.faults.add({ effect: { kind: 'slow', ms: 2_000 }, method: 'POST', count: MANAGERS });
  const { sync } = rollcall;
  const runId = 'aaaaaaaa-0000-4000-8000-000000000001';
  const input: SyncRunInput = { runId, sync, mode: 'full', dryRun: false, actor: 'ann', batch: null };
  const handle = await temporal.client.workflow.start('syncRun', {
    ...{ workflowId: runWorkflowId(sync), taskQueue: taskQueue(sync), memo: { runId } },
    args: [{ ...input, slicesPerExecution: 1 }],
  });
  const { runId: first } = await handle.describe();
  await until('every manager is in flight', () => writesIn(simulator).length === MANAGERS);
  await handle.signal('pause', { actor: 'ann' });
  await until('the run has continued as new', async () => (await workflowOf(stage).describe()).runId !== first);
  await until('it tells that it is paused', async () => (await progressOf(stage)).paused?.by === 'ann');
  expect(await standstill(stage)).toBe(MANAGERS);

  await workflowOf(stage).signal('resume');
  await workflowOf(stage).result();
  expect(Object.values(postsByLogin(simulator))).toEqual(Array.from({ length: people }, () => 1));
  const unit = staff.dn('agent001', `ou=Anew,${staff.suffix}`).replace(/^[^,]*,/, '');
  expect(shownUsers(simulator)).toEqual(await expectedUsers(staff, unit));
  const idle = await rollcall.run('pause');
  expect(idle).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to pause') });
});
