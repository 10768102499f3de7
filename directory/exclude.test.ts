import { expect, it } from 'vitest';
import { excluder } from './exclude.ts';

it.each([
  ['CN=svc-*', 'cn=SVC-backup,OU=Agents,DC=corp', true],
  ['CN=svc-*', 'CN=svc-a/b,DC=corp', true],
  ['CN=svc-*', 'CN=svc-a\\0ACNF:84daeb94,DC=corp', true],
  ['CN=svc-*', 'CN=Ann,CN=svc-old,DC=corp', false],
  ['CN=svc-*', 'CN=a svc-b,DC=corp', false],
  ['CN=Lee, *', 'CN=Lee\\, Ann,DC=corp', true],
  ['CN=* (temp)', 'CN=Ann (temp),DC=corp', true],
  ['CN=a(b|c)', 'CN=ab,DC=corp', false],
  ['uid=test?', 'uid=test1,dc=corp', true],
  ['uid=[!a]*', 'uid=ann,dc=corp', false],
  ['*', 'cn=anybody,dc=corp', true],
])('%s with %s: %s', (pattern, dn, expected) => {
  expect(excluder([pattern])(dn)).toBe(expected);
});

it('takes any of several patterns, and nobody without one', () => {
  expect(excluder(['cn=a*', 'cn=b*'])('cn=bob,dc=corp')).toBe(true);
  expect(excluder([])('cn=bob,dc=corp')).toBe(false);
});
