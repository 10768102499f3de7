import { describe, expect, test } from 'vitest';
import { ENTERPRISE_USER } from '../model/scim-path.ts';
import type { DesiredAttribute, ScimUser, WrittenValues } from '../model/user.ts';
import { ANN, MANAGER_PATH, desiredUser, genesysUser, manager, owned } from '../test/support/people.ts';
import { diffUser } from './diff.ts';
import type { Difference, Drift, References } from './diff.ts';

const WORK = 'phoneNumbers[type eq "work"]';
const MOBILE = 'phoneNumbers[type eq "mobile"]';
const DEPARTMENT = `${ENTERPRISE_USER}:department`;
const people: References = {
  idOf: (anchor) => (anchor === 'bob' ? 'bob-id' : null),
  stillThere: (id) => id === 'lost-id',
};

interface Case {
  wanted: DesiredAttribute[];
  written?: WrittenValues | null;
  actual?: Record<string, unknown>;
  drift?: Drift;
  ownedLists?: string[];
}

function diff({ wanted, written = null, actual, drift = 'report', ownedLists = [] }: Case): Difference {
  const user: ScimUser | null = actual === undefined ? null : genesysUser(actual);
  const desired = desiredUser([], { attributes: wanted, ownedLists });
  return diffUser(desired, { written, actual: user, drift }, people);
}

const phone = (type: string, value: string): { type: string; value: string } => ({ type, value });

describe('which values change', () => {
  const title = [owned('title', 'Agent')];
  test.each<[string, Case, number, string[]]>([
    ['already so in Genesys', { wanted: title, written: { title: 'Boss' }, actual: { title: 'Agent' } }, 0, []],
    ['changed in the directory', { wanted: title, written: { title: 'Boss' }, actual: { title: 'Boss' } }, 1, []],
    ['changed on both sides', { wanted: title, written: { title: 'Boss' }, actual: { title: 'King' } }, 1, []],
    ['drifted: report', { wanted: title, written: { title: 'Agent' }, actual: { title: 'King' } }, 0, ['title']],
    ['cleared by others: report', { wanted: title, written: { title: 'Agent' }, actual: {} }, 0, ['title']],
    [
      'drifted: respect',
      { wanted: title, written: { title: 'Agent' }, actual: { title: 'King' }, drift: 'respect' },
      0,
      [],
    ],
    [
      'drifted: restore',
      { wanted: title, written: { title: 'Agent' }, actual: { title: 'King' }, drift: 'restore' },
      1,
      [],
    ],
    ['never written, differs', { wanted: title, actual: { title: 'King' } }, 1, []],
    ['never written, the same', { wanted: title, actual: { title: 'Agent' } }, 0, []],
    ['newly mapped', { wanted: title, written: {}, actual: { title: 'King' } }, 1, []],
    ['reality unknown, as written', { wanted: title, written: { title: 'Agent' } }, 0, []],
    ['reality unknown, changed', { wanted: title, written: { title: 'Boss' } }, 1, []],
    [
      'at creation only',
      { wanted: [owned('title', 'Agent', { apply: 'createOnly' })], written: { title: 'Boss' }, actual: {} },
      0,
      [],
    ],
    [
      'never returned, as written',
      { wanted: [owned('password', 's')], written: { password: 's' }, actual: {}, drift: 'restore' },
      0,
      [],
    ],
  ])('%s', (_name, input, operations, drifted) => {
    const difference = diff(input);
    expect(difference.operations).toHaveLength(operations);
    expect(difference.drifted).toEqual(drifted);
  });
});

