import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { defaultMappingText } from '../config/shipped.ts';
import { sidOf } from '../directory/sid.ts';
import type { AuditRow } from '../state/state.ts';
import { expectedUsers, shownUsers } from './support/expected-users.ts';
import { Stage } from './support/stage.ts';
import {
  type Colleague,
  MAIL_DOMAIN,
  startAdStaff,
  startOpenLdapStaff,
  type StaffDirectory,
} from './support/staff-directory.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const OFF = [{ op: 'replace', path: 'active', value: false }];
const ON = { op: 'replace', path: 'active', value: true };
const NEVER = '9223372036854775807';
/** 1 January 2020 as a FILETIME. */
const LONG_AGO = '132223104000000000';

const STAFF: Colleague[] = [
  { login: 'chief', name: 'Chief' },
  { login: 'boss', name: 'Boss', manager: 'chief' },
  { login: 'second', name: 'Second Boss', manager: 'chief' },
  ...['gone', 'moved', 'disabled', 'signed', 'locked', 'calm', 'patched'].map((login) => ({
    login,
    name: `The ${login} one`,
    title: 'Agent',
    department: 'Sales',
    phone: '+49 30 9018-4711',
    manager: 'chief',
  })),
  { login: 'report', name: 'Report', manager: 'boss' },
  { login: 'report2', name: 'Second Report', manager: 'second' },
];

/** Signs of a leaver that only one family of servers knows, and what looks like one and is none. */
const SIGNS = {
  ad: {
    leaves: { accountExpires: LONG_AGO },
    returns: { accountExpires: NEVER },
    // An expired password, or one that has to be changed.
    isNone: { pwdLastSet: '0' },
  },
  openldap: {
    leaves: { employeeType: 'INACTIVE' },
    returns: { employeeType: 'active' },
    // A lockout by mistyped passwords.
    isNone: { pwdAccountLockedTime: '20260101120000Z' },
  },
};

const VENDORS = [
  { name: 'Active Directory', start: startAdStaff },
  { name: 'OpenLDAP', start: startOpenLdapStaff },
];

/** The shipped mapping, with a role that belongs to it. */
function mappingWithRole(): Record<string, unknown> {
  const shipped = parse(defaultMappingText()) as Record<string, unknown>;
  return { ...shipped, roles: [{ value: { constant: 'agent' } }] };
}

