import { expect, test } from 'vitest';
import { ENTERPRISE_USER, GENESYS_USER } from '../model/scim-path.ts';
import type { ScimValue } from '../model/user.ts';
import { sameValue } from './compare.ts';
import { pathOf } from './slot.ts';

const WORK = 'phoneNumbers[type eq "work"]';
const SKILL = `${GENESYS_USER}:routingSkills[name eq "Sales"]`;

test.each<[string, string, ScimValue, ScimValue | null, boolean]>([
  ['logins ignore case', 'userName', 'ann@example.com', 'Ann@Example.COM', true],
  ['mails ignore case', 'emails[type eq "work"]', { value: 'a@example.com' }, { value: 'A@example.com' }, true],
  ['titles heed case', 'title', 'agent', 'Agent', false],
  ['an absent value differs', 'title', 'agent', null, false],
  ['phones ignore tel:', WORK, { value: '+13175550100' }, { value: 'tel:+13175550100' }, true],
  ['phones heed extensions', WORK, { value: '+13175550100;ext=1' }, { value: '+13175550100' }, false],
  ['members that are not wanted do not count', WORK, { value: '+1' }, { value: '+1', primary: true }, true],
  ['members that are wanted count', WORK, { value: '+1', primary: true }, { value: '+1' }, false],
  ['member names ignore case', WORK, { value: '+1' }, { Value: '+1' }, true],
  ['an object is no text', WORK, { value: '+1' }, '+1', false],
  ['dates ignore the time', `${ENTERPRISE_USER}:dateHire`, '2024-05-01T00:00:00Z', '2024-05-01', true],
  ['dates heed the day', `${ENTERPRISE_USER}:dateHire`, '2024-05-02', '2024-05-01', false],
  ['managers compare by id', `${ENTERPRISE_USER}:manager`, { value: 'x' }, { value: 'x', $ref: '/users/x' }, true],
  ['$ref never counts', `${ENTERPRISE_USER}:manager`, { value: 'x', $ref: '/a' }, { value: 'x', $ref: '/b' }, true],
  ['other managers differ', `${ENTERPRISE_USER}:manager`, { value: 'x' }, { value: 'y' }, false],
  ['numbers compare by value', SKILL, { proficiency: 5 }, { proficiency: '5.0' }, true],
  ['other numbers differ', SKILL, { proficiency: 5 }, { proficiency: 4 }, false],
  ['no number is zero', SKILL, { proficiency: 0 }, { proficiency: '' }, false],
  ['booleans compare by value', 'x', true, 'True', true],
  ['true is not one', 'x', true, 1, false],
  ['lists may have items of others', 'tags', ['a'], ['b', 'a'], true],
  ['lists must have the items wanted', 'tags', ['a', 'c'], ['b', 'a'], false],
])('%s', (_behaviour, path, wanted, found, expected) => {
  expect(sameValue(pathOf(path), wanted, found)).toBe(expected);
});
