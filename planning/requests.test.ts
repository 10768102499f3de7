import { describe, expect, test } from 'vitest';
import { CORE_USER, ENTERPRISE_USER, GENESYS_USER } from '../model/scim-path.ts';
import { ANN, MANAGER_PATH, desiredUser, genesysUser, manager, owned } from '../test/support/people.ts';
import type { References } from './references.ts';
import { diffUser } from './diff.ts';
import { createBody, deactivation, patchBody, reactivation, writtenAfter, writtenValues } from './requests.ts';

const people: References = {
  idOf: (anchor) => (anchor === 'bob' ? 'bob-id' : null),
  stillThere: (id) => id === 'lost-id',
};
const WORK = 'phoneNumbers[type eq "work"]';
const work = { type: 'work', value: '+13175550100' };
const mobile = { type: 'mobile', value: '+13175550101' };

describe('the body of a create', () => {
  test('nests extensions, groups items and leaves out what is empty', () => {
    const desired = desiredUser([
      owned('phoneNumbers[type eq "mobile"]', mobile),
      owned(WORK, work),
      owned('title', null),
      owned('name.givenName', 'Ann'),
      owned('name.familyName', 'Lee'),
      owned('roles[value eq "employee"]', { value: 'employee' }, { apply: 'createOnly' }),
      owned(`${ENTERPRISE_USER}:department`, 'Sales'),
      manager('bob'),
      owned(`${GENESYS_USER}:externalIds[authority eq "ad-objectguid"]`, { authority: 'ad-objectguid', value: ANN }),
    ]);
    expect(createBody(desired, people)).toEqual({
      unresolved: [],
      body: {
        schemas: [CORE_USER, ENTERPRISE_USER, GENESYS_USER],
        active: true,
        userName: 'ann.lee@example.com',
        displayName: 'Ann Lee',
        name: { givenName: 'Ann', familyName: 'Lee' },
        phoneNumbers: [mobile, work],
        roles: [{ value: 'employee' }],
        [ENTERPRISE_USER]: { department: 'Sales', manager: { value: 'bob-id' } },
        [GENESYS_USER]: { externalIds: [{ authority: 'ad-objectguid', value: ANN }] },
      },
    });
  });

  test('names only the schemas that it uses', () => {
    const { body } = createBody(desiredUser([owned(`${ENTERPRISE_USER}:department`, null)]), people);
    expect(body).toMatchObject({ schemas: [CORE_USER] });
    expect(body).not.toHaveProperty([ENTERPRISE_USER]);
  });

  test('leaves out a manager without a Genesys id and names him', () => {
    const { body, unresolved } = createBody(desiredUser([manager('eve')]), people);
    expect(unresolved).toEqual(['eve']);
    expect(body).not.toHaveProperty([ENTERPRISE_USER]);
  });

  test('leaves out a manager who is the person himself', () => {
    const { body, unresolved } = createBody(desiredUser([manager(ANN)]), people);
    expect(unresolved).toEqual([]);
    expect(body).not.toHaveProperty([ENTERPRISE_USER]);
  });

  test('completes an item by parts and never changes what is desired', () => {
    const desired = desiredUser([
      owned('name', { givenName: 'Ann' }),
      owned('name.familyName', 'Lee'),
      owned('phoneNumbers', [work]),
      owned(`${WORK}.primary`, true),
      owned('emails[type eq "work"].value', 'a@example.com'),
    ]);
    const copy = structuredClone(desired);
    expect(createBody(desired, people).body).toMatchObject({
      name: { givenName: 'Ann', familyName: 'Lee' },
      phoneNumbers: [{ ...work, primary: true }],
      emails: [{ type: 'work', value: 'a@example.com' }],
    });
    expect(desired).toEqual(copy);
  });

  test('takes names that every JavaScript object has for ordinary ones', () => {
    const { body } = createBody(desiredUser([owned('constructor', { toString: 'x' })]), people);
    expect(Object.entries(body)).toContainEqual(['constructor', { toString: 'x' }]);
  });
});

