import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Entry } from '../model/entry.ts';
import { compileMapping } from './compile.ts';
import { mapEntry } from './map-entry.ts';

const ENTRY: Entry = {
  directory: 'corp',
  vendor: 'ad',
  anchor: 'a2f1e0c4-0000-4000-8000-000000000001',
  dn: 'CN=Ann Lee,OU=Agents,DC=corp,DC=example',
  dnKey: 'cn=ann lee,ou=agents,dc=corp,dc=example',
  stamp: '1',
  stampScope: '',
  enabled: true,
  disabledBecause: null,
  dueAt: null,
  attributes: {
    samaccountname: ['alee'],
    userprincipalname: ['Ann.Lee@corp.example'],
    mail: ['ann.lee@mail.example'],
    uid: ['ann.lee@corp.example'],
    cn: ['Ann Lee'],
    displayname: ['Ann Lee'],
    givenname: ['Ann'],
    sn: ['Lee'],
    title: ['Agent'],
    department: ['Service'],
    telephonenumber: ['+4930901820'],
    manager: ['CN=Boss'],
    enabled: ['FALSE'],
  },
};

function valuesOf(yaml: string): { values: Record<string, unknown>; active: boolean } {
  const context = { defaultRegion: null, now: new Date(0), anchorOf: () => 'boss' };
  const { desired, problems } = mapEntry(compileMapping(parse(yaml)), ENTRY, context);
  if (desired === null) throw new Error(JSON.stringify(problems));
  const values = desired.attributes.map((one) => [one.path, one.value ?? { reference: one.reference }] as const);
  return { values: Object.fromEntries(values), active: desired.active };
}

describe('the payloads of widely read guides can be stated', () => {
  test('the Active Directory guide', () => {
    const yaml = `
externalId: { from: sAMAccountName, apply: createOnly }
userName: { from: [userPrincipalName, mail], transform: [trim, lower, email] }
emails[primary]: mail
name: { givenName: givenName, familyName: sn, formatted: displayName }
title: title
urn:ietf:params:scim:schemas:core:2.0:User:department: department
manager: manager
urn:ietf:params:scim:schemas:extension:genesys:2.0:User:
  divisions: [{ id: { constant: division-1 } }]
  roles: [{ id: { constant: role-1 } }, { id: { constant: role-2 } }]
  routing_email: mail
  routing_phone_numbers: [telephoneNumber]
  ad_object_guid: $anchor
active: $enabled
`;
    const guide = 'urn:ietf:params:scim:schemas:extension:genesys:2.0:User';
    expect(valuesOf(yaml)).toEqual({
      active: true,
      values: {
        externalId: 'alee',
        userName: 'ann.lee@corp.example',
        'emails[primary eq true]': { primary: true, value: 'ann.lee@mail.example' },
        name: { givenName: 'Ann', familyName: 'Lee', formatted: 'Ann Lee' },
        title: 'Agent',
        department: 'Service',
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager': { reference: 'boss' },
        [`${guide}:divisions[id eq "division-1"]`]: { id: 'division-1' },
        [`${guide}:roles[id eq "role-1"]`]: { id: 'role-1' },
        [`${guide}:roles[id eq "role-2"]`]: { id: 'role-2' },
        [`${guide}:routing_email`]: 'ann.lee@mail.example',
        [`${guide}:routing_phone_numbers`]: ['+4930901820'],
        [`${guide}:ad_object_guid`]: ENTRY.anchor,
      },
    });
  });

  test('its short PATCH paths name the same attributes', () => {
    const short = compileMapping(parse('userName: mail\ngenesys:User.roles: [{ id: { constant: r } }]'));
    expect(short.ownsAttributes).toContain('urn:ietf:params:scim:schemas:extension:genesys:2.0:User:roles');
  });

  test('its PATCH paths are kept as spelled, for lists that it replaces as a whole', () => {
    const mapping = compileMapping(
      parse(`
userName: mail
emails: { patch: whole, items: [{ primary: true, value: mail }] }
genesys:User.roles: { patch: whole, items: [{ id: { constant: r } }, { id: none }] }
genesys:User.routing_phone_numbers: { patch: whole, items: [telephoneNumber] }
routingSkills: { patch: whole, items: [{ name: { constant: German } }] }
`),
    );
    const context = { defaultRegion: null, now: new Date(0), anchorOf: () => undefined };
    const attributes = mapEntry(mapping, ENTRY, context).desired?.attributes ?? [];
    const guide = 'urn:ietf:params:scim:schemas:extension:genesys:2.0:User';
    const real = 'urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User';
    expect(attributes.map(({ path, value, patchAs }) => [path, value, patchAs])).toEqual([
      ['emails', [{ primary: true, value: 'ann.lee@mail.example' }], 'emails'],
      [`${guide}:roles`, [{ id: 'r' }], 'genesys:User.roles'],
      [`${guide}:routing_phone_numbers`, ['+4930901820'], 'genesys:User.routing_phone_numbers'],
      [`${real}:routingSkills`, [{ name: 'German' }], `${real}:routingSkills`],
      ['userName', 'ann.lee@mail.example', undefined],
    ]);
  });

  test('the LDAP guide', () => {
    const yaml = `
schemas: ['urn:ietf:params:scim:schemas:core:2.0:User']
userName: uid
emails: [{ primary: true, type: work, value: mail }]
name: { formatted: cn, familyName: sn, givenName: givenName }
phoneNumbers: [{ type: work, value: telephoneNumber }]
active: enabled
`;
    expect(valuesOf(yaml)).toEqual({
      active: false,
      values: {
        userName: 'ann.lee@corp.example',
        'emails[type eq "work"]': { primary: true, type: 'work', value: 'ann.lee@mail.example' },
        name: { formatted: 'Ann Lee', familyName: 'Lee', givenName: 'Ann' },
        'phoneNumbers[type eq "work"]': { type: 'work', value: '+4930901820' },
      },
    });
    expect(compileMapping(parse(yaml)).schemas).toEqual(['urn:ietf:params:scim:schemas:core:2.0:User']);
  });
});

test('a mapping says what it reads, refers to and owns', () => {
  const mapping = compileMapping(
    parse(`
username: { from: [userPrincipalName, { template: '{uid}@{$vendor}.example' }] }
active: accountEnabled
Department: department
manager: manager
assistant: { from: secretary, reference: true }
phoneNumbers[mobile].value: mobile
`),
  );
  expect(mapping.attributes).toEqual([
    'accountenabled',
    'department',
    'manager',
    'mobile',
    'secretary',
    'uid',
    'userprincipalname',
  ]);
  expect(mapping.references).toEqual(['manager', 'secretary']);
  expect(mapping.ownsAttributes).toEqual([
    'assistant',
    'phoneNumbers',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager',
    'userName',
  ]);
});
