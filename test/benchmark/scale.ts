import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { RunReport } from '../../model/run.ts';
import { runWorkflowId, taskQueue } from '../../workflows/ids.ts';
import type { SyncRunInput } from '../../workflows/messages.ts';
import { crowd } from '../support/crowd.ts';
import { chainOf, childrenIn, executionOf, type Execution, type HistoryFigures } from '../support/history-figures.ts';
import { membersNamed, payloadsIn } from '../support/kept-histories.ts';
import { startOpenLdapStaff } from '../support/staff-directory.ts';
import { Stage } from '../support/stage.ts';
import { connectTemporal, type TemporalClient } from '../support/temporal.ts';
import { postsByLogin, withState } from '../support/traces.ts';
import type { ScaleArguments } from './arguments.ts';
import { seconds, type Finding } from './finding.ts';
import { peakMemoryMb, processorMs } from './process-figures.ts';

/** So that a run of this size continues as new several times; without it, it would do so after 300 slices. */
const SLICES_PER_EXECUTION = 20;
const SLICE_EVENTS = 2_000;
const RUN_EVENTS = 4_096;
const RESULT_BYTES = 500;
const ERROR_BYTES = 1_000;

interface Measured {
  people: number;
  first: RunReport;
  runs: Execution[];
  slices: Execution[];
  /** Processor time of the worker in the first run. */
  workerMs: number;
  peakMb: number;
  full: RunReport;
  delta: RunReport;
}

/** A first run on a large directory against a target without limit, then a full run and a delta that find nothing to do. */
export async function measureScale({ people }: ScaleArguments): Promise<Finding> {
  const temporal = await connectTemporal();
  const staff = await startOpenLdapStaff();
  const unit = await staff.unit('People');
  await staff.load(unit, crowd(people));
  const stage = await Stage.open({ directories: [staff.configuration([unit])] });
  try {
    const worker = await pidOf(stage);
    const before = await processorMs(worker);
    const first = await firstRun(stage, temporal);
    const workerMs = (await processorMs(worker)) - before;
    tell(`first run: ${first.outcome} after ${seconds(first.durationMs)}`);
    const faults = faultsOfCreates(stage, people);
    const runs = await chainOf(temporal.client, first.workflowId);
    const slices: Execution[] = [];
    for (const id of runs.flatMap(({ history }) => childrenIn(history))) {
      slices.push(await executionOf(temporal.client, id));
    }
    const { json: full } = await stage.sync();
    tell(`full run without changes: ${full.outcome} after ${seconds(full.durationMs)}`);
    const { json: delta } = await stage.sync('--mode', 'delta');
    const measured = { people, first, runs, slices, workerMs, peakMb: await peakMemoryMb(worker), full, delta };
    return findingOf(measured, [...faults, ...faultsOf(measured)]);
  } finally {
    await Promise.all([stage.close(), temporal.close(), staff.stop()]);
  }
}

function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** By Temporal's own client, since no command lowers the slices of an execution. */
async function firstRun({ rollcall }: Stage, { client }: TemporalClient): Promise<RunReport> {
  const { sync } = rollcall;
  const input: SyncRunInput = {
    ...{ runId: randomUUID(), sync, mode: 'full', dryRun: false, actor: 'benchmark', batch: null },
    slicesPerExecution: SLICES_PER_EXECUTION,
  };
  const workflowId = runWorkflowId(sync);
  const handle = await client.workflow.start('syncRun', { workflowId, taskQueue: taskQueue(sync), args: [input] });
  try {
    await handle.result();
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause?.message : String(error);
    throw new Error(`The first run failed: ${cause}`, { cause: error });
  }
  const report = await withState(rollcall, (state) => state.runs.report(input.runId));
  if (report === null) throw new Error('The run left no report.');
  return report;
}

async function pidOf({ rollcall }: Stage): Promise<number> {
  const [worker] = await withState(rollcall, (state) => state.workers.list(rollcall.sync));
  if (worker === undefined) throw new Error('There is no worker.');
  return worker.pid;
}

function faultsOfCreates({ simulator }: Stage, people: number): string[] {
  const posts = Object.values(postsByLogin(simulator));
  const { active } = simulator.counts().users;
  const once = posts.length === people && posts.every((times) => times === 1) && active === people;
  return once ? [] : [`Not everybody was created just once: ${active} users after ${posts.length} logins' POSTs.`];
}

function faultsOf({ people, first, runs, slices, full, delta }: Measured): string[] {
  const histories = [...runs, ...slices].map(({ history }) => history);
  const details = membersNamed(histories, 'details').filter((one) => typeof one === 'object');
  const results = [...membersNamed(histories, 'result'), ...details].flatMap(payloadsIn);
  const errors = membersNamed(histories, 'message').filter((one) => typeof one === 'string');
  const quiet = [full, delta].every(
    ({ outcome, unchanged, requests }) => outcome === 'completed' && unchanged === people && requests.write === 0,
  );
  const claims: [boolean, string][] = [
    [first.changes.create.applied === people, 'The first run did not create everybody.'],
    [runs.length > 1 || slices.length <= SLICES_PER_EXECUTION, 'The run did not continue as new.'],
    [most(slices, 'events') < SLICE_EVENTS, `A slice has ${SLICE_EVENTS} events or more.`],
    [most(runs, 'events') < RUN_EVENTS, `An execution of the run has ${RUN_EVENTS} events or more.`],
    [results.every((one) => Buffer.byteLength(one) <= RESULT_BYTES), `A result is over ${RESULT_BYTES} bytes.`],
    [errors.every((one) => Buffer.byteLength(one) <= ERROR_BYTES), `An error text is over ${ERROR_BYTES} bytes.`],
    [quiet, 'A run without changes wrote, or did not find everybody unchanged.'],
  ];
  return claims.flatMap(([holds, fault]) => (holds ? [] : [fault]));
}

function findingOf(
  { people, first, runs, slices, workerMs, peakMb, full, delta }: Measured,
  faults: string[],
): Finding {
  const all = [...runs, ...slices];
  const perUser = (of: keyof HistoryFigures): string => (sum(all, of) / people).toFixed(2);
  const told = ({ durationMs, requests }: RunReport): string =>
    `${seconds(durationMs)}, ${requests.read} reads, ${requests.write} writes`;
  return {
    figures: [
      ['people', String(people)],
      ['first run', told(first)],
      ['users a second, whole run', (people / (first.durationMs / 1_000)).toFixed(0)],
      ["worker's processor time a changed user", `${(workerMs / people).toFixed(1)} ms`],
      ['executions of the run, slices', `${runs.length}, ${slices.length}`],
      ['most events: of the run, of a slice', `${most(runs, 'events')}, ${most(slices, 'events')}`],
      ['most bytes: of the run, of a slice', `${most(runs, 'bytes')}, ${most(slices, 'bytes')}`],
      ['events a changed user', perUser('events')],
      ['bytes a changed user', perUser('bytes')],
      ['billable actions a changed user', perUser('actions')],
      ['full run without changes', told(full)],
      ['delta without changes', told(delta)],
      ["worker's peak memory", `${peakMb.toFixed(0)} MB`],
    ],
    faults,
  };
}

function most(executions: Execution[], of: keyof HistoryFigures): number {
  return Math.max(...executions.map((one) => one[of]));
}

function sum(executions: Execution[], of: keyof HistoryFigures): number {
  return executions.reduce((total, one) => total + one[of], 0);
}
