import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Status } from '../client/commands/status.ts';
import type { RunRow } from '../state/state.ts';
import { crowd } from './support/crowd.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { connectTemporal, type TemporalClient } from './support/temporal.ts';
import { auditOf, postsByLogin, withState, writesIn } from './support/traces.ts';
import { until } from './support/until.ts';

const PEOPLE = 120;
/** Makes 25 users at once 60 a second, so that there is a middle to stop in. */
const SLOW = { effect: { kind: 'slow', ms: 400 }, method: 'POST', count: null } as const;
const TIMEOUT_MS = 120_000;
/** The second run of many people has links already, and more to create than its guard would let pass. */
const UNGUARDED = { safety: { firstRun: 'apply', creates: { floor: PEOPLE } } };

let staff: StaffDirectory;
let many: string;
let temporal: TemporalClient;

beforeAll(async () => {
  temporal = await connectTemporal();
  staff = await startOpenLdapStaff();
  many = await staff.unit('Many');
  await staff.add(many, crowd(PEOPLE));
});

afterAll(async () => {
  await temporal?.close();
  await staff?.stop();
});

/** The run of a stage as an administrator finds it in Temporal. */
function workflowOf({ rollcall }: Stage) {
  return temporal.client.workflow.getHandle(`rollcall:${rollcall.sync}`);
}

/** Everybody is there once, by one POST each, with one row in the audit trail of all runs. */
async function expectEverybodyOnce(stage: Stage): Promise<void> {
  const { simulator, rollcall } = stage;
  expect(shownUsers(simulator)).toEqual(await expectedUsers(staff, many));
  expect(Object.values(postsByLogin(simulator)).filter((count) => count !== 1)).toEqual([]);
  await withState(rollcall, async (state) => {
    const runs = await state.runs.list(rollcall.sync, 10);
    const audit = (await Promise.all(runs.map(({ runId }) => auditOf(state, runId)))).flat();
    expect(audit).toHaveLength(PEOPLE);
    expect(new Set(audit.map(({ anchor }) => anchor)).size).toBe(PEOPLE);
  });
}

async function runsOf(stage: Stage): Promise<Pick<RunRow, 'outcome' | 'runId'>[]> {
  return (await stage.play<RunRow[]>('runs', '--json')).json;
}

describe.concurrent('a run that is cancelled from outside', { timeout: TIMEOUT_MS }, () => {
  test('lets users in flight finish, makes the rest void, and the next run finishes the job', async () => {
    const stage = await Stage.open({ directories: [staff.configuration([many])], configuration: UNGUARDED });
    const { simulator } = stage;
    try {
      simulator.faults.add(SLOW);
      const run = stage.sync();
      await until('30 users are there', () => simulator.counts().users.active >= 30);
      await workflowOf(stage).cancel();
      const { status, json: report } = await run;
      const { create } = report.changes;

      expect({ status, outcome: report.outcome, error: report.error }).toEqual({
        status: 6,
        outcome: 'cancelled',
        error: null,
      });
      expect(create).toMatchObject({ planned: PEOPLE, parked: 0, held: 0, superseded: PEOPLE - create.applied });
      expect(create.superseded).toBeGreaterThan(0);
      expect(simulator.counts().users.active).toBe(create.applied);
      expect(writesIn(simulator)).toHaveLength(create.applied);
      await expect(workflowOf(stage).describe()).resolves.toMatchObject({ status: { name: 'CANCELLED' } });

      simulator.faults.clear();
      const next = await stage.sync();
      expect(next.json).toMatchObject({ outcome: 'completed', unchanged: create.applied });
      await expectEverybodyOnce(stage);
    } finally {
      await stage.close();
    }
  });

  test('while the outcome of a write is unknown finds that out before it ends', async () => {
    const unit = await staff.unit('Unknown');
    await staff.add(unit, [{ login: 'una', name: 'Una Known' }]);
    const stage = await Stage.open({ directories: [staff.configuration([unit])] });
    const { simulator } = stage;
    try {
      simulator.faults.add({ effect: { kind: 'hang', when: 'after' }, method: 'POST' });
      const run = stage.sync();
      await until('the POST hangs', () => simulator.faults.hanging === 1);
      await workflowOf(stage).cancel();
      const first = (await run).json;
      expect(first).toMatchObject({ outcome: 'cancelled', changes: { create: { planned: 1, applied: 1 } } });
      const next = await stage.sync();
      expect(next.json).toMatchObject({ outcome: 'completed', unchanged: 1, requests: { write: 0 } });
      expect(shownUsers(simulator)).toEqual(await expectedUsers(staff, unit));
      expect(writesIn(simulator)).toHaveLength(1);
      await withState(stage.rollcall, async (state) => {
        expect(await state.parked.list(stage.rollcall.sync)).toEqual([]);
        expect(await state.links.counts(stage.rollcall.sync)).toEqual({ active: 1, total: 1 });
      });
    } finally {
      await stage.close();
    }
  });
});

