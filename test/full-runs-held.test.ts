import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PlanReport, RunReport } from '../model/run.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { Stage, type StageOptions } from './support/stage.ts';
import { type Colleague, MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';

const PEOPLE = 200;
const HOLD = { safety: { firstRun: 'hold' } };
const WRONG_HASH = '0'.repeat(64);

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

const people = (count: number, name = 'agent'): Colleague[] =>
  Array.from({ length: count }, (_, index) => ({
    login: `${name}${index}`,
    name: `Agent ${index}`,
    title: 'Agent',
    ...(index === 0 ? {} : { manager: `${name}${Math.floor((index - 1) / 6)}` }),
  }));

/** A stage over a unit of its own with these people. */
async function open(name: string, staff: Colleague[], options: Partial<StageOptions> = {}) {
  const unit = await directory.unit(name);
  await directory.add(unit, staff);
  const stage = await Stage.open({ directories: [directory.configuration([unit])], configuration: HOLD, ...options });
  stages.push(stage);
  return { unit, stage };
}

/** A refusal: exit 1, nothing on stdout, one sentence on stderr. */
async function expectRefusal(stage: Stage, args: string[], reason: RegExp): Promise<void> {
  const { status, stdout, stderr } = await stage.rollcall.run(...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^[A-Z][^\n]*\.\n$/);
  expect(stderr).toMatch(reason);
}

describe('the first plan', () => {
  let stage: Stage;
  let unit: string;
  let hash: string;

  beforeAll(async () => {
    ({ stage, unit } = await open('First', people(PEOPLE)));
  });

  test('waits as a whole: exit 4 and no write', async () => {
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({
      mode: 'full',
      outcome: 'held',
      error: null,
      heldBatch: expect.stringMatching(/^\w{64}$/),
    });
    expect(json.changes.create).toEqual({ planned: PEOPLE, applied: 0, parked: 0, held: PEOPLE, superseded: 0 });
    expect({ status, writes }).toEqual({ status: 4, writes: [] });
    hash = json.heldBatch ?? '';
  });

  test('is listed by plan, person by person, with all that will be written', async () => {
    const { status, json, writes } = await stage.play<PlanReport>('plan', '--json');
    expect(status).toBe(0);
    expect(json.heldBatch).toBe(hash);
    const expected = await expectedUsers(directory, unit);
    const listed = json.changes.toSorted((a, b) => a.anchor.localeCompare(b.anchor));
    expect(listed.map(({ anchor, userName }) => ({ anchor, userName }))).toEqual(
      expected.map(({ externalId, userName }) => ({ anchor: externalId, userName })),
    );
    expect(new Set(json.changes.map(({ kind, before }) => JSON.stringify([kind, before])))).toEqual(
      new Set(['["create",null]']),
    );
    expect(listed.map(({ after }) => [after?.['displayName'], after?.['title'], after?.['active']])).toEqual(
      expected.map(({ displayName, title }) => [displayName, title, true]),
    );
    expect(writes).toEqual([]);
  });

  test('is shown to people as well', async () => {
    const { status, stdout } = await stage.rollcall.run('plan');
    expect(status).toBe(0);
    expect(stdout).toContain(`create agent7@${MAIL_DOMAIN}`);
    expect(stdout).toContain(`approve --plan ${hash}`);
  });

  test('freezes its people: a later run counts them as held and is done', async () => {
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({
      outcome: 'completed',
      heldBatch: null,
      changes: { create: { held: PEOPLE, applied: 0 } },
    });
    expect({ status, writes }).toEqual({ status: 0, writes: [] });
  });

  test('is approved by its hash alone', async () => {
    await expectRefusal(stage, ['approve', '--plan', WRONG_HASH, '--wait', '--json'], /no held batch/);
    expect(stage.simulator.users()).toEqual([]);
  });

  test('is applied as approved: who left meanwhile drops out, nobody joins', async () => {
    const leavers = [197, 198, 199].map((index) => directory.dn(`agent${index}`, unit));
    for (const dn of leavers) await directory.remove(dn);
    await directory.add(unit, people(2, 'newcomer'));
    await directory.change(directory.dn('agent150', unit), { title: 'Team Lead' });
    const { status, json, writes } = await stage.play<RunReport>(
      ...['approve', '--plan', hash, '--actor', 'carol', '--reason', 'checked', '--wait', '--json'],
    );
    expect(json).toMatchObject({ mode: 'approved', outcome: 'completed', error: null, heldBatch: null });
    expect(json.changes.create).toMatchObject({ applied: PEOPLE - 3, parked: 0, held: 0 });
    expect(status).toBe(0);
    expect(writes.filter(({ method }) => method === 'POST')).toHaveLength(PEOPLE - 3);
    expect(writes).toHaveLength(PEOPLE - 3);
    const expected = await expectedUsers(directory, unit);
    expect(shownUsers(stage.simulator)).toEqual(expected.filter(({ userName }) => !userName.startsWith('newcomer')));
  });

  test('is decided once', async () => {
    await expectRefusal(stage, ['approve', '--plan', hash], /not open any more \(approved by carol\)/);
    await expectRefusal(stage, ['reject', '--plan', hash, '--json'], /not open any more \(approved by carol\)/);
  });

  test('leaves the others to the next run', async () => {
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({ outcome: 'completed', changes: { create: { planned: 2, applied: 2, held: 0 } } });
    expect({ status, writes: writes.length }).toEqual({ status: 0, writes: 2 });
    expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(directory, unit));
  });
});

describe('a held batch', () => {
  let stage: Stage;

  const held = async (): Promise<string> => {
    const { status, json, writes } = await stage.sync();
    expect({ status, outcome: json.outcome, writes }).toEqual({ status: 4, outcome: 'held', writes: [] });
    expect(json.changes.create).toMatchObject({ planned: 3, held: 3 });
    return json.heldBatch ?? '';
  };

  beforeAll(async () => {
    ({ stage } = await open('Small', people(3, 'small')));
  });

  test('that is rejected writes nothing, and the same people are offered again', async () => {
    const hash = await held();
    const rejected = await stage.play('reject', '--plan', hash, '--reason', 'too early', '--json');
    expect(rejected).toMatchObject({
      status: 0,
      json: { heldBatch: hash, decision: 'rejected', runId: null },
      writes: [],
    });
    await expectRefusal(stage, ['approve', '--plan', hash, '--wait', '--json'], /not open any more \(rejected by/);
    expect(await held()).not.toBe(hash);
  });

  test('is void under another configuration', async () => {
    const { heldBatch: hash } = await stage.rollcall.plan();
    await stage.reconfigure({ configuration: { ...HOLD, defaultRegion: 'AT' } });
    await expectRefusal(
      stage,
      ['approve', '--plan', hash ?? ''],
      /no longer open: it was made under another configuration/,
    );
    const next = await held();
    expect(next).not.toBe(hash);
    await expectRefusal(
      stage,
      ['approve', '--plan', hash ?? ''],
      /not open any more \(void: it was made under another configuration\)/,
    );
    await stage.play('reject', '--plan', next, '--json');
  });

  test('that nobody decides expires, and the same people are offered again', async () => {
    await stage.reconfigure({ configuration: { safety: { firstRun: 'hold', approvalTimeout: '1s' } } });
    const hash = await held();
    await sleep(2_000);
    await expectRefusal(stage, ['approve', '--plan', hash, '--json'], /expired/);
    expect(await held()).not.toBe(hash);
    expect(stage.simulator.users()).toEqual([]);
  });
});
