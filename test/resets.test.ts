import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runWorkflowId } from '../workflows/ids.ts';
import { crowd } from './support/crowd.ts';
import { completed, reset } from './support/resets.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { connectTemporal, type TemporalClient } from './support/temporal.ts';
import { postsByLogin, withState, writesIn } from './support/traces.ts';
import { fetchHistory } from './support/kept-histories.ts';
import { until } from './support/until.ts';

vi.setConfig({ testTimeout: 120_000 });
let staff: StaffDirectory;
let temporal: TemporalClient;

beforeAll(async () => {
  temporal = await connectTemporal();
  staff = await startOpenLdapStaff();
});
afterAll(async () => {
  await temporal?.close();
  await staff?.stop();
});

test.each(['start', 'nextSlices', 'late'])('probe %s', async (point) => {
  const dn = await staff.unit(`P${point}`);
  await staff.add(dn, crowd(25));
  const stage = await Stage.open({
    directories: [staff.configuration([dn])],
    target: { requestsPerMinute: 120 },
    configuration: { safety: { firstRun: 'apply', creates: { floor: 1000 } } },
  });
  const { simulator, rollcall } = stage;
  try {
    simulator.faults.add({ effect: { kind: 'slow', ms: 1500 }, method: 'POST', count: null });
    const run = stage.sync();
    const workflow = temporal.client.workflow.getHandle(runWorkflowId(rollcall.sync));
    await until('second slice', () => writesIn(simulator).length >= 9);
    const at = point === 'start' ? ('start' as const) : point === 'nextSlices' ? completed('nextSlices') : ((e: any) => e.eventType === 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED');
    const execution = await reset(temporal, workflow, at);
    const second = temporal.client.workflow.getHandle(runWorkflowId(rollcall.sync), execution);
    const end = await second.result().catch((e: unknown) => `${(e as Error).message} ${((e as Error).cause as Error)?.message}`);
    console.log(point, 'END', end, writesIn(simulator).length, Object.values(postsByLogin(simulator)).filter((n) => n !== 1).length);
    for (const e of (await fetchHistory(second)).events) console.log(e.eventId, e.eventType, JSON.stringify(e['startChildWorkflowExecutionFailedEventAttributes'] ?? e['childWorkflowExecutionStartedEventAttributes'] ?? '').slice(0, 200));
    for (const n of [1, 2, 3]) {
      const h = temporal.client.workflow.getHandle(`rollcall:${rollcall.sync}:${(await withState(rollcall, (s) => s.runs.list(rollcall.sync, 1)))[0]?.runId}:slice:${n}`);
      console.log('slice', n, await h.describe().then((d) => `${d.status.name} ${d.runId}`, (e: Error) => e.message));
    }
    console.log(await withState(rollcall, (s) => s.runs.list(rollcall.sync, 3)));
    console.log('CLIENT', JSON.stringify(await run));
  } finally {
    await stage.close();
  }
});
