import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approvalWorkflowId, runWorkflowId, sliceWorkflowId } from '../workflows/ids.ts';
import { crowd, loginOf } from './support/crowd.ts';
import { actionsIn, besidesTasks } from './support/history-figures.ts';
import { fetchHistory, membersNamed, payloadsIn, type KeptHistory } from './support/kept-histories.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { Stage } from './support/stage.ts';
import { connectTemporal, type TemporalClient } from './support/temporal.ts';

/** A slice of managers, then a full one and more. */
const PEOPLE = 345;
const FULL_SLICE = 320;
/** In both slices. */
const CHANGED = 325;
const RESULT_BYTES = 500;
const ERROR_BYTES = 1_000;
const SLICE_EVENTS = 2_000;
/**
 * What one changed user may cost in the history of his slice: today's figures and a twentieth more. Workflow tasks are left
 * out, since how many completions share one is a matter of speed; bytes are those of the events as JSON.
 */
const BUDGET = { events: 3.2, bytes: 1_850, actions: 1.15 };
/** The longest sentence Genesys could cause. */
const LONG = `${'x'.repeat(200)} `.repeat(40);

let staff: StaffDirectory;
let stage: Stage;
let temporal: TemporalClient;
let slices: KeptHistory[];
let all: KeptHistory[];

beforeAll(async () => {
  temporal = await connectTemporal();
  staff = await startOpenLdapStaff();
  const unit = await staff.unit('Many');
  await staff.add(unit, crowd(PEOPLE));
  stage = await Stage.open({
    directories: [staff.configuration([unit])],
    configuration: { safety: { firstRun: 'hold' } },
  });
  const held = (await stage.sync()).json;
  const holding = await historyOf(runWorkflowId(stage.rollcall.sync));
  stage.simulator.faults.add({
    effect: { kind: 'status', status: 400, scimType: 'invalidValue', message: LONG },
    method: 'POST',
    nth: 100,
    count: 5,
  });
  stage.simulator.faults.add({
    effect: { kind: 'status', status: 500, message: LONG },
    method: 'POST',
    nth: 200,
    count: 5,
  });
  const approve = ['approve', '--plan', held.heldBatch ?? '', '--wait', '--json'];
  const { runId } = (await stage.play<{ runId: string }>(...approve)).json;
  const { sync } = stage.rollcall;
  slices = await Promise.all([1, 2].map((slice) => historyOf(sliceWorkflowId(sync, runId, slice))));
  const approval = await historyOf(approvalWorkflowId(sync, held.heldBatch ?? ''));
  all = [...slices, holding, approval, await historyOf(runWorkflowId(sync))];
});

afterAll(async () => {
  await stage?.close();
  await temporal?.close();
  await staff?.stop();
});

function historyOf(workflowId: string): Promise<KeptHistory> {
  return fetchHistory(temporal.client.workflow.getHandle(workflowId));
}

/** Every member of these names in all histories, with the payloads in it decoded. */
function everywhere(...names: string[]): string[] {
  return names.flatMap((name) =>
    membersNamed(all, name).flatMap((member) => [JSON.stringify(member), ...payloadsIn(member)]),
  );
}

/** What names one of the people, among texts. */
function naming(texts: string[]): string[] {
  const names = crowd(PEOPLE).flatMap(({ login, name }) => [login, `${name}"`, `${name} `]);
  return texts.filter((text) => /ou=|dc=|@/i.test(text) || names.some((name) => text.includes(name)));
}

describe('a history', () => {
  test('of a full slice has at most 2,000 events, even if each completion wakes the workflow by itself', () => {
    const [, many] = slices;
    const events = (type: string): number =>
      (JSON.stringify(many).match(new RegExp(`EVENT_TYPE_${type}"`, 'g')) ?? []).length;
    const created = events('ACTIVITY_TASK_COMPLETED');
    expect(created).toBeGreaterThanOrEqual(FULL_SLICE);
    // At full speed completions share a workflow task of three events; at the usual pace each has its own.
    const others = (many?.events.length ?? 0) - 3 * events('WORKFLOW_TASK_COMPLETED');
    expect(others + 3 * created).toBeLessThanOrEqual(SLICE_EVENTS);
  });

  test('takes no more for a changed user than its budget', () => {
    const events = slices.flatMap((history) => besidesTasks(history));
    const actions = slices.reduce((sum, history) => sum + actionsIn(history), 0);
    // A worker's identity is as long as the name of its host.
    const bytes = Buffer.byteLength(
      JSON.stringify(events, (name, value: unknown) => (name === 'identity' ? '' : value)),
    );
    const cost = { events: events.length / CHANGED, bytes: bytes / CHANGED, actions: actions / CHANGED };
    expect(cost.events).toBeLessThanOrEqual(BUDGET.events);
    expect(cost.bytes).toBeLessThanOrEqual(BUDGET.bytes);
    expect(cost.actions).toBeLessThanOrEqual(BUDGET.actions);
  });

  test('holds no result over 500 bytes', () => {
    const results = [
      ...membersNamed(all, 'result'),
      ...membersNamed(all, 'details').filter((details) => typeof details === 'object'),
    ].flatMap(payloadsIn);
    expect(results.length).toBeGreaterThan(PEOPLE);
    expect(results.filter((result) => Buffer.byteLength(result) > RESULT_BYTES)).toEqual([]);
  });

  test('holds no error text over 1 kB', () => {
    const messages = membersNamed(all, 'message').filter((message) => typeof message === 'string');
    expect(messages).not.toEqual([]);
    expect(messages.filter((message) => Buffer.byteLength(message) > ERROR_BYTES)).toEqual([]);
  });

  test('names people in summaries, where people look for them', () => {
    expect(everywhere('userMetadata').filter((text) => text.includes(loginOf(7)))).not.toEqual([]);
  });

  test('names nobody in ids, queues, search attributes or memo, which are never encrypted', () => {
    const ids = ['workflowId', 'activityId', 'workflowType', 'activityType', 'normalName'];
    const open = everywhere(...ids, 'searchAttributes', 'memo', 'header');
    expect(open.length).toBeGreaterThan(PEOPLE);
    expect(naming(open)).toEqual([]);
  });
});
