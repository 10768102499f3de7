import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunReport } from '../model/run.ts';
import type { ParkedRow } from '../state/state.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { Stage, type StageOptions } from './support/stage.ts';
import { type Colleague, MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const address = (login: string): string => `${login}@${MAIL_DOMAIN}`;

let directory: StaffDirectory;
const stages: Stage[] = [];

beforeAll(async () => {
  directory = await startOpenLdapStaff();
});

afterAll(async () => {
  await Promise.all(stages.map((stage) => stage.close()));
  await directory?.stop();
});

const colleagues = (...logins: string[]): Colleague[] =>
  logins.map((login) => ({ login, name: `The ${login} one`, title: 'Agent' }));

async function open(name: string, staff: Colleague[], options: Partial<StageOptions> = {}) {
  const unit = await directory.unit(name);
  await directory.add(unit, staff);
  const stage = await Stage.open({ directories: [directory.configuration([unit])], ...options });
  stages.push(stage);
  return { unit, stage, dn: (login: string) => directory.dn(login, unit) };
}

describe('people who cannot be created', () => {
  let stage: Stage;
  let unit: string;
  let dn: (login: string) => string;

  const parked = async (): Promise<ParkedRow[]> => (await stage.play<ParkedRow[]>('parked', '--json')).json;

  beforeAll(async () => {
    ({ stage, unit, dn } = await open('Parked', colleagues('ann', 'bob', 'nologin', 'twin1', 'twin2')));
    await directory.change(dn('nologin'), { mail: null });
    await directory.change(dn('twin1'), { mail: address('twin') });
    await directory.change(dn('twin2'), { mail: address('Twin') });
  });

  test('are parked with attribute and DN named, and the others go on', async () => {
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({
      outcome: 'parked',
      directory: { read: 5, inScope: 5, invalid: 1, complete: true },
      changes: { create: { planned: 5, applied: 2, parked: 3, held: 0 } },
    });
    expect({ status, writes: writes.length }).toEqual({ status: 3, writes: 2 });
    const rows = await parked();
    expect(
      rows.map((row) => [row.dn, row.kind, row.code]).toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
    ).toEqual([
      [dn('nologin'), 'create', 'identity.invalid-entry'],
      [dn('twin1'), 'create', 'identity.login-taken'],
      [dn('twin2'), 'create', 'identity.login-taken'],
    ]);
    expect(rows.find((row) => row.dn === dn('nologin'))?.message).toMatch(/userName/);
    const twins = rows.filter(({ code }) => code === 'identity.login-taken').map(({ message }) => message);
    expect(twins).toEqual([expect.stringMatching(/same login/), expect.stringMatching(/same login/)]);
    expect(rows.every(({ nextAttemptAt, lastAt, attempts }) => nextAttemptAt > lastAt && attempts === 1)).toBe(true);
    const list = await stage.rollcall.run('parked');
    expect(list).toMatchObject({ status: 0, stdout: expect.stringContaining(dn('nologin')) });
  });

  test('are retried alone by retry-failed', async () => {
    await directory.change(dn('nologin'), { mail: address('nologin') });
    await directory.change(dn('ann'), { title: 'Team Lead' });
    const { status, json, writes } = await stage.play<RunReport>('retry-failed', '--wait', '--json');
    expect(json).toMatchObject({ mode: 'parked', outcome: 'parked', directory: { read: 3, invalid: 0 } });
    expect(json.changes.create).toMatchObject({ planned: 3, applied: 1, parked: 2 });
    expect({ status, writes: writes.map(({ method }) => method) }).toEqual({ status: 3, writes: ['POST'] });
    expect((await parked()).map(({ attempts }) => attempts)).toEqual([2, 2]);
  });

  test('are created once the directory is right, and nothing stays parked', async () => {
    await directory.change(dn('twin2'), { mail: address('twin2') });
    const { status, json, writes } = await stage.play<RunReport>('retry-failed', '--wait', '--json');
    expect(json).toMatchObject({
      mode: 'parked',
      outcome: 'completed',
      changes: { create: { applied: 2, parked: 0 } },
    });
    expect({ status, writes: writes.length }).toEqual({ status: 0, writes: 2 });
    expect(await parked()).toEqual([]);
    expect(await stage.rollcall.run('parked')).toMatchObject({ status: 0, stdout: 'Nothing is parked.\n' });
  });

  test('because a linked user has their login wait until it is free', async () => {
    await directory.add(unit, [{ login: 'intruder', name: 'Intruder', more: { mail: address('BOB') } }]);
    const run = await stage.sync();
    expect(run).toMatchObject({
      status: 3,
      json: { outcome: 'parked', changes: { create: { planned: 1, parked: 1 }, update: { applied: 1 } } },
    });
    expect(stage.patches(run.writes)).toEqual({ ann: [{ op: 'replace', path: 'title', value: 'Team Lead' }] });
    expect(await parked()).toMatchObject([
      { dn: dn('intruder'), message: expect.stringMatching(/belongs to The bob one/) },
    ]);
    expect(stage.user('bob')).toMatchObject({ displayName: 'The bob one', version: 1 });
  });
});

describe('an entry that becomes invalid', () => {
  test('is no leaver and clears nothing; its user waits for the correction', async () => {
    const { stage, dn } = await open('Invalid', colleagues('ann', 'bob'));
    expect(await stage.sync()).toMatchObject({ status: 0 });
    await directory.change(dn('ann'), { mail: null, title: null });
    const run = await stage.sync();
    expect(run).toMatchObject({
      status: 3,
      writes: [],
      json: { changes: { update: { parked: 1 }, deactivate: { planned: 0 } } },
    });
    expect(stage.user('ann')).toMatchObject({ state: 'active', title: 'Agent', version: 1 });
    await directory.change(dn('ann'), { mail: address('ann') });
    const next = await stage.sync();
    expect(next).toMatchObject({ status: 0, json: { outcome: 'completed' } });
    expect(stage.patches(next.writes)).toEqual({ ann: [{ op: 'remove', path: 'title' }] });
  });
});

describe('managers', () => {
  test('in a cycle are created first and tied by one PATCH in the same run; himself counts for nothing', async () => {
    const { stage, unit, dn } = await open('Cycle', colleagues('ann', 'bob', 'cem', 'self'));
    await directory.change(dn('ann'), { manager: dn('bob') });
    await directory.change(dn('bob'), { manager: dn('ann') });
    await directory.change(dn('cem'), { manager: dn('ann') });
    await directory.change(dn('self'), { manager: dn('self') });
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({ outcome: 'completed', changes: { create: { applied: 4 }, update: { applied: 1 } } });
    expect({ status, writes: writes.map(({ method }) => method) }).toEqual({
      status: 0,
      writes: ['POST', 'POST', 'POST', 'POST', 'PATCH'].toSorted((a, b) => (a === b ? 0 : a === 'POST' ? -1 : 1)),
    });
    const expected = await expectedUsers(directory, unit);
    // The oracle takes the directory at its word; nobody can be his own manager.
    expect(shownUsers(stage.simulator)).toEqual(
      expected.map((user) => (user.manager === user.externalId ? { ...user, manager: null } : user)),
    );
    expect(Object.values(stage.patches(writes))).toEqual([
      [
        {
          op: expect.stringMatching(/add|replace/),
          path: `${ENTERPRISE}:manager`,
          value: { value: expect.any(String) },
        },
      ],
    ]);
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
  });
});

describe('protected users', () => {
  test('are never created, changed or deactivated, by login or by role', async () => {
    const { stage, dn } = await open('Protected', colleagues('breakglass', 'ruler', 'boss', 'ann'), {
      target: { protect: { userNames: ['BreakGlass@*', 'ru*r@corp.example'], roles: ['master admin'] } },
    });
    stage.simulator.seed([{ userName: address('breakglass'), title: 'Emergency' }]);
    const first = await stage.sync();
    expect(first).toMatchObject({
      status: 0,
      json: { outcome: 'completed', changes: { create: { planned: 2, applied: 2 } } },
    });
    const boss = stage.user('boss');
    stage.simulator.edit(boss.id, { roles: [...boss.roles, { value: 'Master Admin' }] });
    await directory.change(dn('boss'), { title: 'President' });
    await directory.change(dn('breakglass'), { title: 'Agent' });
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
    await directory.remove(dn('boss'));
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
    expect(stage.user('boss')).toMatchObject({ state: 'active', title: 'Agent' });
    expect(stage.user('breakglass')).toMatchObject({ state: 'active', title: 'Emergency', version: 1 });
  });
});

describe('values that somebody changed in Genesys Cloud', () => {
  test('are told, put back or left, as target.drift says, and are never in the way of others', async () => {
    const { stage, dn } = await open('Drift', colleagues('ann', 'bob'), { target: { drift: 'report' } });
    expect(await stage.sync()).toMatchObject({ status: 0 });
    const { id } = stage.user('ann');
    stage.simulator.edit(id, { title: 'Queen', department: 'Palace' });
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [], json: { unchanged: 2 } });
    await directory.change(dn('ann'), { employeeNumber: '4711' });
    const told = await stage.sync();
    expect(stage.patches(told.writes)).toEqual({
      ann: [{ op: expect.stringMatching(/add|replace/), path: `${ENTERPRISE}:employeeNumber`, value: '4711' }],
    });

    await stage.reconfigure({ target: { drift: 'respect' } });
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
    expect(stage.user('ann')).toMatchObject({ title: 'Queen', department: 'Palace' });

    await stage.reconfigure({ target: { drift: 'restore' } });
    const restored = await stage.sync();
    expect(restored).toMatchObject({ status: 0, json: { changes: { update: { applied: 1 } } } });
    expect(stage.patches(restored.writes)).toEqual({ ann: [{ op: 'replace', path: 'title', value: 'Agent' }] });
    // The directory says nothing about the department: that is nobody's value but the administrator's.
    expect(stage.user('ann')).toMatchObject({ title: 'Agent', department: 'Palace', employeeNumber: '4711' });
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
  });
});
