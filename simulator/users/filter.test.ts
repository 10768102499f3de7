import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal.ts';
import { externalIdKey, parseUserFilter } from './filter.ts';

const PURECLOUD = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

describe('user filters', () => {
  it.each([
    ['userName eq "ann@example.com"', { by: 'key', attribute: 'userName', value: 'ann@example.com' }],
    ['username EQ ann@example.com', { by: 'key', attribute: 'userName', value: 'ann@example.com' }],
    ['id eq 1-2', { by: 'id', id: '1-2' }],
    ['email eq "a@example.com"', { by: 'key', attribute: 'email', value: 'a@example.com' }],
    ['manager eq "m1"', { by: 'key', attribute: 'manager', value: 'm1' }],
    ['division eq "Contact Center"', { by: 'key', attribute: 'division', value: 'Contact Center' }],
    ['externalId eq "say \\"hi\\""', { by: 'key', attribute: 'externalId', value: 'say "hi"' }],
    [`${ENTERPRISE}:employeeNumber eq 17`, { by: 'key', attribute: 'employeeNumber', value: '17' }],
    ['active eq false', { by: 'active', active: false }],
    ['active eq "True"', { by: 'active', active: true }],
    [
      `${PURECLOUD}:externalIds[authority eq "ad-objectguid" and value eq "g1"]`,
      { by: 'key', attribute: 'externalIds', value: externalIdKey('ad-objectguid', 'g1') },
    ],
    [
      `${PURECLOUD}:externalIds[value eq g1 and authority eq x]`,
      { by: 'key', attribute: 'externalIds', value: externalIdKey('x', 'g1') },
    ],
  ])('reads %s', (text, filter) => {
    expect(parseUserFilter(text)).toEqual(filter);
  });

  it.each([
    '',
    'userName',
    'userName eq',
    'userName sw "a"',
    'userName eq "a" and active eq true',
    'userName eq "a" or userName eq "b"',
    'not (userName eq "a")',
    'userName eq "a',
    'userName eq a b',
    'meta.lastModified ge "2026-01-01"',
    'displayName eq "Ann"',
    'constructor eq "x"',
    'active eq maybe',
    'title pr',
    'externalIds[authority eq "a" and value eq "b"]',
    `${PURECLOUD}:externalIds[authority eq "a"]`,
    `${PURECLOUD}:externalIds[authority eq "a" and value sw "b"]`,
    `${PURECLOUD}:externalIds[authority eq "a" and value eq "b"] and active eq true`,
    `${PURECLOUD}:userName eq "a"`,
  ])('refuses %s', (text) => {
    expect(() => parseUserFilter(text)).toThrow(Refusal);
    expect(() => parseUserFilter(text)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidFilter' }));
  });
});
