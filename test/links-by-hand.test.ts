import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { explain } from '../client/commands/explain.ts';
import { link, unlink, type Unlinked } from '../client/commands/link.ts';
import { rebind } from '../client/commands/rebind.ts';
import type { Explanation } from '../client/explain/explanation.ts';
import type { RunReport } from '../model/run.ts';
import type { AuditRow, ParkedRow } from '../state/state.ts';
import { anchorOf, expectedUsers, shownUsers } from './support/expected-users.ts';
import { here } from './support/here.ts';
import { Stage } from './support/stage.ts';
import { type Colleague, MAIL_DOMAIN, startOpenLdapStaff, type OpenLdapStaff } from './support/staff-directory.ts';
import { withState } from './support/traces.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const STAFF = ['ann', 'bob', 'cem', 'dan', 'eva', 'fay', 'gus', 'hal', 'ida', 'jim', 'kim', 'leo'];
const REASON = 'ticket 4711';

let staff: OpenLdapStaff;
let stage: Stage;
let unit: string;

const address = (login: string): string => `${login}@${MAIL_DOMAIN}`;
const dn = (login: string): string => staff.dn(login, unit);
const idOf = (login: string): string => stage.user(login).id;
const colleague = (login: string): Colleague => {
  const manager = STAFF[STAFF.indexOf(login) - 1];
  return { login, name: `The ${login} one`, number: `7-${login}`, ...(manager === undefined ? {} : { manager }) };
};

beforeAll(async () => {
  staff = await startOpenLdapStaff();
  unit = await staff.unit('People');
  await staff.add(unit, STAFF.map(colleague));
  stage = await Stage.open({ directories: [staff.configuration([unit])] });
  await stage.firstRun(STAFF.length);
});

afterAll(async () => {
  await stage?.close();
  await staff?.stop();
});

/** `link --wait --json`. */
async function tie(person: string, user: string, more: { dryRun?: boolean } = {}) {
  const from = stage.simulator.log.length;
  const options = { reason: REASON, actor: 'olga', wait: true, ...more };
  const ended = await here<RunReport>(stage, (common) => link({ ...common, ...options }, person, user));
  return { ...ended, writes: stage.writesSince(from) };
}

const untie = (person: string) =>
  here<Unlinked>(stage, (common) => unlink({ ...common, reason: REASON, actor: 'olga' }, person));

describe('a person whom the table would not tie to a user', () => {
  beforeAll(async () => {
    const old = { displayName: 'C. Old', externalIds: [{ authority: 'ldap-entryuuid', value: 'of-somebody-else' }] };
    stage.simulator.seed([{ userName: address('c.old'), state: 'inactive', ...old }]);
    await staff.add(unit, [{ login: 'mia', name: 'Mia New', number: '7-mia' }]);
  });

  test('is linked to him by hand: a dry run shows it, the run does it, explain and audit trail tell who and why', async () => {
    const user = idOf('c.old');
    const dry = await tie(dn('mia'), address('c.old'), { dryRun: true });
    expect(dry).toMatchObject({
      ...{ status: 0, writes: [] },
      json: { mode: 'provision', dryRun: true, heldBatch: null, changes: { adopt: { planned: 1, applied: 0 } } },
    });
    const real = await tie(dn('mia'), user);
    expect(real).toMatchObject({ status: 0, json: { outcome: 'completed', changes: { adopt: { applied: 1 } } } });
    expect(real.writes).toHaveLength(1);
    expect(stage.user('mia')).toMatchObject({ id: user, state: 'active', displayName: 'Mia New' });
    const { json } = await here<Explanation>(stage, (common) => explain(common, dn('mia')));
    expect(json.ties).toMatchObject([{ action: 'link', actor: 'olga', reason: REASON, genesysId: user }]);
    expect(json.changes).toMatchObject([{ kind: 'adopt', actor: 'olga', reason: `linked by hand: ${REASON}` }]);
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [], json: { unchanged: STAFF.length + 1 } });
  });

  test.each([
    ['who has one already', 'mia', 'ann', 'is linked to the Genesys user'],
    ['to somebody who is not there', 'mia2', 'nobody', 'has no user with that id or login'],
    ["to another person's user", 'mia2', 'ann', 'is linked to somebody else'],
  ])('is not linked: %s', async (_, person, user, sentence) => {
    if (person === 'mia2' && user === 'nobody') await staff.add(unit, [{ login: 'mia2', name: 'Mia Two' }]);
    const refused = await tie(dn(person), address(user));
    expect(refused).toMatchObject({ status: 1, writes: [], json: { outcome: 'failed' } });
    expect(refused.json.error).toContain(sentence);
    expect(refused.json.error).not.toContain('@');
  });
});

