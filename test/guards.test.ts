import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ChangeKind } from '../model/change.ts';
import type { RunReport } from '../model/run.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { type Played, Stage } from './support/stage.ts';
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

const people = (count: number, name = 'agent', title = 'Agent'): Colleague[] =>
  Array.from({ length: count }, (_, index) => ({ login: `${name}${index}`, name: `Agent ${index}`, title }));

/** A stage whose people are all in Genesys Cloud already. */
async function open(name: string, staff: Colleague[], safety: Record<string, unknown>) {
  const unit = await directory.unit(name);
  await directory.add(unit, staff);
  const stage = await Stage.open({
    directories: [directory.configuration([unit])],
    configuration: { safety: { firstRun: 'apply', ...safety } },
  });
  stages.push(stage);
  expect(await stage.sync()).toMatchObject({ status: 0, json: { changes: { create: { applied: staff.length } } } });
  return { unit, stage, dn: (login: string) => directory.dn(login, unit) };
}

/** A run in which changes of these kinds wait, and the others went ahead. */
function expectHeld(run: Played<RunReport>, held: Partial<Record<ChangeKind, number>>, applied: number): void {
  expect(run).toMatchObject({ status: 4, json: { outcome: 'held', heldBatch: expect.stringMatching(/^\w{64}$/) } });
  const { changes } = run.json;
  for (const [kind, count] of Object.entries(held)) {
    expect(changes[kind as ChangeKind]).toMatchObject({ planned: count, held: count, applied: 0 });
  }
  expect(run.writes).toHaveLength(applied);
}

/** A run in which nothing waits. */
function expectDone(run: Played<RunReport>, applied: number): void {
  expect(run).toMatchObject({ status: 0, json: { outcome: 'completed', error: null, heldBatch: null } });
  expect(run.writes).toHaveLength(applied);
}

const OFF = [{ op: 'replace', path: 'active', value: false }];
const NONE = { percent: 'none', floor: 0 };

describe('limits by number', () => {
  let stage: Stage;
  let unit: string;
  let dn: (login: string) => string;

  beforeAll(async () => {
    ({ stage, unit, dn } = await open('Numbers', people(20), {
      deactivations: { max: 3, window: '1h', ...NONE },
      creates: { max: 2, ...NONE },
      updates: { max: 2, ...NONE },
    }));
  });

  test('over the limit all deactivations wait, not only the surplus, and everything else goes on', async () => {
    for (const index of [16, 17, 18, 19]) await directory.remove(dn(`agent${index}`));
    await directory.add(unit, people(1, 'newcomer'));
    await directory.change(dn('agent0'), { title: 'Team Lead' });
    const run = await stage.sync();
    expectHeld(run, { deactivate: 4 }, 2);
    expect(run.json.changes).toMatchObject({ create: { applied: 1 }, update: { applied: 1 } });
    expect(stage.simulator.counts().users).toMatchObject({ active: 21, inactive: 0 });
  });

  test('a dry run beside the open batch ends as the real run does: the batch is no news', async () => {
    const { heldBatch } = await stage.rollcall.plan();
    await directory.change(dn('agent1'), { title: 'Team Lead' });
    const dry = await stage.sync('--dry-run');
    expect(dry).toMatchObject({ status: 0, json: { outcome: 'completed', changes: { deactivate: { held: 4 } } } });
    expect(dry.writes).toEqual([]);
    const real = await stage.sync();
    expectDone(real, 1);
    expect(real.json.changes.deactivate).toMatchObject({ planned: 4, held: 4 });
    expect(await stage.rollcall.plan()).toMatchObject({ heldBatch });
  });

  test('the approved deactivations are made, each by one PATCH', async () => {
    const { heldBatch, changes } = await stage.rollcall.plan();
    expect(changes.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => 'deactivate'));
    const run = await stage.play<RunReport>('approve', '--plan', heldBatch ?? '', '--wait', '--json');
    expectDone(run, 4);
    expect(run.json).toMatchObject({ mode: 'approved', changes: { deactivate: { planned: 4, applied: 4 } } });
    expect(stage.patches(run.writes)).toEqual({ agent16: OFF, agent17: OFF, agent18: OFF, agent19: OFF });
  });

  test('what was approved leaves the window free; what was not approved fills it, over all runs', async () => {
    for (const index of [14, 15]) await directory.setEnabled(dn(`agent${index}`), false);
    expectDone(await stage.sync(), 2);
    for (const index of [12, 13]) await directory.setEnabled(dn(`agent${index}`), false);
    const run = await stage.sync();
    expectHeld(run, { deactivate: 2 }, 0);
    const rejected = await stage.play('reject', '--plan', run.json.heldBatch ?? '', '--json');
    expect(rejected).toMatchObject({ status: 0, writes: [] });
    for (const index of [12, 13]) await directory.setEnabled(dn(`agent${index}`), true);
  });

  test('creates and updates over their limits wait each for themselves', async () => {
    await directory.add(unit, people(3, 'late'));
    await directory.change(dn('agent2'), { title: 'Team Lead' });
    const creates = await stage.sync();
    expectHeld(creates, { create: 3 }, 1);
    for (const index of [3, 4, 5]) await directory.change(dn(`agent${index}`), { title: 'Team Lead' });
    await directory.add(unit, people(1, 'later'));
    const updates = await stage.sync();
    // The three creates of the open batch do not count again.
    expectHeld(updates, { update: 3 }, 1);
    expect(updates.json.changes.create).toMatchObject({ planned: 4, held: 3, applied: 1 });
    for (const { heldBatch } of [creates.json, updates.json]) {
      expectDone(await stage.play<RunReport>('approve', '--plan', heldBatch ?? '', '--wait', '--json'), 3);
    }
    expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
    expectDone(await stage.sync(), 0);
  });
});