describe('what an empty source does', () => {
  const empty = [owned('title', null)];
  const removed = [{ op: 'remove', path: 'title' }];
  test.each<[string, Case, object[]]>([
    ['removes what Rollcall wrote', { wanted: empty, written: { title: 'A' }, actual: { title: 'A' } }, removed],
    ['removes it unseen', { wanted: empty, written: { title: 'A' } }, removed],
    ['leaves what others wrote', { wanted: empty, actual: { title: 'A' } }, []],
    ['leaves what others changed', { wanted: empty, written: { title: 'A' }, actual: { title: 'B' } }, []],
    [
      'leaves what others changed even where drift is restored',
      { wanted: empty, written: { title: 'A' }, actual: { title: 'B' }, drift: 'restore' },
      [],
    ],
    ['has nothing to remove', { wanted: empty, written: { title: 'A' }, actual: {} }, []],
    [
      'keeps where told to keep',
      { wanted: [owned('title', null, { onEmpty: 'keep' })], written: { title: 'A' }, actual: { title: 'A' } },
      [],
    ],
    ['never removes a whole list', { wanted: [owned('tags', null)], written: { tags: ['a'] } }, []],
    [
      'removes only the members it wrote',
      {
        wanted: [owned('name', null)],
        written: { name: { givenName: 'Ann' } },
        actual: { name: { givenName: 'Ann', middleName: 'B' } },
      },
      [{ op: 'remove', path: 'name.givenName' }],
    ],
    [
      'removes members wanted no more',
      {
        wanted: [owned('name', { familyName: 'Lee' })],
        written: { name: { familyName: 'Lee', givenName: 'Ann' } },
        actual: { name: { familyName: 'Lee', givenName: 'Ann' } },
      },
      [{ op: 'remove', path: 'name.givenName' }],
    ],
  ])('%s', (_name, input, operations) => {
    expect(diff(input).operations).toEqual(operations);
  });
});

describe('items of lists', () => {
  const item = owned(WORK, phone('work', '+1'));
  test.each<[string, Case, object[]]>([
    ['a new item is added', { wanted: [item] }, [{ op: 'add', path: 'phoneNumbers', value: [phone('work', '+1')] }]],
    [
      'an item keeps its schema when added',
      { wanted: [owned(`${ENTERPRISE_USER}:tags[name eq "x"]`, { name: 'x' })] },
      [{ op: 'add', path: `${ENTERPRISE_USER}:tags`, value: [{ name: 'x' }] }],
    ],
    [
      'a changed value is replaced in place',
      { wanted: [item], written: { [WORK]: phone('work', '+2') } },
      [{ op: 'replace', path: `${WORK}.value`, value: '+1' }],
    ],
    [
      'several changed members are replaced one by one',
      {
        wanted: [owned(WORK, { type: 'work', value: '+1', primary: true })],
        written: { [WORK]: { type: 'work', value: '+2', primary: false } },
      },
      [
        { op: 'replace', path: `${WORK}.value`, value: '+1' },
        { op: 'replace', path: `${WORK}.primary`, value: true },
      ],
    ],
    [
      'an item that went missing is added again',
      {
        wanted: [item],
        written: { [WORK]: phone('work', '+2') },
        actual: { phoneNumbers: [phone('home', '+9')] },
      },
      [{ op: 'add', path: 'phoneNumbers', value: [phone('work', '+1')] }],
    ],
    [
      'an emptied item is removed',
      { wanted: [owned(WORK, null)], written: { [WORK]: phone('work', '+1') } },
      [{ op: 'remove', path: WORK }],
    ],
    [
      'an item that moved is removed before it is added',
      {
        wanted: [owned(MOBILE, phone('mobile', '+1')), owned(WORK, null)],
        written: { [WORK]: phone('work', '+1') },
      },
      [
        { op: 'remove', path: WORK },
        { op: 'add', path: 'phoneNumbers', value: [phone('mobile', '+1')] },
      ],
    ],
    [
      'items named no more are removed from an owned list',
      {
        wanted: [item],
        ownedLists: ['phoneNumbers'],
        written: { [WORK]: phone('work', '+1'), [MOBILE]: phone('mobile', '+2') },
        actual: { phoneNumbers: [phone('work', '+1'), phone('mobile', '+2'), phone('home', '+3')] },
      },
      [{ op: 'remove', path: MOBILE }],
    ],
    [
      'items of others survive in an owned list',
      {
        wanted: [],
        ownedLists: ['phoneNumbers'],
        written: { [MOBILE]: phone('mobile', '+2') },
        actual: { phoneNumbers: [phone('mobile', '+4'), phone('home', '+3')] },
      },
      [],
    ],
    [
      'a list that is not owned is left alone',
      { wanted: [], written: { [MOBILE]: phone('mobile', '+2') }, actual: { phoneNumbers: [phone('mobile', '+2')] } },
      [],
    ],
    [
      'items written at creation stay in an owned list',
      {
        wanted: [owned('roles[value eq "b"]', { value: 'b' }, { apply: 'createOnly' })],
        ownedLists: ['roles'],
        written: { 'roles[value eq "a"]': { value: 'a' } },
        actual: { roles: [{ value: 'a' }] },
      },
      [],
    ],
    [
      'a list without items of its own is only added to',
      { wanted: [owned('tags', ['a', 'b'])], actual: { tags: ['b', 'c'] } },
      [{ op: 'add', path: 'tags', value: ['a'] }],
    ],
  ])('%s', (_name, input, operations) => {
    expect(diff(input).operations).toEqual(operations);
  });
});