describe.concurrent('a worker that is told to stop by SIGTERM', { timeout: TIMEOUT_MS }, () => {
  test('lets users in flight finish and leaves no write open; the next worker goes on where it was', async () => {
    const stage = await Stage.open({ directories: [staff.configuration([many])], configuration: UNGUARDED });
    const { simulator, rollcall } = stage;
    try {
      simulator.faults.add(SLOW);
      const run = stage.sync();
      await until('30 users are there', () => simulator.counts().users.active >= 30);
      await rollcall.stopWorkers();
      const atStop = simulator.counts().users.active;
      expect(atStop).toBeLessThan(PEOPLE);
      const statuses = await withState(rollcall, async (state) => {
        const [{ runId } = { runId: '' }] = await state.runs.list(rollcall.sync, 1);
        const rows = await Promise.all(crowd(PEOPLE).map((_, index) => state.changes.get(runId, index + 1)));
        return rows.map((row) => row?.status);
      });
      const count = (status: string): number => statuses.filter((one) => one === status).length;
      expect([count('applied'), count('planned'), count('writing')]).toEqual([atStop, PEOPLE - atStop, 0]);

      simulator.faults.clear();
      await rollcall.startWorker();
      expect((await run).json).toMatchObject({ outcome: 'completed', error: null, requests: { write: PEOPLE } });
      await expectEverybodyOnce(stage);
    } finally {
      await stage.close();
    }
  });
});

describe.concurrent('a run that is terminated from outside', { timeout: TIMEOUT_MS }, () => {
  test('shows as terminated, its open writes are resolved first, and the next run finishes the job', async () => {
    const stage = await Stage.open({ directories: [staff.configuration([many])], configuration: UNGUARDED });
    const { simulator } = stage;
    try {
      simulator.faults.add({ effect: { kind: 'hang', when: 'after' }, method: 'POST', nth: 20, count: 3 });
      simulator.faults.add(SLOW);
      const run = stage.sync();
      await until('40 users are there, three of them without an answer', () => {
        return simulator.counts().users.active >= 40;
      });
      await workflowOf(stage).terminate('test');
      const first = await run;
      expect(first).toMatchObject({ status: 1, json: { outcome: 'failed' } });
      expect(first.json.error).toMatch(/terminated from outside; the next run resolves its writes/);
      const { planned, applied, parked, held, superseded } = first.json.changes.create;
      expect({ planned, sum: applied + parked + held + superseded }).toEqual({ planned: PEOPLE, sum: PEOPLE });
      const status = await stage.play<Status>('status', '--json');
      expect(status).toMatchObject({
        status: 1,
        json: { running: null, lastRun: { runId: first.json.runId, outcome: 'terminated' } },
      });
      expect(await runsOf(stage)).toMatchObject([{ outcome: 'terminated', runId: first.json.runId }]);

      simulator.faults.clear();
      const next = await stage.sync();
      expect(next.json).toMatchObject({ outcome: 'completed', error: null });
      expect((await runsOf(stage)).map(({ outcome, runId }) => [outcome, runId])).toEqual([
        ['completed', next.json.runId],
        ['terminated', first.json.runId],
      ]);
      await expectEverybodyOnce(stage);
      await withState(stage.rollcall, async (state) => {
        expect(await state.changes.unfinished(stage.rollcall.sync)).toEqual([]);
      });
    } finally {
      await stage.close();
    }
  });
});