describe('limits by percent', () => {
  test('count from the floor on, over the rolling window, and hold several kinds in one batch', async () => {
    const { stage, unit, dn } = await open('Percent', people(20), {
      deactivations: { max: 50, percent: 1, floor: 2, window: '1h' },
      creates: { max: 50, percent: 10, floor: 1 },
      updates: { max: 50, percent: 10, floor: 1 },
    });
    for (const index of [18, 19]) await directory.remove(dn(`agent${index}`));
    expectDone(await stage.sync(), 2);
    await directory.remove(dn('agent17'));
    await directory.add(unit, people(2, 'newcomer'));
    await directory.change(dn('agent0'), { title: 'Team Lead' });
    const run = await stage.sync();
    expectHeld(run, { deactivate: 1, create: 2 }, 1);
    const approved = await stage.play<RunReport>('approve', '--plan', run.json.heldBatch ?? '', '--wait', '--json');
    expectDone(approved, 3);
    expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
  });
});

describe('a changed configuration', () => {
  test('holds the leavers that it causes however few they are, and lets real ones go', async () => {
    const { stage, unit, dn } = await open('Narrowed', [...people(4), ...people(2, 'clerk', 'Clerk')], {});
    const directories = [directory.configuration([unit], { filter: '(title=Agent)' })];
    await stage.reconfigure({ directories });
    await directory.change(dn('agent0'), { title: 'Agent', departmentNumber: 'Sales' });
    const run = await stage.sync();
    expectHeld(run, { deactivate: 2 }, 1);
    expect(run.json).toMatchObject({ directory: { read: 4, inScope: 4 }, changes: { update: { applied: 1 } } });
    expect(
      (await stage.rollcall.plan()).changes.map(({ userName }) => userName.split('@')[0] ?? '').toSorted(),
    ).toEqual(['clerk0', 'clerk1']);
    expect(stage.simulator.counts().users).toMatchObject({ active: 6, inactive: 0 });
    await directory.remove(dn('agent3'));
    const next = await stage.sync();
    expectDone(next, 1);
    expect(stage.patches(next.writes)).toEqual({ agent3: OFF });
    const approved = await stage.play<RunReport>('approve', '--plan', run.json.heldBatch ?? '', '--wait', '--json');
    expectDone(approved, 2);
    expect(stage.patches(approved.writes)).toEqual({ clerk0: OFF, clerk1: OFF });
  });
});

describe('an implausible read', () => {
  const safety = (more: Record<string, unknown>) => ({ configuration: { safety: { firstRun: 'apply', ...more } } });

  /** A run that fails by its read: nothing is planned, nobody is written. */
  async function expectFailedRead(stage: Stage, read: number, reason: RegExp): Promise<void> {
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(reason),
      directory: { read, inScope: read, invalid: 0, complete: false },
    });
    expect(Object.values(json.changes).map(({ planned }) => planned)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect({ status, writes }).toEqual({ status: 1, writes: [] });
  }

  let stage: Stage;
  let dn: (login: string) => string;
  let move: (logins: string[]) => Promise<unknown>;
  let back: (logins: string[]) => Promise<unknown>;

  beforeAll(async () => {
    let unit: string;
    ({ stage, unit, dn } = await open('Implausible', people(10), {}));
    const away = await directory.unit('Away');
    move = (logins) => Promise.all(logins.map((login) => directory.move(dn(login), away)));
    back = (logins) => Promise.all(logins.map((login) => directory.move(directory.dn(login, away), unit)));
    await stage.reconfigure(safety({ maximumDrop: 30, canaries: [dn('agent9').toUpperCase()] }));
  });

  test('that lacks a canary plans nothing', async () => {
    await move(['agent9']);
    await expectFailedRead(stage, 9, /lacks .*AGENT9.*safety\.canaries/);
    await back(['agent9']);
  });

  test('that is too much smaller than the last good one plans nothing, however often it is repeated', async () => {
    await move(['agent0', 'agent1', 'agent2', 'agent3']);
    await expectFailedRead(stage, 6, /6 entries in scope after 10 .*safety\.maximumDrop \(30 %\)/);
    await expectFailedRead(stage, 6, /6 entries in scope after 10/);
  });

  test('that is too small plans nothing; a plausible one goes on', async () => {
    await stage.reconfigure(safety({ minimumEntries: 7 }));
    await expectFailedRead(stage, 6, /6 entries in scope, fewer than safety\.minimumEntries \(7\)/);
    expect(stage.simulator.counts().users).toEqual({ active: 10, inactive: 0, deleted: 0 });
    await back(['agent0']);
    const run = await stage.sync();
    expectDone(run, 3);
    expect(stage.patches(run.writes)).toEqual({ agent1: OFF, agent2: OFF, agent3: OFF });
  });
});
