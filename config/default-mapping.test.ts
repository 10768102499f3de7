import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { compileMapping } from '../mapping/compile.ts';
import { checkGenesysSchema } from '../mapping/genesys-schema.ts';
import { mapEntry } from '../mapping/map-entry.ts';
import type { Entry } from '../model/entry.ts';
import { defaultMappingText } from './shipped.ts';

const MAPPING = compileMapping(parse(defaultMappingText()));
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const EXTERNAL_IDS = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User:externalIds';
const ANCHOR = '5b6cd44a-0000-4000-8000-000000000001';

function map(attributes: Record<string, string[]>, more: Partial<Entry> = {}) {
  const entry: Entry = {
    directory: 'corp',
    vendor: 'ad',
    anchor: ANCHOR,
    dn: 'CN=Ann',
    dnKey: 'cn=ann',
    stamp: '1',
    stampScope: '',
    enabled: true,
    disabledBecause: null,
    dueAt: null,
    attributes: { userprincipalname: ['ann@corp.example'], cn: ['Ann Lee'], ...attributes },
    ...more,
  };
  const anchorOf = (dn: string): string | undefined => (dn === 'CN=Boss' ? 'boss' : undefined);
  const { desired, problems, warnings } = mapEntry(MAPPING, entry, { defaultRegion: 'DE', now: new Date(0), anchorOf });
  const values = desired?.attributes.map((one) => [one.path, one.reference ?? one.value] as const) ?? [];
  return { desired, problems, warnings, values: Object.fromEntries<unknown>(values) };
}

test('it is one that Genesys Cloud takes', () => {
  expect(() => checkGenesysSchema(MAPPING)).not.toThrow();
});

describe('each row of the default mapping', () => {
  test.each<[string, Record<string, string[]>, string, unknown]>([
    [
      'userName from userPrincipalName',
      { userprincipalname: [' Ann.LEE@Corp.Example'] },
      'userName',
      'ann.lee@corp.example',
    ],
    ['userName else from mail', { userprincipalname: [], mail: ['A@x.example'] }, 'userName', 'a@x.example'],
    ['displayName', { displayname: ['Dr. Ann Müller'] }, 'displayName', 'Dr. Ann Müller'],
    ['displayName else cn', {}, 'displayName', 'Ann Lee'],
    ['externalId', {}, 'externalId', ANCHOR],
    ['externalIds', {}, `${EXTERNAL_IDS}[authority eq "ad-objectguid"]`, { authority: 'ad-objectguid', value: ANCHOR }],
    ['emails', { mail: [' Ann@mail.example '] }, 'emails[type eq "work"]', { type: 'work', value: 'Ann@mail.example' }],
    ['emails where it is the login', { mail: ['ANN@corp.example'] }, 'emails[type eq "work"]', null],
    [
      'phoneNumbers',
      { telephonenumber: ['030 901820'] },
      'phoneNumbers[type eq "work"]',
      { type: 'work', value: '+4930901820' },
    ],
    ['phoneNumbers that are none', { telephonenumber: ['n/a'] }, 'phoneNumbers[type eq "work"]', null],
    ['title', { title: ['Agent'] }, 'title', 'Agent'],
    ['department', { department: ['Sales'], departmentnumber: ['7'] }, `${ENTERPRISE}:department`, 'Sales'],
    ['department else departmentNumber', { departmentnumber: ['7'] }, `${ENTERPRISE}:department`, '7'],
    ['employeeNumber', { employeeid: ['1'], employeenumber: ['2'] }, `${ENTERPRISE}:employeeNumber`, '1'],
    ['employeeNumber else employeeNumber', { employeenumber: ['2'] }, `${ENTERPRISE}:employeeNumber`, '2'],
    ['manager', { manager: ['CN=Boss'] }, `${ENTERPRISE}:manager`, 'boss'],
  ])('%s', (_, attributes, path, expected) => {
    const { values } = map(attributes);
    expect(values).toHaveProperty([path]);
    expect(values[path]).toEqual(expected);
  });

  test('on OpenLDAP the anchor stands under its own authority', () => {
    expect(map({}, { vendor: 'openldap' }).values).toHaveProperty([`${EXTERNAL_IDS}[authority eq "ldap-entryuuid"]`]);
  });

  test('active follows the directory', () => {
    expect(map({}).desired?.active).toBe(true);
    expect(map({}, { enabled: false, disabledBecause: 'account expired' }).desired).toMatchObject({
      active: false,
      inactiveBecause: 'account expired',
    });
  });

  test('and nothing else is written', () => {
    expect(Object.keys(map({ givenname: ['Ann'], mobile: ['+491701234567'] }).values)).toHaveLength(10);
  });
});

test('the examples in its comments work when their marks are taken off', () => {
  const [, examples = ''] = defaultMappingText().split('# Examples of what is not mapped by default:\n');
  const source: unknown = parse(`userName: mail\ndisplayName: cn\n${examples.replace(/^# ?/gm, '')}`);
  const mapping = compileMapping(source);
  expect(mapping.rules.length).toBeGreaterThanOrEqual(7);
  expect(() => checkGenesysSchema(mapping)).not.toThrow();
});