describe.each(VENDORS)('$name', ({ start }) => {
  let directory: StaffDirectory;
  let stage: Stage;
  let unit: string;
  let elsewhere: string;
  const dn = (login: string): string => directory.dn(login, unit);

  beforeAll(async () => {
    directory = await start();
    unit = await directory.unit('Staff');
    elsewhere = await directory.unit('Elsewhere');
    await directory.add(unit, STAFF);
    const disabledWhen = { attribute: 'employeeType', equals: ['inactive'] };
    stage = await Stage.open({
      directories: [directory.configuration([unit], directory.vendor === 'ad' ? {} : { disabledWhen })],
      configuration: {
        mapping: mappingWithRole(),
        identity: { onDeletedUser: 'recreate' },
        safety: { firstRun: 'apply', deactivations: { floor: 50 } },
      },
    });
    // Somebody whom no directory knows.
    stage.simulator.seed([{ userName: `stranger@${MAIL_DOMAIN}`, title: 'Consultant', roles: [{ value: 'admin' }] }]);
    await stage.firstRun(STAFF.length);
  });

  afterAll(async () => {
    await stage?.close();
    await directory?.stop();
  });

  test('whoever is gone, moved away, disabled or expired becomes inactive and loses nothing else', async () => {
    const before = stage.user('gone');
    await directory.remove(dn('gone'));
    await directory.move(dn('moved'), elsewhere);
    await directory.setEnabled(dn('disabled'), false);
    await directory.change(dn('signed'), SIGNS[directory.vendor].leaves);
    await directory.change(dn('locked'), SIGNS[directory.vendor].isNone);
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({ outcome: 'completed', changes: { deactivate: { planned: 4, applied: 4 } } });
    expect({ status, writes: writes.length }).toEqual({ status: 0, writes: 4 });
    expect(stage.patches(writes)).toEqual({ gone: OFF, moved: OFF, disabled: OFF, signed: OFF });
    // The simulator takes the roles away, as the real service does.
    const { version, lastModified } = stage.user('gone');
    expect(stage.user('gone')).toEqual({ ...before, state: 'inactive', roles: [], version, lastModified });
  });

  test('is not done twice', async () => {
    expect(await stage.sync()).toMatchObject({
      status: 0,
      writes: [],
      json: { changes: { deactivate: { planned: 0 } } },
    });
  });

  test('whoever comes back is read once and patched once, with everything that differs by then', async () => {
    const from = stage.simulator.log.length;
    await directory.move(directory.dn('moved', elsewhere), unit);
    await directory.setEnabled(dn('disabled'), true);
    await directory.change(dn('disabled'), { title: 'Senior Agent', telephoneNumber: null });
    await directory.change(dn('signed'), SIGNS[directory.vendor].returns);
    const { status, json, writes } = await stage.sync();
    expect(json).toMatchObject({ outcome: 'completed', changes: { reactivate: { planned: 3, applied: 3 } } });
    expect({ status, writes: writes.length }).toEqual({ status: 0, writes: 3 });
    const role = { op: 'add', path: 'roles', value: [{ value: 'agent' }] };
    const patches = stage.patches(writes);
    expect(patches).toMatchObject({ moved: [ON, role], signed: [ON, role] });
    expect(patches['disabled']).toHaveLength(4);
    expect(patches['disabled']).toEqual(
      expect.arrayContaining([
        ON,
        role,
        { op: 'replace', path: 'title', value: 'Senior Agent' },
        { op: 'remove', path: 'phoneNumbers[type eq "work"]' },
      ]),
    );
    const reads = stage.simulator.log
      .slice(from)
      .filter(({ method, path }) => method === 'GET' && /users\/./.test(path));
    const ids = ['moved', 'disabled', 'signed'].map((login) => stage.user(login).id);
    expect(reads.map(({ path }) => path.split(/[/?]/).find((part) => ids.includes(part)) ?? path).toSorted()).toEqual(
      ids.toSorted(),
    );
    expect(shownUsers(stage.simulator).filter(({ externalId }) => externalId !== null)).toEqual(
      await expectedUsers(directory, unit),
    );
    expect(stage.user('disabled').roles).toEqual([{ value: 'agent' }]);
  });

  test('what others put beside the owned values stays', async () => {
    const { id, phoneNumbers, externalIds, roles } = stage.user('patched');
    const foreign = {
      phone: { type: 'mobile', value: '+491711234567', primary: false },
      externalId: { authority: 'payroll', value: '4711' },
      role: { value: 'supervisor' },
    };
    stage.simulator.edit(id, {
      phoneNumbers: [...phoneNumbers, foreign.phone],
      externalIds: [...externalIds, foreign.externalId],
      roles: [...roles, foreign.role],
    });
    await directory.change(dn('patched'), { telephoneNumber: '030 9018-4712', title: null });
    const { status, writes } = await stage.sync();
    expect({ status, patches: stage.patches(writes) }).toEqual({
      status: 0,
      patches: {
        patched: [
          { op: 'remove', path: 'title' },
          { op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '+493090184712' },
        ],
      },
    });
    const after = stage.user('patched');
    expect(after.phoneNumbers).toContainEqual(foreign.phone);
    expect(after.phoneNumbers).toHaveLength(2);
    expect(after.externalIds).toEqual([...externalIds, foreign.externalId]);
    expect(after.roles).toEqual([...roles, foreign.role]);
  });

  test('whose manager leaves loses him when that is done, and not before', async () => {
    await directory.remove(dn('boss'));
    await directory.move(dn('second'), elsewhere);
    const leaving = await stage.sync();
    expect({ status: leaving.status, patches: stage.patches(leaving.writes) }).toEqual({
      status: 0,
      patches: { boss: OFF, second: OFF },
    });
    const cleared = [{ op: 'remove', path: `${ENTERPRISE}:manager` }];
    const after = await stage.sync();
    expect({ status: after.status, patches: stage.patches(after.writes) }).toEqual({
      status: 0,
      patches: { report: cleared, report2: cleared },
    });
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
  });

  test.runIf(start === startAdStaff)(
    'who came from another domain, as his SID history says, goes on with his user',
    async () => {
      const { id } = stage.user('patched');
      const sid = await sidOfEntry(dn('patched'));
      await directory.remove(dn('patched'));
      await directory.add(unit, [{ login: 'patched', name: 'Patched', more: { sIDHistory: sid } }]);
      const { status, json, writes } = await stage.sync();
      expect({ status, changes: json.changes }).toMatchObject({
        ...{ status: 0, changes: { rebind: { planned: 1, applied: 1 }, deactivate: { planned: 0 } } },
      });
      expect({ writes: writes.length, user: stage.user('patched') }).toMatchObject({ writes: 1, user: { id } });
      const { json: applied } = await stage.play<AuditRow[]>('changes', '--kind', 'rebind', '--json');
      expect(applied).toMatchObject([
        {
          reason: expect.stringMatching(
            /the SID history of the new entry names the old account; the old entry was made/,
          ),
        },
      ]);
      expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
    },
  );

  async function sidOfEntry(entry: string): Promise<string> {
    const attributes = ['objectSid'];
    const search = { scope: 'base' as const, attributes, explicitBufferAttributes: attributes };
    const { searchEntries } = await directory.asAdmin((client) => client.search(entry, search));
    const [value] = [searchEntries[0]?.['objectSid']].flat();
    return (Buffer.isBuffer(value) ? sidOf(value) : null) ?? 'none';
  }
  test('whoever was deleted in Genesys Cloud is made anew where the policy says so, and ends as the mapping wants', async () => {
    const { id } = stage.user('calm');
    stage.simulator.edit(id, { state: 'deleted', phoneNumbers: [] });
    // The service brings the deleted account back and takes nothing over of what was asked for.
    stage.simulator.set({ revival: 'bare' });
    await directory.change(dn('calm'), { title: null });
    const made = await stage.sync();
    expect(made).toMatchObject({ status: 0, json: { outcome: 'completed', changes: { create: { applied: 1 } } } });
    expect(made.writes).toMatchObject([{ method: 'POST', status: 200 }]);
    expect(stage.user('calm')).toMatchObject({ id, state: 'active', title: 'Agent', roles: [] });
    const next = await stage.sync();
    expect({ status: next.status, patches: stage.patches(next.writes) }).toEqual({
      status: 0,
      patches: {
        calm: [
          { op: 'remove', path: 'title' },
          { op: 'add', path: 'phoneNumbers', value: [expect.objectContaining({ value: '+493090184711' })] },
          { op: 'add', path: 'roles', value: [{ value: 'agent' }] },
        ],
      },
    });
    expect(stage.user('calm')).toMatchObject({ title: null, roles: [{ value: 'agent' }] });
    expect(await stage.sync()).toMatchObject({ status: 0, writes: [] });
  });

  test('whoever no directory knows is never touched', () => {
    expect(stage.user('stranger')).toMatchObject({ title: 'Consultant', state: 'active', version: 1 });
    expect(stage.simulator.counts().deletes).toBe(0);
  });
});
