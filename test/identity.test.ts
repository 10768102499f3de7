import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunReport } from '../model/run.ts';
import type { SimUser } from '../simulator/start.ts';
import type { ParkedRow } from '../state/state.ts';
import { Stage } from './support/stage.ts';
import { type Colleague, MAIL_DOMAIN, startOpenLdapStaff, type StaffDirectory } from './support/staff-directory.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const address = (login: string): string => `${login}@${MAIL_DOMAIN}`;
const person = (login: string, more: Partial<Colleague> = {}): Colleague => ({
  login,
  name: `The ${login} one`,
  ...more,
});

let directory: StaffDirectory;
let stage: Stage;
let unit: string;
const dn = (login: string): string => directory.dn(login, unit);

beforeAll(async () => {
  directory = await startOpenLdapStaff();
  unit = await directory.unit('Identity');
  const strangers = ['visitor', 'sleeper', 'numbered', 'foreign'].map((login) =>
    person(login, { number: `7-${login}` }),
  );
  const staff = ['ann', 'bob', 'cem', 'eva', 'fay'].map((login) => person(login));
  await directory.add(unit, [...staff, ...strangers]);
  stage = await Stage.open({ directories: [directory.configuration([unit])] });
});

afterAll(async () => {
  await stage?.close();
  await directory?.stop();
});

/** The user who is called so: display names stay when logins change hands. */
function named(login: string): SimUser {
  const found = stage.simulator.users().find(({ displayName }) => displayName === `The ${login} one`);
  if (found === undefined) throw new Error(`the simulator has no user called after ${login}`);
  return found;
}

async function parkedDns(): Promise<string[]> {
  const { json } = await stage.play<ParkedRow[]>('parked', '--json');
  return json
    .filter(({ code }) => code === 'identity.login-taken')
    .map((row) => row.dn)
    .toSorted();
}

describe('Genesys users whom nobody manages', () => {
  let held: string;

  test('are taken over by their login; whatever is odd about one waits for a person', async () => {
    stage.simulator.seed([
      { userName: address('visitor'), displayName: 'Visitor' },
      { userName: address('sleeper'), displayName: 'Sleeper', state: 'inactive' },
      { userName: address('numbered'), displayName: 'Numbered', employeeNumber: '4711' },
      { userName: address('foreign'), displayName: 'Foreign', externalIds: [{ authority: 'hr', value: '12' }] },
    ]);
    const { status, json } = await stage.sync();
    expect(json).toMatchObject({
      outcome: 'held',
      changes: { create: { applied: 5 }, adopt: { planned: 4, applied: 1, held: 3 } },
    });
    expect(status).toBe(4);
    expect(named('visitor')).toMatchObject({ userName: address('visitor'), employeeNumber: '7-visitor' });
    expect(stage.user('numbered')).toMatchObject({ displayName: 'Numbered', employeeNumber: '4711' });
    held = json.heldBatch ?? '';
  });

  test('are taken over with what makes them odd when that is approved', async () => {
    const { json } = await stage.play<RunReport>('approve', '--plan', held, '--wait', '--json');
    expect(json).toMatchObject({ mode: 'approved', outcome: 'completed', changes: { adopt: { applied: 3 } } });
    expect(named('sleeper')).toMatchObject({ state: 'active', userName: address('sleeper') });
    expect(named('foreign').externalIds).toContainEqual({ authority: 'hr', value: '12' });
  });
});