describe('references', () => {
  const written = { [MANAGER_PATH]: { value: 'old-id' } };
  test('a linked manager is written by his id', () => {
    expect(diff({ wanted: [manager('bob')], written })).toEqual({
      operations: [{ op: 'replace', path: MANAGER_PATH, value: { value: 'bob-id' } }],
      before: { [MANAGER_PATH]: { value: 'old-id' } },
      after: { [MANAGER_PATH]: { value: 'bob-id' } },
      drifted: [],
      unresolved: [],
    });
  });

  test('a manager without a Genesys id is left out and named, and the old one stays', () => {
    const difference = diff({ wanted: [manager('new')], written });
    expect(difference.operations).toEqual([]);
    expect(difference.unresolved).toEqual(['new']);
  });

  test('a manager taken away is removed', () => {
    expect(diff({ wanted: [manager(null)], written }).operations).toEqual([{ op: 'remove', path: MANAGER_PATH }]);
  });

  test('nobody loses a manager whose absence is not proved', () => {
    const lost = { [MANAGER_PATH]: { value: 'lost-id' } };
    expect(diff({ wanted: [manager(null)], written: lost }).operations).toEqual([]);
  });

  test('an attribute that is no reference is cleared although its value looks like such an id', () => {
    const lost = { [WORK]: phone('work', 'lost-id') };
    expect(diff({ wanted: [owned(WORK, null)], written: lost }).operations).toHaveLength(1);
  });

  test('nobody is his own manager', () => {
    expect(diff({ wanted: [manager(ANN)] })).toMatchObject({ operations: [], unresolved: [] });
  });

  test('an answer with $ref is no difference', () => {
    const actual = { [ENTERPRISE_USER]: { manager: { value: 'bob-id', $ref: '/users/bob-id' } } };
    expect(diff({ wanted: [manager('bob')], written, actual }).operations).toEqual([]);
  });
});

test('before and after show reality where it is known, else what was written', () => {
  const wanted = [owned(DEPARTMENT, 'Sales')];
  const written = { [DEPARTMENT]: 'Support' };
  expect(diff({ wanted, written }).before).toEqual({ [DEPARTMENT]: 'Support' });
  const difference = diff({ wanted, written, actual: { [ENTERPRISE_USER]: { department: 'Legal' } } });
  expect(difference.before).toEqual({ [DEPARTMENT]: 'Legal' });
  expect(difference.after).toEqual({ [DEPARTMENT]: 'Sales' });
});

test('a path that is none is refused with its remedy', () => {
  expect(() => diff({ wanted: [owned('no path', 'x')] })).toThrow(/is no SCIM path; correct the mapping/);
});

describe('a list that is replaced as a whole', () => {
  const roles = (...ids: string[]): { id: string }[] => ids.map((id) => ({ id }));
  const wanted = (...ids: string[]): DesiredAttribute[] => [
    owned('genesys:User.roles', ids.length === 0 ? null : roles(...ids), { patchAs: 'genesys:User.roles' }),
  ];
  const GUIDE = 'urn:ietf:params:scim:schemas:extension:genesys:2.0:User';
  const written = { 'genesys:User.roles': roles('a', 'b') };

  test.each<[string, DesiredAttribute[], string[] | null, unknown]>([
    ['as written', wanted('a', 'b'), ['a', 'b'], []],
    ['as written, beside what others added', wanted('a', 'b'), ['b', 'x', 'a'], []],
    ['changed', wanted('a', 'c'), ['a', 'b'], [{ op: 'replace', path: 'genesys:User.roles', value: roles('a', 'c') }]],
    ['shorter', wanted('a'), ['a', 'b'], [{ op: 'replace', path: 'genesys:User.roles', value: roles('a') }]],
    ['shorter, reality unknown', wanted('a'), null, [{ op: 'replace', path: 'genesys:User.roles', value: roles('a') }]],
    ['empty', wanted(), ['a', 'b'], [{ op: 'remove', path: 'genesys:User.roles' }]],
    ['empty, and changed by others', wanted(), ['x'], []],
  ])('%s', (_name, attributes, found, operations) => {
    const actual = found === null ? {} : { actual: { [GUIDE]: { roles: roles(...found) } } };
    expect(diff({ wanted: attributes, written, ...actual }).operations).toEqual(operations);
  });
});
