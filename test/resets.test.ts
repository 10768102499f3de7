import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunReport } from '../model/run.ts';
import { approvalWorkflowId, runWorkflowId } from '../workflows/ids.ts';
import { crowd, loginOf } from './support/crowd.ts';
import { ended, reset, type HistoryEvent } from './support/resets.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { connectTemporal, type TemporalClient } from './support/temporal.ts';
import { auditOf, postsByLogin, withState, writesIn } from './support/traces.ts';
import { until } from './support/until.ts';

const MANAGERS = 5;
/** Four users at once, so that a slice of some more has a middle. */
const FEW_AT_ONCE = { requestsPerMinute: 120 };
const SLOW = { effect: { kind: 'slow', ms: 1_000 }, method: 'POST', count: null } as const;
const CLOSED = /^The run was closed at \S+ as completed, and a closed run does not go on; start a new run/;
vi.setConfig({ testTimeout: 180_000 });

let staff: StaffDirectory;
let temporal: TemporalClient;
let unit: string;
let stage: Stage;
/** How many people there are. */
let people = 0;

beforeAll(async () => {
  temporal = await connectTemporal();
  staff = await startOpenLdapStaff();
  unit = await staff.unit('Reset');
  stage = await Stage.open({
    directories: [staff.configuration([unit])],
    target: FEW_AT_ONCE,
    configuration: {
      safety: { firstRun: 'apply', creates: { floor: 1_000 }, deactivations: { floor: 0, percent: 0 } },
    },
  });
});

afterAll(async () => {
  await stage?.close();
  await temporal?.close();
  await staff?.stop();
});

/** The run of the sync; `execution` = Temporal's own id of an earlier one. */
const workflow = (execution?: string): WorkflowHandle =>
  temporal.client.workflow.getHandle(runWorkflowId(stage.rollcall.sync), execution);

async function newcomers(count: number): Promise<void> {
  await staff.add(unit, crowd(people + count).slice(people));
  people += count;
}

/** Everybody is there once, by one POST each, with one row in the audit trail of all runs. */
async function expectEverybodyOnce(): Promise<void> {
  expect(Object.values(postsByLogin(stage.simulator))).toEqual(Array.from({ length: people }, () => 1));
  expect(stage.simulator.counts().users.active).toBe(people);
  await withState(stage.rollcall, async (state) => {
    const runs = await state.runs.list(stage.rollcall.sync, 20);
    const audit = (await Promise.all(runs.map(({ runId }) => auditOf(state, runId)))).flat();
    expect(new Set(audit.map(({ anchor }) => anchor)).size).toBe(people);
    expect(audit).toHaveLength(people);
  });
}

/** A run with newcomers, stopped on its way when its last slice has begun to write. */
async function runWithNewcomers(count: number): Promise<{ run: ReturnType<Stage['sync']>; execution: string }> {
  const before = writesIn(stage.simulator).length;
  const managers = before === 0 ? MANAGERS : 0;
  await newcomers(count);
  stage.simulator.faults.add(SLOW);
  const run = stage.sync();
  await until('the last slice writes', () => writesIn(stage.simulator).length > before + managers + 3);
  return { run, execution: (await workflow().describe()).runId };
}

test('an open run that is reset to the middle of its writes goes on, and whoever follows it stays with it', async () => {
  const { run, execution } = await runWithNewcomers(25);
  const second = await reset(temporal, workflow(), ended('nextSlices'));
  expect(second).not.toBe(execution);
  stage.simulator.faults.clear();
  const { status, json, stderr } = await run;
  expect({ status, outcome: json.outcome, error: json.error }, stderr).toEqual({
    ...{ status: 0, outcome: 'completed', error: null },
  });
  expect(json.changes.create).toMatchObject({ planned: people, applied: people });
  await expectEverybodyOnce();
});

test('an open run that is reset to its beginning keeps the plan that is being written', async () => {
  const { run } = await runWithNewcomers(20);
  await reset(temporal, workflow());
  await until('it reads again', async () => JSON.stringify(await workflow().query('progress')).includes('reading'));
  stage.simulator.faults.clear();
  const { json } = await run;
  expect(json).toMatchObject({ outcome: 'completed', changes: { create: { planned: 20, applied: 20 } } });
  // A plan made anew would find those unchanged who had been created by then.
  expect(json.unchanged).toBe(people - 20);
  await expectEverybodyOnce();
});