test('a PATCH carries its schema', () => {
  expect(patchBody(deactivation())).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'active', value: false }],
  });
});

describe('what stands as written', () => {
  const desired = desiredUser([
    owned('title', 'Agent', { apply: 'createOnly' }),
    owned('costCenter', null, { onEmpty: 'keep' }),
    owned(WORK, null),
    manager('eve'),
  ]);
  const login = { displayName: 'Ann Lee', userName: 'ann.lee@example.com' };

  test('after a create: every value, those of creation too, but no reference without id', () => {
    expect(writtenValues(desired, people)).toEqual({ ...login, title: 'Agent' });
    expect(writtenAfter(desired, null, people)).toEqual({ ...login, title: 'Agent' });
  });

  test('after an update: what it did not touch stays, what was cleared or is owned no more goes', () => {
    const before = {
      userName: 'old@example.com',
      title: 'Trainee',
      costCenter: '7',
      [WORK]: work,
      [MANAGER_PATH]: { value: 'old-id' },
      nickName: 'Annie',
    };
    const kept = { title: 'Trainee', costCenter: '7', [MANAGER_PATH]: { value: 'old-id' } };
    expect(writtenAfter(desired, before, people)).toEqual({ ...login, ...kept });
  });

  test('after an update: a manager who counts as there is not forgotten', () => {
    const before = { [MANAGER_PATH]: { value: 'lost-id' } };
    expect(writtenAfter(desiredUser([manager(null)]), before, people)).toMatchObject(before);
    const gone = { [MANAGER_PATH]: { value: 'gone-id' } };
    expect(writtenAfter(desiredUser([manager(null)]), gone, people)).toEqual(login);
  });

  test('after an update: a manager who was taken away stands no more, so that the same one can be set again', () => {
    const before = { [MANAGER_PATH]: { value: 'lost-id' } };
    const changed = { [MANAGER_PATH]: null };
    const { [MANAGER_PATH]: left, ...written } = writtenAfter(desiredUser([manager(null)]), before, people, changed);
    expect({ left, written }).toEqual({ left: undefined, written: login });
    const again = desiredUser([manager('bob')]);
    const known = { written, actual: genesysUser(), drift: 'report' as const };
    expect(diffUser(again, known, people).operations).toMatchObject([
      { path: MANAGER_PATH, value: { value: 'bob-id' } },
    ]);
  });
});

describe('a reactivation', () => {
  const desired = desiredUser([
    owned('title', 'Agent'),
    owned(`${ENTERPRISE_USER}:department`, 'Sales'),
    owned('roles[value eq "agent"]', { value: 'agent' }),
    owned('roles[value eq "employee"]', { value: 'employee' }, { apply: 'createOnly' }),
    owned(WORK, null),
  ]);
  const actual = genesysUser({ active: false, title: 'Agent', phoneNumbers: [work] });

  test('sets active and what differs from reality, roles lost by inactivity too, but nothing of creation only', () => {
    expect(reactivation(desired, actual, people)).toEqual({
      operations: [
        { op: 'replace', path: 'active', value: true },
        { op: 'replace', path: `${ENTERPRISE_USER}:department`, value: 'Sales' },
        { op: 'add', path: 'roles', value: [{ value: 'agent' }] },
      ],
      before: { active: false, [`${ENTERPRISE_USER}:department`]: null, 'roles[value eq "agent"]': null },
      after: {
        active: true,
        [`${ENTERPRISE_USER}:department`]: 'Sales',
        'roles[value eq "agent"]': { value: 'agent' },
      },
      drifted: [],
      unresolved: [],
    });
  });

  test('with what was written it also clears what is wanted no more', () => {
    const { operations } = reactivation(desired, actual, people, { [WORK]: work });
    expect(operations).toContainEqual({ op: 'remove', path: WORK });
  });
});
