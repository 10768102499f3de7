import { delimiter, dirname } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { applySchedule } from '../client/commands/schedule.ts';
import { runCommand } from '../tools/run-command.ts';
import { installedTemporal, ownTemporal } from '../tools/temporal-binary.ts';
import { runWorkflowId, scheduleWorkflowId } from '../workflows/ids.ts';
import type { RunProgress, SyncRunResult } from '../workflows/messages.ts';
import { here } from './support/here.ts';
import { blocks, page, section } from './support/pages.ts';
import { Stage } from './support/stage.ts';
import { startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';
import { connectTemporal, temporalAddress, type TemporalClient } from './support/temporal.ts';
import { until } from './support/until.ts';

vi.setConfig({ testTimeout: 180_000 });

/** Nine users at once, and slow ones: a run lasts long enough for a loaded machine to pause and stop it. */
const FEW_AT_ONCE = { requestsPerMinute: 360 };
const SLOW = { effect: { kind: 'slow', ms: 2_000 }, method: 'POST', count: null } as const;
const SCHEDULE = { delta: '0 3 * * *', full: '0 2 * * *', timezone: 'Europe/Berlin' };

let staff: StaffDirectory;
let stage: Stage;
let temporal: TemporalClient;
let unit: string;
let path: string;

beforeAll(async () => {
  temporal = await connectTemporal();
  const binary = (await installedTemporal()) ?? (await ownTemporal());
  path = `${dirname(binary)}${delimiter}${process.env['PATH'] ?? ''}`;
  staff = await startOpenLdapStaff();
  unit = await staff.unit('Staff');
  await staff.add(unit, [
    { login: 'ann.lee', name: 'Ann Lee' },
    { login: 'bob.frost', name: 'Bob Frost' },
  ]);
  stage = await Stage.open({
    directories: [staff.configuration([unit])],
    target: FEW_AT_ONCE,
    configuration: { safety: { firstRun: 'hold', creates: { floor: 1_000 } }, schedule: SCHEDULE },
  });
});

afterAll(async () => {
  await stage?.close();
  await Promise.all([temporal?.close(), staff?.stop()]);
});

/** The commands that the page shows below a heading, each with the variables before it. */
function commandsBelow(heading: string): string[] {
  const text = section(page('docs/operations.md'), heading);
  return blocks({ text }, 'sh').flatMap((block) =>
    block
      .replaceAll('\\\n', ' ')
      .trim()
      .split(/(?<=^temporal .*)\n/m),
  );
}

/** Types a command of the page into a shell, with names of this installation in place of the page's. */
async function type(command: string, named: Record<string, string> = {}): Promise<string> {
  const names = Object.entries({ corp: stage.rollcall.sync, ...named });
  const typed = names.reduce((text, [name, value]) => text.replaceAll(name, value), command);
  const env = { ...process.env, PATH: path, TEMPORAL_ADDRESS: temporalAddress() };
  const { status, output } = await runCommand('bash', ['-euc', typed], { env, timeoutMs: 60_000 });
  expect(status, `${typed}\n${output}`).toBe(0);
  return output;
}

async function typeAll(heading: string, named: Record<string, string> = {}): Promise<string> {
  const outputs: string[] = [];
  for (const command of commandsBelow(heading)) outputs.push(await type(command, named));
  return outputs.join('\n');
}

/** The end of the newest run of the sync. */
function ended(): Promise<SyncRunResult> {
  return temporal.client.workflow.getHandle(runWorkflowId(stage.rollcall.sync)).result() as Promise<SyncRunResult>;
}

const progress = (): Promise<RunProgress> =>
  temporal.client.workflow.getHandle(runWorkflowId(stage.rollcall.sync)).query<RunProgress>('progress');

test('the commands of the page start a run, follow it and approve what it held', async () => {
  await typeAll('Start a run');
  const { heldBatch } = await ended();
  const told = await typeAll('Where it stands, how it ended');
  expect(told).toContain(heldBatch);
  expect(told).toContain('"phase":"done"');
  expect(await typeAll('Approve or reject', { HASH: heldBatch ?? '' })).toContain('runId');
  await until('both are created', () => stage.simulator.users().length === 2);
  expect((await ended()).outcome).toBe('completed');
});

test('the command of the page brings one person in step', async () => {
  await staff.change(staff.dn('ann.lee', unit), { title: 'Lead' });
  await staff.change(staff.dn('bob.frost', unit), { title: 'Lead' });
  const ann = stage.user('ann.lee');
  await typeAll('One person at once', { '0a000000-0000-4000-8000-000000000001': String(ann['externalId']) });
  await until('Ann has her title', () => stage.user('ann.lee')['title'] === 'Lead');
  expect(stage.user('bob.frost')['title']).not.toBe('Lead');
});

test('the commands of the page pause, resume and stop a run, and its schedules', async () => {
  await here(stage, applySchedule);
  await staff.add(
    unit,
    Array.from({ length: 60 }, (_, index) => ({ login: `agent${index}`, name: `Agent ${index}` })),
  );
  stage.simulator.faults.add(SLOW);
  await typeAll('Start a run');
  await until('the run writes', async () => (await progress()).phase === 'applying');
  const [pause = '', resume = '', ...schedule] = commandsBelow('Pause and resume a run');
  await type(pause);
  await until('it is paused', async () => (await progress()).paused?.by === 'ann');
  await type(resume);
  await until('it goes on', async () => (await progress()).paused === null);
  await typeAll('Stop a run');
  await expect(ended()).rejects.toThrow('Workflow execution cancelled');
  for (const command of schedule) await type(command);
  expect(await typeAll('Schedules')).toContain('change 4711');
  const started = `WorkflowId STARTS_WITH "${scheduleWorkflowId(stage.rollcall.sync, 'full')}"`;
  await until('the triggered run began', async () => (await temporal.client.workflow.count(started)).count === 1);
});
