import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunReport } from '../model/run.ts';
import { startTemporal, type TemporalServer } from '../tools/temporal.ts';
import { runWorkflowId, scheduleWorkflowId, taskQueue } from '../workflows/ids.ts';
import type { ScheduledSyncInput } from '../workflows/messages.ts';
import { crowd } from './support/crowd.ts';
import { ended, reset } from './support/resets.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { postsByLogin, withState, writesIn } from './support/traces.ts';
import { until } from './support/until.ts';

const FIRST = 8;
const NEWCOMERS = 12;
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let folder: string;
let server: TemporalServer;
let connection: Connection;
let client: Client;
let staff: StaffDirectory;
let unit: string;
let stage: Stage;

beforeAll(async () => {
  // This test needs a server that it may kill.
  delete process.env['TEMPORAL_ADDRESS'];
  folder = await mkdtemp(join(tmpdir(), 'rollcall-lock-'));
  server = await startServer();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection });
  staff = await startOpenLdapStaff();
  unit = await staff.unit('Lock');
  await staff.add(unit, crowd(FIRST));
  stage = await Stage.open({
    directories: [staff.configuration([unit])],
    // Four users at once, so that a run has a middle.
    target: { requestsPerMinute: 120 },
    configuration: { safety: { firstRun: 'apply', creates: { floor: 100 }, deactivations: { floor: 0, percent: 0 } } },
    env: { TEMPORAL_ADDRESS: server.address },
  });
});

afterAll(async () => {
  await stage?.close();
  await connection?.close();
  await server?.stop();
  await staff?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Again with the same database at the same address after the first time. */
function startServer(address?: string): Promise<TemporalServer> {
  const port = address === undefined ? {} : { port: Number(address.split(':').at(-1)) };
  const [dbFile, logFile] = [join(folder, 'temporal.db'), join(folder, 'temporal.log')];
  return startTemporal({ dbFile, logFile, ui: false, ...port });
}

const workflow = (workflowId = runWorkflowId(stage.rollcall.sync)) => client.workflow.getHandle(workflowId);

function fire(mode: 'delta' | 'full') {
  const { sync } = stage.rollcall;
  const input: ScheduledSyncInput = { sync, mode, actor: 'schedule' };
  return client.workflow.start('scheduledSync', {
    ...{ workflowId: `${scheduleWorkflowId(sync, mode)}-now`, taskQueue: taskQueue(sync), args: [input] },
  });
}

/** A crash of everything but the run's traces: server and worker are killed and come back. */
async function crash(): Promise<void> {
  process.kill(server.pid ?? 0, 'SIGKILL');
  await stage.rollcall.killWorkers();
  await server.stop();
  server = await startServer(server.address);
  await stage.rollcall.startWorker();
}

test('whoever wants to run while a run goes on is skipped, waits, is refused or joins, over a crash and a reset', async () => {
  await stage.firstRun(FIRST);
  for (const login of ['agent007', 'agent008']) await staff.setEnabled(staff.dn(login, unit), false);
  const { heldBatch } = (await stage.sync()).json;
  await staff.add(unit, crowd(FIRST + NEWCOMERS).slice(FIRST));
  stage.simulator.faults.add({ effect: { kind: 'slow', ms: 1_000 }, method: 'POST', count: null });
  const run = stage.sync('--mode', 'delta');
  await until('the run writes', () => writesIn(stage.simulator).length > FIRST + 2);
  await workflow().signal('pause', { actor: 'ann' });

  const [full, delta] = [await fire('full'), await fire('delta')];
  const decided = stage.play<RunReport>('approve', '--plan', heldBatch ?? '', '--wait', '--json');
  const joined = stage.play<RunReport>('start-sync', '--join', '--wait', '--json');
  for (const command of ['start-sync', 'retry-failed']) {
    expect(await stage.rollcall.run(command)).toMatchObject({ status: 5 });
  }
  expect(await delta.result()).toEqual({ runId: null, outcome: 'skipped', heldBatch: null });
  await crash();
  await reset({ client }, workflow(), ended('nextSlices'));
  stage.simulator.faults.clear();
  await workflow().signal('resume');

  const first = await run;
  expect(first.json).toMatchObject({ outcome: 'completed', changes: { create: { applied: NEWCOMERS } } });
  expect(await joined).toMatchObject({ status: 0, json: { runId: first.json.runId, outcome: 'completed' } });
  expect(await decided).toMatchObject({
    status: 0,
    json: { mode: 'approved', changes: { deactivate: { applied: 2 } } },
  });
  expect(await full.result()).toMatchObject({ outcome: 'completed' });

  const rows = await withState(stage.rollcall, (state) => state.runs.list(stage.rollcall.sync, 10));
  expect(rows.map(({ mode, outcome }) => `${mode} ${outcome}`)).toEqual([
    ...['full completed', 'approved completed', 'delta completed', 'full held', 'full completed'],
  ]);
  for (const [index, row] of rows.entries()) {
    expect(row.startedAt >= (rows[index + 1]?.finishedAt ?? '')).toBe(true);
  }
  expect(Object.values(postsByLogin(stage.simulator))).toEqual(Array.from({ length: FIRST + NEWCOMERS }, () => 1));
  expect(writesIn(stage.simulator).filter(({ method }) => method === 'PATCH')).toHaveLength(2);
});
