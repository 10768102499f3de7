import { expect, test } from 'vitest';
import { candidateOf, desiredUser, genesysUser, linkOf } from '../test/support/people.ts';
import { isProtected, matchesPattern } from './protect.ts';

test.each<[string, string, boolean]>([
  ['breakglass@*', 'BreakGlass@corp.example', true],
  ['breakglass@*', 'breakglass@', true],
  ['breakglass@*', 'my.breakglass@corp.example', false],
  ['*@corp.example', 'ann@corp.example', true],
  ['*@corp.example', 'ann@corp.example.org', false],
  ['svc-*@*.example', 'svc-phone@corp.example', true],
  ['svc-*@*.example', 'svc-phone.example', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'acb', false],
  ['*', '', true],
  ['**', 'x', true],
  ['ann@corp.example', 'ANN@corp.example', true],
  ['ann@corp.example', 'ann@corp-example', false],
  ['an?@corp.example', 'ann@corp.example', false],
  ['', 'ann', false],
])('pattern %s on %s: %s', (pattern, text, expected) => {
  expect(matchesPattern(pattern, text)).toBe(expected);
});

test('a pattern with many stars ends in time on a text that almost matches', () => {
  expect(matchesPattern(`${'a*'.repeat(2_000)}b`, 'a'.repeat(100_000))).toBe(false);
});

test.each([
  ['the login wanted', candidateOf({ desired: desiredUser([], { userName: 'admin@x.example' }) })],
  ['the login of the link', candidateOf({ desired: null, link: linkOf({ userName: 'Admin@x.example' }) })],
  ['the login in Genesys', candidateOf({ actual: genesysUser({ userName: 'admin@x.example' }) })],
  ['a role', candidateOf({ actual: genesysUser({ roles: [{ value: 'employee' }, { value: 'MASTER ADMIN' }] }) })],
  ['a role spelled as text', candidateOf({ actual: genesysUser({ roles: ['Master Admin'] }) })],
])('%s protects', (_what, candidate) => {
  expect(isProtected(candidate, { userNames: ['admin@*'], roles: ['Master Admin'] })).toBe(true);
});

test('other people are not protected', () => {
  const candidate = candidateOf({ link: linkOf(), actual: genesysUser({ roles: [{ value: 'employee' }] }) });
  expect(isProtected(candidate, { userNames: ['admin@*'], roles: ['admin'] })).toBe(false);
  expect(isProtected(candidateOf(), { userNames: [], roles: ['admin'] })).toBe(false);
});