describe('logins that change hands', () => {
  test('are swapped, and passed on to a newcomer, in one run and without a conflict', async () => {
    await directory.change(dn('ann'), { mail: address('bob'), title: 'Lead' });
    await directory.change(dn('bob'), { mail: address('ann') });
    await directory.change(dn('cem'), { mail: address('fay') });
    await directory.change(dn('fay'), { mail: address('fay.ray') });
    await directory.add(unit, [person('zoe', { more: { mail: address('cem') } })]);
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({ outcome: 'completed', changes: { create: { applied: 1 } } });
    expect(json.changes.update).toMatchObject({ planned: 5, applied: 5 });
    expect(writes.filter((write) => (write.status ?? 0) >= 400)).toEqual([]);
    expect(status).toBe(0);
    const logins = ['ann', 'bob', 'cem', 'fay', 'zoe'].map((name) => named(name).userName);
    expect(logins).toEqual(['bob', 'ann', 'fay', 'fay.ray', 'cem'].map(address));
    expect(named('ann').title).toBe('Lead');
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
  });

  test('are given to neither of two newcomers, nor taken from somebody disabled without a word', async () => {
    await directory.add(unit, [
      person('twin1', { more: { mail: address('twin') } }),
      person('twin2', { more: { mail: address('twin') } }),
      person('eve', { more: { mail: address('eva') } }),
    ]);
    await directory.setEnabled(dn('eva'), false);
    const { status, json } = await stage.sync();
    expect(json).toMatchObject({
      outcome: 'held',
      changes: {
        create: { planned: 2, parked: 2 },
        recycle: { planned: 1, held: 1 },
        deactivate: { planned: 1, applied: 1 },
      },
    });
    expect(status).toBe(4);
    expect(await parkedDns()).toEqual([dn('twin1'), dn('twin2')]);
    expect(named('eva')).toMatchObject({ state: 'inactive', userName: address('eva') });
    const plan = await stage.play<{ changes: { kind: string; reason: string }[] }>('plan', '--json');
    expect(plan.json.changes).toMatchObject([
      { kind: 'recycle', reason: expect.stringMatching(/The eva one is disabled/) },
    ]);
  });

  test('are handed over when that is approved: the old user is retired and a new one made', async () => {
    const { id } = named('eva');
    const { heldBatch: hash } = (await stage.play<{ heldBatch: string }>('plan', '--json')).json;
    const { json } = await stage.play<RunReport>('approve', '--plan', hash, '--wait', '--json');
    expect(json).toMatchObject({ outcome: 'completed', changes: { recycle: { planned: 1, applied: 1 } } });
    expect(json.changes.deactivate.planned).toBe(0);
    expect(named('eva')).toMatchObject({ id, state: 'inactive', userName: expect.stringMatching(/^retired-/) });
    expect(named('eve')).toMatchObject({ state: 'active', userName: address('eva') });
  });
});

test('somebody who has a user gets the login of who is gone at once, and of who is disabled when that is approved', async () => {
  const [visitor, foreign, sleeper, numbered] = ['visitor', 'foreign', 'sleeper', 'numbered'].map(
    (login) => stage.user(login).id,
  );
  await directory.remove(dn('visitor'));
  await directory.change(dn('foreign'), { mail: address('visitor') });
  await directory.setEnabled(dn('sleeper'), false);
  await directory.change(dn('numbered'), { mail: address('sleeper') });
  const { status, json, writes } = await stage.sync();
  expect(json.changes).toMatchObject({
    recycle: { planned: 2, applied: 1, held: 1 },
    update: { planned: 2, applied: 1, held: 1 },
    deactivate: { planned: 1, applied: 1 },
  });
  expect(status).toBe(4);
  const refused = (all: typeof writes) => all.filter((write) => (write.status ?? 0) >= 400);
  expect(refused(writes)).toEqual([]);
  const byId = (id = ''): SimUser | undefined => stage.simulator.users().find((user) => user.id === id);
  expect(byId(visitor)).toMatchObject({ state: 'inactive', userName: expect.stringMatching(/^retired-/) });
  expect(byId(foreign)).toMatchObject({ state: 'active', userName: address('visitor') });
  expect(byId(sleeper)).toMatchObject({ state: 'inactive', userName: address('sleeper') });
  const plan = await stage.play<{ changes: { kind: string; reason: string }[] }>('plan', '--json');
  expect(plan.json.changes).toMatchObject([
    {
      kind: 'recycle',
      reason: expect.stringMatching(/^the login goes to .*is disabled and had another employeeNumber/),
    },
    {
      kind: 'update',
      reason: expect.stringMatching(
        /the login was that of .*, who is disabled and had another employeeNumber.*; he is retired first/,
      ),
    },
  ]);
  const approve = ['approve', '--plan', json.heldBatch ?? '', '--wait', '--json'];
  const approved = await stage.play<RunReport>(...approve);
  expect(approved).toMatchObject({ status: 0, json: { changes: { recycle: { applied: 1 }, update: { applied: 1 } } } });
  expect(refused(approved.writes)).toEqual([]);
  expect(byId(sleeper)).toMatchObject({ state: 'inactive', userName: expect.stringMatching(/^retired-/) });
  expect(byId(numbered)).toMatchObject({ state: 'active', userName: address('sleeper') });
  const nothing = { planned: 0 };
  const again = await stage.sync();
  expect(again).toMatchObject({ writes: [], json: { changes: { recycle: nothing, update: nothing } } });
});