test('what was said by hand stands until the login is free', async () => {
  stage.simulator.seed([{ userName: address('n.old'), displayName: 'N. Old' }]);
  const user = idOf('n.old');
  await staff.change(dn('mia2'), { mail: address('ann') });
  const parked = await tie(dn('mia2'), user);
  expect(parked).toMatchObject({ status: 3, writes: [], json: { changes: { adopt: { parked: 1 } } } });
  const { json } = await here<Explanation>(stage, (common) => explain(common, dn('mia2')));
  expect(json.loginHolders).toMatchObject([{ userName: address('ann'), genesysId: idOf('ann') }]);
  expect(json.nextRun).toMatchObject({ kind: 'adopt', parked: { code: 'identity.login-taken' } });
  await staff.change(dn('mia2'), { mail: address('nia') });
  expect(await stage.sync('--mode', 'delta')).toMatchObject({
    status: 0,
    json: { changes: { adopt: { applied: 1 } } },
  });
  expect(idOf('nia')).toBe(user);
});

test('a user deleted in Genesys Cloud is made anew once somebody has approved it, and others point to the new one', async () => {
  const eva = idOf('eva');
  stage.simulator.set({ revival: 'new-id' });
  stage.simulator.edit(eva, { state: 'deleted' });
  await staff.change(dn('eva'), { title: 'Boss' });
  // A delta lists nobody and meets the deleted user in the middle of its write.
  expect(await stage.sync('--mode', 'delta')).toMatchObject({
    status: 3,
    json: { changes: { update: { parked: 1 } } },
  });
  const parked = await stage.play<ParkedRow[]>('parked', '--json');
  expect(parked.json).toMatchObject([{ code: 'genesys.not-found', message: expect.stringMatching(/next full run/) }]);
  const held = await stage.play<RunReport>('retry-failed', '--wait', '--json');
  expect(held).toMatchObject({ status: 4, writes: [], json: { changes: { create: { planned: 1, held: 1 } } } });
  expect(await stage.sync()).toMatchObject({ status: 0, writes: [], json: { changes: { create: { held: 1 } } } });
  const { json } = await here<Explanation>(stage, (common) => explain(common, dn('eva')));
  expect(json.nextRun).toMatchObject({ kind: 'create', held: [expect.stringMatching(/onDeletedUser is hold/)] });

  const approve = ['approve', '--plan', held.json.heldBatch ?? '', '--wait', '--json'];
  const approved = await stage.play<RunReport>(...approve);
  expect(approved).toMatchObject({ status: 0, json: { changes: { create: { planned: 1, applied: 1 } } } });
  expect(approved.writes).toMatchObject([{ method: 'POST', status: 201 }]);
  const [old, made] = stage.simulator.users().filter(({ userName }) => userName === address('eva'));
  expect([old, made]).toMatchObject([
    { id: eva, state: 'deleted' },
    { state: 'active', title: 'Boss' },
  ]);
  expect((await stage.play<ParkedRow[]>('parked', '--json')).json).toEqual([]);
  const { json: rows } = await stage.play<AuditRow[]>('changes', '--kind', 'create', '--person', dn('eva'), '--json');
  expect(rows[0]).toMatchObject({ genesysId: made?.id, before: { id: eva, title: null }, after: { id: made?.id } });

  const next = await stage.sync();
  expect({ status: next.status, logins: Object.keys(stage.patches(next.writes)) }).toEqual({
    status: 0,
    logins: ['fay'],
  });
  expect(stage.user('fay').manager).toBe(made?.id);
  expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
  stage.simulator.set({ revival: 'same-id' });
});

test('or is unlinked and linked by who he is', async () => {
  const bob = idOf('bob');
  stage.simulator.edit(bob, { state: 'deleted' });
  const untied = await untie(dn('bob'));
  expect(untied).toMatchObject({ status: 0, json: { genesysId: bob, userName: address('bob'), wasLinked: true } });
  await expect(untie(dn('bob'))).rejects.toMatchObject({ code: 'identity.linked' });
  expect(await stage.sync()).toMatchObject({ status: 3, json: { changes: { create: { parked: 1 } } } });
  expect(await tie(dn('bob'), bob)).toMatchObject({ status: 0, json: { changes: { adopt: { applied: 1 } } } });
  expect(await stage.sync()).toMatchObject({ status: 0, json: { outcome: 'completed', error: null } });
  await withState(stage.rollcall, async (state) => {
    const [anchor = ''] = [...(await anchors())].flatMap(([login, id]) => (login === 'bob' ? [id] : []));
    const history = await state.ties.history(stage.rollcall.sync, anchor);
    expect(history.map(({ action }) => action)).toEqual(['unlink', 'link']);
  });
});

