import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { compileMapping } from './compile.ts';
import { checkGenesysSchema } from './genesys-schema.ts';

const check = (yaml: string) => (): void =>
  checkGenesysSchema(compileMapping(parse(`userName: mail\ndisplayName: cn\n${yaml}`)), 'mapping.yaml');

test('everything the real schema has may be mapped', () => {
  const yaml = `
schemas: ['urn:ietf:params:scim:schemas:core:2.0:User']
active: $enabled
title: title
externalId: $anchor
emails: [{ type: work, primary: true, value: mail }]
phoneNumbers: [{ type: work, value: tel }, { type: microsoftteams, value: mobile }]
roles: [{ value: { constant: employee } }, { value: role }]
division: { constant: Home }
department: department
manager: manager
employeeNumber: employeeID
dateHire: { from: start, transform: generalizedTimeToDate }
routingSkills: [{ name: { constant: German }, proficiency: 4.5 }]
routingLanguages: [{ name: language, proficiency: { from: level, transform: number } }]
externalIds: [{ authority: badge, value: badgeNumber }]
`;
  expect(check(yaml)).not.toThrow();
});

describe('what it lacks is refused, with what to write instead', () => {
  test.each([
    [
      'name.givenName: givenName',
      'name is not in Genesys Cloud’s user schema; it has no parts of names: build displayName instead.',
    ],
    ['name: { formatted: cn }', 'build displayName instead.'],
    [
      'addresses: [{ type: work, value: street }]',
      'addresses is not in Genesys Cloud’s user schema; it keeps no addresses',
    ],
    ['groups: [{ value: { constant: x } }]', 'groups are read-only there'],
    ['id: uid', 'the service gives the id itself'],
    ['meta: { version: x }', 'the service writes meta itself'],
    ['photos: [{ value: x }]', 'it takes no photos by SCIM'],
    ['password: x', 'Rollcall writes no passwords'],
    ['tittle: title', 'tittle is not in Genesys Cloud’s user schema; did you mean "title"?'],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:department: department',
      'it stands in the enterprise extension: write department alone.',
    ],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter: x',
      'it has division, department, manager, employeeNumber and dateHire.',
    ],
    ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:departmnt: x', 'did you mean "department"?'],
    [
      'genesys:User.divisions: [{ id: { constant: x } }]',
      'stands in an extension that Genesys Cloud does not know; write division with the name of one division.',
    ],
    [
      'roles: { patch: whole, items: [{ value: { constant: employee } }] }',
      'roles.patch would replace what others added to the list in Genesys Cloud: remove it.',
    ],
    ['genesys:User.ad_object_guid: $anchor', 'write externalIds with an authority of your own'],
    [
      'urn:example:User:x: y',
      'stands in an extension that Genesys Cloud does not know; its own is urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User.',
    ],
    [
      'emails: [{ type: other, value: mail }]',
      'emails has an item of type "other", which Genesys Cloud does not take: only work can be written.',
    ],
    [
      'emails[primary]: mail',
      'emails has an item without a fixed type, by which Genesys Cloud tells items apart: add type: work.',
    ],
    ['emails: [{ value: mail }]', 'add type: work.'],
    ['emails: [mail]', 'emails is a list of items in Genesys Cloud: write items with value, type, primary.'],
    [
      'phoneNumbers: [{ type: mobil, value: mobile }]',
      'has an item of type "mobil", which Genesys Cloud does not take; did you mean "mobile"?',
    ],
    ['phoneNumbers: [{ type: work, display: x, value: mobile }]', 'phoneNumbers.display is unknown to Genesys Cloud'],
    [
      'phoneNumbers: [{ type: work, value: { nested: x } }]',
      'phoneNumbers.value takes one value in Genesys Cloud, no list or object.',
    ],
    ['phoneNumbers[work].primary: true', 'phoneNumbers has an item without value, which Genesys Cloud requires.'],
    ['roles: [{ id: { constant: x } }]', 'roles.id is unknown to Genesys Cloud'],
    ['division: [{ id: { constant: x } }]', 'division takes one value in Genesys Cloud, no list, object or reference.'],
    ['title: { value: title }', 'title takes one value in Genesys Cloud, no list, object or reference.'],
    [
      'externalIds: [{ authority: x-pc:scimv2:v1:abc, value: $anchor }]',
      'has an authority that Genesys Cloud reserves for the SCIM externalId',
    ],
    ['externalIds: [{ value: $anchor }]', 'has an item without authority, which Genesys Cloud requires.'],
    ['routingSkills: [{ name: { constant: x }, proficiency: 6 }]', 'has a proficiency that is no number from 0 to 5.'],
    [
      'schemas: [urn:ietf:params:scim:schemas:extension:genesys:2.0:User]',
      'schemas names urn:ietf:params:scim:schemas:extension:genesys:2.0:User, which Genesys Cloud does not know: remove it.',
    ],
  ])('%s', (yaml, sentence) => {
    expect(check(yaml)).toThrow(expect.objectContaining({ code: 'mapping.invalid' }));
    expect(check(yaml)).toThrow(sentence);
  });

  test('and a mapping without a display name, without which no user can be created', () => {
    const without = (): void => checkGenesysSchema(compileMapping({ userName: 'mail' }), 'mapping.yaml');
    expect(without).toThrow('In mapping.yaml, displayName is missing');
  });
});