describe('numbered logins', () => {
  test('are given in order where the configuration says so, and never taken away again', async () => {
    await stage.reconfigure({ configuration: { identity: { onTakenLogin: 'suffix' } } });
    const { json, writes } = await stage.sync();
    expect(json.changes.create).toMatchObject({ planned: 2, applied: 2 });
    expect(writes.filter((write) => (write.status ?? 0) >= 400)).toEqual([]);
    const twins = ['twin1', 'twin2'];
    const logins = twins.map((name) => named(name).userName);
    expect(logins.toSorted()).toEqual([address('twin'), address('twin_1')]);
    const numbered = twins.find((name) => named(name).userName === address('twin_1')) ?? '';
    const plain = twins.find((name) => name !== numbered) ?? '';
    await directory.remove(dn(plain));
    await directory.change(dn(numbered), { title: 'Agent' });
    const next = await stage.sync();
    expect(next.json.changes).toMatchObject({ update: { applied: 1 }, deactivate: { applied: 1 } });
    expect(named(numbered)).toMatchObject({ userName: address('twin_1'), title: 'Agent' });
    await directory.change(dn(numbered), { mail: address('twin.ray') });
    await stage.sync();
    expect(named(numbered).userName).toBe(address('twin.ray_1'));
  });
});

test('a newcomer waits with the person whose login he takes, when that change is over a limit', async () => {
  const safety = { firstRun: 'apply', updates: { max: 0, floor: 0 } };
  await stage.reconfigure({ configuration: { safety } });
  await directory.change(dn('fay'), { mail: address('fay.two') });
  await directory.add(unit, [person('kim', { more: { mail: address('fay.ray') } }), person('lee')]);
  const { status, json } = await stage.sync();
  expect(json.changes).toMatchObject({ update: { planned: 1, held: 1 }, create: { planned: 2, applied: 1, held: 1 } });
  expect(status).toBe(4);
  const { changes } = (await stage.play<{ changes: { kind: string; userName: string }[] }>('plan', '--json')).json;
  expect(changes.map(({ userName }) => userName).toSorted()).toEqual([address('fay.ray'), address('fay.two')]);
});

test('a directory that gives everybody another anchor is a failed read, and nothing is planned', async () => {
  const people = await directory.asAdmin(async (client) => {
    const { searchEntries } = await client.search(unit, { filter: '(uid=*)', attributes: ['uid', 'mail'] });
    for (const entry of searchEntries) await client.del(entry.dn);
    return searchEntries.map((entry) => person(String(entry['uid']), { more: { mail: String(entry['mail']) } }));
  });
  expect(people.length).toBeGreaterThan(10);
  await directory.add(unit, people);
  const { status, json, writes } = await stage.sync();
  expect({ status, outcome: json.outcome, writes }).toEqual({ status: 1, outcome: 'failed', writes: [] });
  expect(json.error).toMatch(/gave 1\d linked people new anchors.*rebind --by employeeNumber/);
  expect(json.changes.create.planned + json.changes.rebind.planned + json.changes.deactivate.planned).toBe(0);
});