test('who is unlinked keeps his user, whom the next full run takes over again without a write', async () => {
  const from = stage.simulator.log.length;
  await untie(address('ann'));
  expect(stage.writesSince(from)).toEqual([]);
  expect(await stage.sync()).toMatchObject({ status: 0, writes: [], json: { changes: { adopt: { applied: 1 } } } });
});

/** Anchors of everybody by login. */
async function anchors(): Promise<Map<string, string>> {
  const { searchEntries } = await staff.asAdmin((client) =>
    client.search(unit, { scope: 'one', attributes: ['uid', 'entryUUID'] }),
  );
  return new Map(searchEntries.map((entry) => [String(entry['uid']), anchorOf(entry)]));
}

test('people to whom a reload gave new anchors are found again by a key, once somebody has approved it', async () => {
  const before = new Map(STAFF.map((login) => [login, idOf(login)]));
  for (const login of STAFF.toReversed()) await staff.remove(dn(login));
  await staff.add(unit, STAFF.map(colleague));
  // Two entries with one number: nobody can tell which of them is the old one.
  await staff.change(dn('leo'), { employeeNumber: '7-kim' });
  const refused = await stage.sync();
  expect(refused).toMatchObject({ status: 1, writes: [] });
  expect(refused.json.error).toContain('run rebind --by employeeNumber');

  const held = await here<RunReport>(stage, (common) => rebind({ ...common, by: 'employeeNumber', wait: true }));
  const sound = STAFF.length - 2;
  expect(held).toMatchObject({
    ...{ status: 4, json: { mode: 'rebind', outcome: 'held' } },
    json: { changes: { rebind: { planned: sound + 2, held: sound, parked: 2 }, create: { planned: 0 } } },
  });
  const { heldBatch } = held.json;
  const approved = await stage.play<RunReport>('approve', '--plan', heldBatch ?? '', '--wait', '--json');
  expect(approved).toMatchObject({ status: 0, json: { changes: { rebind: { planned: sound, applied: sound } } } });
  expect(approved.writes).toHaveLength(sound);
  expect(approved.writes.every(({ method }) => method === 'PATCH')).toBe(true);
  expect(new Map(STAFF.map((login) => [login, idOf(login)]))).toEqual(before);

  // The login is leo's, and the number somebody else's: that is no proof.
  const doubtful = await here<RunReport>(stage, (common) => rebind({ ...common, by: 'userName', wait: true }));
  expect(doubtful.json.changes.rebind).toMatchObject({ planned: 2, held: 1, parked: 1 });
  await stage.rollcall.run('reject', '--plan', doubtful.json.heldBatch ?? '');

  await staff.change(dn('leo'), { employeeNumber: '7-leo' });
  const rest = await here<RunReport>(stage, (common) => rebind({ ...common, by: 'userName', wait: true }));
  await stage.play<RunReport>('approve', '--plan', rest.json.heldBatch ?? '', '--wait', '--json');
  expect(await stage.sync()).toMatchObject({
    ...{ status: 0, writes: [] },
    json: { outcome: 'completed', error: null, unchanged: STAFF.length + 2 },
  });
  expect(shownUsers(stage.simulator)).toEqual(await expectedUsers(staff, unit));
});

test('a held recycle of somebody who is the same after all ends with his old user, by hand', async () => {
  const user = idOf('kim');
  const old = (await anchors()).get('kim') ?? '';
  await staff.remove(dn('kim'));
  await staff.add(unit, [{ login: 'kim', name: 'Kim without a number' }]);
  const { json } = await stage.sync();
  expect(json.changes).toMatchObject({ recycle: { planned: 1, held: 1 }, deactivate: { applied: 1 } });
  await stage.play('reject', '--plan', json.heldBatch ?? '', '--json');
  await untie(old);
  expect(await tie(dn('kim'), user)).toMatchObject({ status: 0, json: { changes: { adopt: { applied: 1 } } } });
  expect(stage.user('kim')).toMatchObject({ id: user, state: 'active', displayName: 'Kim without a number' });
  expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
});
