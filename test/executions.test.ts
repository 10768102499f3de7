import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunReport } from '../model/run.ts';
import { runWorkflowId, taskQueue } from '../workflows/ids.ts';
import type { RunProgress, SyncRunInput } from '../workflows/messages.ts';
import { crowd } from './support/crowd.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { connectTemporal, workflowBundlePath, type TemporalClient } from './support/temporal.ts';
import { postsByLogin, writesIn } from './support/traces.ts';
import { until } from './support/until.ts';

const MANAGERS = 5;
const PEOPLE = 12;
const LATER = 3;
const SLOW = { effect: { kind: 'slow', ms: 1_500 }, method: 'POST', count: null } as const;
vi.setConfig({ testTimeout: 180_000 });

let staff: StaffDirectory;
let unit: string;
let temporal: TemporalClient;
let stage: Stage;

beforeAll(async () => {
  temporal = await connectTemporal();
  staff = await startOpenLdapStaff();
  unit = await staff.unit('Executions');
  await staff.add(unit, crowd(PEOPLE));
  stage = await Stage.open({ directories: [staff.configuration([unit])] });
});

afterAll(async () => {
  await stage?.close();
  await temporal?.close();
  await staff?.stop();
});

const workflow = (execution?: string) =>
  temporal.client.workflow.getHandle(runWorkflowId(stage.rollcall.sync), execution);

test('a run of several executions is one run to whoever follows it, over a crash of the worker', async () => {
  const { simulator, rollcall } = stage;
  const { sync } = rollcall;
  simulator.faults.add(SLOW);
  const runId = 'aaaaaaaa-0000-4000-8000-000000000002';
  const input: SyncRunInput = { runId, sync, mode: 'full', dryRun: false, actor: 'ann', batch: null };
  const handle = await temporal.client.workflow.start('syncRun', {
    ...{ workflowId: runWorkflowId(sync), taskQueue: taskQueue(sync), memo: { runId } },
    args: [{ ...input, slicesPerExecution: 1 }],
  });
  const first = (await handle.describe()).runId;
  const watched = stage.play<RunReport>('watch', '--json');
  const joined = stage.play<RunReport>('start-sync', '--join', '--wait', '--json');
  await until('the second slice is being written', () => writesIn(simulator).length > MANAGERS);
  const second = (await workflow().describe()).runId;
  await rollcall.killWorkers();
  await rollcall.startWorker();

  for (const { status, json } of [await watched, await joined]) {
    expect(status).toBe(0);
    expect(json).toMatchObject({
      ...{ runId, outcome: 'completed', error: null },
      changes: { create: { planned: PEOPLE, applied: PEOPLE, parked: 0, held: 0, superseded: 0 } },
    });
  }
  const last = (await workflow().describe()).runId;
  expect(new Set([first, second, last]).size).toBe(3);
  const progress = await workflow().query<RunProgress>('progress');
  expect(progress).toMatchObject({ phase: 'done', toApply: PEOPLE, applied: PEOPLE, slices: 2 });
  expect(Object.values(postsByLogin(simulator))).toEqual(Array.from({ length: PEOPLE }, () => 1));
});

test('a run that stands still by a defect of its workflows goes on by itself when the right release is back', async () => {
  const { simulator, rollcall } = stage;
  const defect = join(rollcall.folder, 'defect.js');
  const code = await readFile(workflowBundlePath(), 'utf8');
  expect(code).toContain('.guardPlan(');
  await writeFile(defect, code.replaceAll('.guardPlan(', '.planAgain('));
  await staff.add(unit, crowd(PEOPLE + LATER).slice(PEOPLE));
  const run = stage.sync();
  await until('it writes', () => writesIn(simulator).length > PEOPLE);
  await rollcall.killWorkers();
  simulator.faults.clear();

  rollcall.env['ROLLCALL_WORKFLOW_BUNDLE'] = defect;
  await rollcall.startWorker();
  const failures = async (): Promise<number> => {
    const { events } = await workflow().fetchHistory();
    return (events ?? []).filter((event) => (event.workflowTaskFailedEventAttributes ?? null) !== null).length;
  };
  await until('its workflow tasks fail', async () => (await failures()) > 0);
  expect((await workflow().describe()).status.name).toBe('RUNNING');

  rollcall.env['ROLLCALL_WORKFLOW_BUNDLE'] = workflowBundlePath();
  await rollcall.killWorkers();
  await rollcall.startWorker();
  expect(await run).toMatchObject({
    status: 0,
    json: { outcome: 'completed', changes: { create: { planned: LATER, applied: LATER } } },
  });
  expect(Object.values(postsByLogin(simulator))).toEqual(Array.from({ length: PEOPLE + LATER }, () => 1));
});
