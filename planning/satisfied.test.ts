import { expect, test } from 'vitest';
import { ENTERPRISE_USER } from '../model/scim-path.ts';
import type { PatchOperation } from '../model/user.ts';
import { genesysUser } from '../test/support/people.ts';
import { unsatisfied } from './satisfied.ts';

const user = genesysUser({
  title: 'Agent',
  phoneNumbers: [{ type: 'work', value: 'tel:+1', primary: true }],
  [ENTERPRISE_USER]: { manager: { value: 'bob-id', $ref: '/users/bob-id' } },
});
const work = { type: 'work', value: '+1' };
const home = { type: 'home', value: '+2' };

test.each<[string, PatchOperation, PatchOperation[]]>([
  ['a value that is there', { op: 'replace', path: 'title', value: 'Agent' }, []],
  ['a value of other spelling', { op: 'replace', path: 'userName', value: 'Ann.Lee@example.com' }, []],
  ['a manager', { op: 'replace', path: `${ENTERPRISE_USER}:manager`, value: { value: 'bob-id' } }, []],
  ['an item that is there', { op: 'add', path: 'phoneNumbers', value: [work] }, []],
  ['a value removed', { op: 'remove', path: 'phoneNumbers[type eq "home"]' }, []],
  ['the state', { op: 'replace', path: 'active', value: true }, []],
])('done: %s', (_what, operation, left) => {
  expect(unsatisfied([operation], user)).toEqual(left);
});

test.each<[string, PatchOperation, PatchOperation]>([
  ['another value', { op: 'replace', path: 'title', value: 'Boss' }, { op: 'replace', path: 'title', value: 'Boss' }],
  [
    'some items of several',
    { op: 'add', path: 'phoneNumbers', value: [work, home] },
    { op: 'add', path: 'phoneNumbers', value: [home] },
  ],
  [
    'a removal that left the value',
    { op: 'remove', path: 'phoneNumbers[type eq "work"]' },
    { op: 'remove', path: 'phoneNumbers[type eq "work"]' },
  ],
  ['the state', { op: 'replace', path: 'active', value: false }, { op: 'replace', path: 'active', value: false }],
])('left to do: %s', (_what, operation, left) => {
  expect(unsatisfied([operation], user)).toEqual([left]);
});