test('an open run that is reset to where a slice had begun hears how that slice ended', async () => {
  const { run } = await runWithNewcomers(12);
  const isBegun = ({ childWorkflowExecutionStartedEventAttributes: begun }: HistoryEvent): boolean =>
    (begun ?? null) !== null;
  await reset(temporal, workflow(), isBegun);
  stage.simulator.faults.clear();
  const { json } = await run;
  expect(json).toMatchObject({ outcome: 'completed', changes: { create: { planned: 12, applied: 12 } } });
  await expectEverybodyOnce();
});

test('a closed run that is reset writes nothing, says so, and keeps what state tells about it', async () => {
  const [latest] = await withState(stage.rollcall, (state) => state.runs.list(stage.rollcall.sync, 1));
  const execution = (await workflow().describe()).runId;
  await newcomers(1);
  for (const point of [undefined, ended('planChanges')]) {
    await reset(temporal, workflow(execution), point);
    const end = await workflow()
      .result()
      .then(String, (error: Error) => (error.cause as Error).message);
    expect(end).toMatch(CLOSED);
  }
  const [row] = await withState(stage.rollcall, (state) => state.runs.list(stage.rollcall.sync, 1));
  expect(row).toEqual(latest);
  expect(stage.simulator.counts().users.active).toBe(people - 1);
  expect((await stage.sync()).json.changes.create).toMatchObject({ applied: 1 });
});

test('a run on one person that is reset while it writes goes on too', async () => {
  await newcomers(1);
  stage.simulator.faults.add(SLOW);
  const before = writesIn(stage.simulator).length;
  const login = stage.user('agent001').userName.replace('agent001', loginOf(people));
  const run = stage.play<RunReport>('provision-user', login, '--wait', '--json');
  await until('it writes', () => writesIn(stage.simulator).length > before);
  const { sync } = stage.rollcall;
  const [row] = await withState(stage.rollcall, (state) => state.runs.list(sync, 1, { everybody: true }));
  await reset(temporal, temporal.client.workflow.getHandle(row?.workflowId ?? ''), ended('nextSlices'));
  const { json, stderr } = await run;
  expect(json, stderr).toMatchObject({ outcome: 'completed', changes: { create: { planned: 1, applied: 1 } } });
  stage.simulator.faults.clear();
  await expectEverybodyOnce();
});

test('a closed run that is reset while another goes on ends that one; the next run finishes its job', async () => {
  const old = (await workflow().describe()).runId;
  const { run } = await runWithNewcomers(20);
  await reset(temporal, workflow(old));
  const end = await workflow()
    .result()
    .then(String, (error: Error) => (error.cause as Error).message);
  expect(end).toMatch(CLOSED);
  expect((await run).json).toMatchObject({ outcome: 'failed', error: expect.stringContaining('from outside') });
  stage.simulator.faults.clear();
  const next = await stage.play<RunReport>('start-sync', '--wait', '--json');
  expect(next.json).toMatchObject({ outcome: 'completed', error: null });
  await expectEverybodyOnce();
});

test('an approval that is reset after its decision applies nothing once more', async () => {
  await staff.setEnabled(staff.dn(loginOf(people), unit), false);
  const { heldBatch } = (await stage.sync()).json;
  const approve = await stage.play<RunReport>('approve', '--plan', heldBatch ?? '', '--wait', '--json');
  expect(approve.json).toMatchObject({ outcome: 'completed', changes: { deactivate: { applied: 1 } } });
  const writes = writesIn(stage.simulator).length;
  const approval = temporal.client.workflow.getHandle(approvalWorkflowId(stage.rollcall.sync, heldBatch ?? ''));
  await reset(temporal, approval);
  expect(await approval.result()).toBe('approved');
  await workflow().result();
  const [again, first] = await withState(stage.rollcall, (state) => state.runs.list(stage.rollcall.sync, 2));
  expect([again, first]).toMatchObject([
    { mode: 'approved', outcome: 'completed' },
    { mode: 'approved', outcome: 'completed', runId: approve.json.runId },
  ]);
  expect(again?.runId).not.toBe(first?.runId);
  expect(writesIn(stage.simulator)).toHaveLength(writes);
});
