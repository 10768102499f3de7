import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CHANGE_KINDS } from '../model/change.ts';
import type { PlanReport, RunReport } from '../model/run.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { type Played, Stage, type StageOptions } from './support/stage.ts';
import { type Colleague, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let directory: StaffDirectory;
const stages: Stage[] = [];

beforeAll(async () => {
  directory = await startOpenLdapStaff();
});

afterAll(async () => {
  await Promise.all(stages.map((stage) => stage.close()));
  await directory?.stop();
});

const people = (count: number): Colleague[] =>
  Array.from({ length: count }, (_, index) => ({ login: `agent${index}`, name: `Agent ${index}`, title: 'Agent' }));

async function open(name: string, staff: Colleague[], options: Partial<StageOptions> = {}) {
  const unit = await directory.unit(name);
  await directory.add(unit, staff);
  const stage = await Stage.open({ directories: [directory.configuration([unit])], ...options });
  stages.push(stage);
  return { unit, stage };
}

/** What a dry run must tell exactly as the real run would. */
function fate({ status, json }: Played<RunReport>) {
  const { outcome, error, directory: read, unchanged, changes } = json;
  const numbers = CHANGE_KINDS.map((kind) => ({
    kind,
    planned: changes[kind].planned,
    parked: changes[kind].parked,
    held: changes[kind].held,
  }));
  return { status, outcome, error, read, unchanged, numbers };
}

/** A dry run that writes nothing and applies nothing. */
async function dryRun(stage: Stage): Promise<Played<RunReport>> {
  const before = stage.simulator.users();
  const played = await stage.sync('--dry-run');
  expect(played.json).toMatchObject({ mode: 'full', dryRun: true, requests: { write: 0 } });
  expect(CHANGE_KINDS.map((kind) => played.json.changes[kind].applied)).toEqual(CHANGE_KINDS.map(() => 0));
  expect(played.writes).toEqual([]);
  expect(stage.simulator.users()).toEqual(before);
  return played;
}

describe('a dry run of a plan that goes ahead', () => {
  let stage: Stage;
  let unit: string;

  beforeAll(async () => {
    ({ stage, unit } = await open('Ahead', people(20)));
  });

  test('tells what would be written, and its whole plan can be approved as it is', async () => {
    const dry = await dryRun(stage);
    expect(dry).toMatchObject({
      status: 0,
      json: { outcome: 'completed', changes: { create: { planned: 20, held: 0 } } },
    });
    const plan = await stage.rollcall.plan();
    expect(plan).toMatchObject({ heldBatch: dry.json.heldBatch });
    expect(plan.changes).toHaveLength(20);
    const approved = await stage.play<RunReport>('approve', '--plan', dry.json.heldBatch ?? '', '--wait', '--json');
    expect(approved.json).toMatchObject({ mode: 'approved', dryRun: false, outcome: 'completed' });
    expect(approved.json.changes.create).toEqual({ planned: 20, applied: 20, parked: 0, held: 0, superseded: 0 });
    expect(approved.status).toBe(0);
    expect(approved.writes.map(({ method }) => method)).toEqual(Array.from({ length: 20 }, () => 'POST'));
    expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
  });

  test('freezes nobody: the next real run does the same work and voids its plan', async () => {
    await directory.change(directory.dn('agent1', unit), { title: 'Team Lead' });
    await directory.remove(directory.dn('agent2', unit));
    // No login: this one is parked.
    await directory.change(directory.dn('agent3', unit), { mail: null });
    const dry = await dryRun(stage);
    const real = await stage.sync();
    expect(fate(dry)).toEqual(fate(real));
    expect(real).toMatchObject({ status: 3, json: { outcome: 'parked', heldBatch: null } });
    expect(real.json.changes).toMatchObject({
      update: { planned: 2, applied: 1, parked: 1 },
      deactivate: { planned: 1, applied: 1 },
    });
    expect(real.writes).toHaveLength(2);
    const late = await stage.rollcall.run('approve', '--plan', dry.json.heldBatch ?? '', '--wait', '--json');
    expect(late).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/not open any more \(void/) });
  });

  test('of nothing has no plan to approve', async () => {
    await directory.change(directory.dn('agent3', unit), { mail: 'agent3@corp.example' });
    const dry = await dryRun(stage);
    expect(dry).toMatchObject({ status: 0, json: { outcome: 'completed', heldBatch: null, unchanged: 19 } });
  });

  test('of a directory that cannot be read fails as the real run does', async () => {
    await stage.reconfigure({ directories: [directory.configuration([`ou=Nowhere,${directory.suffix}`])] });
    const dry = await dryRun(stage);
    const real = await stage.sync();
    expect(fate(dry)).toEqual(fate(real));
    expect(real).toMatchObject({ status: 1, json: { outcome: 'failed', heldBatch: null }, writes: [] });
  });
});

describe('a dry run of a plan that has to wait', () => {
  let stage: Stage;

  beforeAll(async () => {
    ({ stage } = await open('Waiting', people(5), { configuration: { safety: { firstRun: 'hold' } } }));
  });

  test('ends as held, like the real run, which makes a batch of its own', async () => {
    const dry = await dryRun(stage);
    const listed = await stage.play<PlanReport>('plan', '--json');
    expect(listed.json.heldBatch).toBe(dry.json.heldBatch);
    const real = await stage.sync();
    expect(fate(dry)).toEqual(fate(real));
    expect(real).toMatchObject({ status: 4, json: { outcome: 'held', changes: { create: { held: 5 } } }, writes: [] });
    expect(real.json.heldBatch).not.toBe(dry.json.heldBatch);
    const late = await stage.rollcall.run('approve', '--plan', dry.json.heldBatch ?? '');
    expect(late).toMatchObject({ status: 1, stderr: expect.stringMatching(/void/) });
  });

  test('beside an open batch leaves that alone', async () => {
    const { heldBatch } = await stage.rollcall.plan();
    const dry = await dryRun(stage);
    expect(dry).toMatchObject({ status: 0, json: { outcome: 'completed', changes: { create: { held: 5 } } } });
    const approved = await stage.play<RunReport>('approve', '--plan', heldBatch ?? '', '--wait', '--json');
    expect(approved).toMatchObject({ status: 0, json: { changes: { create: { applied: 5 } } } });
    expect(approved.writes).toHaveLength(5);
  });
});
