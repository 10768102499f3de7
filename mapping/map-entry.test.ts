import { describe, expect, test } from 'vitest';
import type { Entry } from '../model/entry.ts';
import type { DesiredUser, Problem } from '../model/user.ts';
import { compileMapping } from './compile.ts';
import { mapEntry } from './map-entry.ts';
import type { Mapped, MappingContext } from './mapping.ts';

const CONTEXT: MappingContext = {
  defaultRegion: 'DE',
  now: new Date('2026-01-01T00:00:00Z'),
  anchorOf: (dn) => ({ 'CN=Boss': 'boss-anchor', 'CN=Ann': 'ann-anchor' })[dn],
};
const LOGIN = { userName: 'mail', displayName: 'cn' };

function entry(attributes: Record<string, string[]> = {}, more: Partial<Entry> = {}): Entry {
  return {
    directory: 'corp',
    vendor: 'ad',
    anchor: 'ann-anchor',
    dn: 'CN=Ann',
    dnKey: 'cn=ann',
    stamp: '1',
    stampScope: '',
    enabled: true,
    disabledBecause: null,
    dueAt: null,
    attributes: { mail: ['ann@corp.example'], cn: ['Ann Lee'], ...attributes },
    ...more,
  };
}

function map(
  source: Record<string, unknown>,
  attributes: Record<string, string[]> = {},
  more: Partial<Entry> = {},
): Mapped {
  return mapEntry(compileMapping({ ...LOGIN, ...source }), entry(attributes, more), CONTEXT);
}

function desiredOf(mapped: Mapped): DesiredUser {
  if (mapped.desired === null) throw new Error(`nothing desired: ${JSON.stringify(mapped.problems)}`);
  return mapped.desired;
}

function valuesOf(mapped: Mapped): Record<string, unknown> {
  const { attributes } = desiredOf(mapped);
  return Object.fromEntries(
    attributes.map((one) => [one.path, one.reference === null ? one.value : { reference: one.reference }]),
  );
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const problem = (attribute: string, text: string): Problem => ({ attribute, problem: text });

describe('the login', () => {
  test('is trimmed and lower case whatever the mapping says', () => {
    const mapped = map({}, { mail: ['  Ann.LEE@Corp.Example '] });
    expect(desiredOf(mapped).userName).toBe('ann.lee@corp.example');
    expect(valuesOf(mapped)['userName']).toBe('ann.lee@corp.example');
  });

  test('is any text where the service asks for no address', () => {
    const mapping = compileMapping({ userName: 'uid' });
    const mapped = mapEntry(mapping, entry({ uid: ['ALee'] }), { ...CONTEXT, addressLogins: false });
    expect(desiredOf(mapped)).toMatchObject({ userName: 'alee', displayName: 'alee' });
    expect(mapEntry(mapping, entry({ uid: ['ALee'] }), CONTEXT).problems).toHaveLength(1);
  });

  test.each([
    ['missing', [], 'is empty: the entry has none of the mapped attributes'],
    ['no address', ['ann'], 'is not an e-mail address'],
    ['too long', [`${'a'.repeat(65)}@corp.example`], 'has more than 64 characters before the @'],
  ])('parks the entry when %s', (_, mail, text) => {
    expect(map({}, { mail })).toEqual({ desired: null, problems: [problem('userName', text)], warnings: [] });
  });
});

describe('the display name', () => {
  test('is required where it is mapped', () => {
    expect(map({}, { cn: [] }).problems).toEqual([
      problem('displayName', 'is empty: the entry has none of the mapped attributes'),
    ]);
  });

  test('is the formatted name, else the login, where it is not mapped', () => {
    const source = { userName: 'mail', name: { formatted: 'cn' } };
    const named = mapEntry(compileMapping(source), entry(), CONTEXT);
    expect(desiredOf(named).displayName).toBe('Ann Lee');
    const bare = mapEntry(compileMapping(source), entry({ cn: [] }), CONTEXT);
    expect(desiredOf(bare).displayName).toBe('ann@corp.example');
  });
});

describe('active', () => {
  test.each([
    ['an enabled entry without a mapping', {}, {}, true, null],
    ['an enabled entry', { active: '$enabled' }, {}, true, null],
    ['a missing attribute', { active: 'enabled' }, {}, true, null],
    ['TRUE', { active: 'enabled' }, { enabled: ['TRUE'] }, true, null],
    ['FALSE', { active: 'enabled' }, { enabled: ['FALSE'] }, false, 'active is mapped to false'],
    [
      'a table',
      { active: { from: 'state', transform: { lookup: { left: false }, default: true } } },
      { state: ['left'] },
      false,
      'active is mapped to false',
    ],
  ] as const)('of %s', (_, source, attributes, active, inactiveBecause) => {
    expect(desiredOf(map(source, attributes as Record<string, string[]>))).toMatchObject({ active, inactiveBecause });
  });

  test('never beats the directory: a disabled entry is inactive, and says why', () => {
    const mapped = map({ active: true }, {}, { enabled: false, disabledBecause: 'userAccountControl says disabled' });
    expect(desiredOf(mapped)).toMatchObject({ active: false, inactiveBecause: 'userAccountControl says disabled' });
  });

  test('is no attribute, and parks when it cannot be read', () => {
    expect(valuesOf(map({ active: '$enabled' }))).not.toHaveProperty('active');
    expect(map({ active: 'enabled' }, { enabled: ['perhaps'] }).problems).toEqual([
      problem('active', 'is neither TRUE nor FALSE'),
    ]);
  });
});

describe('the manager', () => {
  const path = `${ENTERPRISE}:manager`;
  test.each([
    ['a plain attribute', 'manager'],
    ['an object', { value: 'manager' }],
    ['an expression', { from: ['boss', 'manager'] }],
  ])('is a reference to another person, by %s', (_, manager) => {
    expect(valuesOf(map({ manager }, { manager: ['CN=Boss'] }))[path]).toEqual({ reference: 'boss-anchor' });
  });

  test('who is out of scope counts as nobody, with a warning', () => {
    const mapped = map({ manager: 'manager' }, { manager: ['CN=Gone'] });
    expect(valuesOf(mapped)[path]).toBeNull();
    expect(mapped.warnings).toEqual([problem(path, 'manager out of scope: left out')]);
  });

  test('who is the person himself counts as nobody', () => {
    expect(valuesOf(map({ manager: 'manager' }, { manager: ['CN=Ann'] }))[path]).toBeNull();
  });

  test('is cleared when the directory has none', () => {
    expect(valuesOf(map({ manager: 'manager' }))[path]).toBeNull();
  });

  test('is the first of several, with a warning', () => {
    const mapped = map({ manager: 'manager' }, { manager: ['CN=Boss', 'CN=Gone'] });
    expect(valuesOf(mapped)[path]).toEqual({ reference: 'boss-anchor' });
    expect(mapped.warnings).toEqual([problem(path, 'manager has several values; the first one counts')]);
  });
});

describe('items of a list', () => {
  test('are slots with the whole item as value, cleared when the directory has none', () => {
    const source = {
      phoneNumbers: [
        { type: 'work', primary: true, value: 'telephoneNumber' },
        { type: 'mobile', value: 'mobile' },
      ],
    };
    const mapped = map(source, { telephonenumber: ['030 901820'] });
    expect(valuesOf(mapped)).toMatchObject({
      'phoneNumbers[type eq "work"]': { type: 'work', primary: true, value: '+4930901820' },
      'phoneNumbers[type eq "mobile"]': null,
    });
    expect(desiredOf(mapped).ownedLists).toEqual(['phoneNumbers']);
  });

  test.each<[string, unknown, string, unknown]>([
    [
      'type',
      { type: 'work', primary: true, value: 'x' },
      'things[type eq "work"]',
      { type: 'work', primary: true, value: 'X' },
    ],
    ['authority', { authority: 'a b', value: 'x' }, 'things[authority eq "a b"]', { authority: 'a b', value: 'X' }],
    [
      'name',
      { name: { constant: 'German' }, proficiency: 4 },
      'things[name eq "German"]',
      { name: 'German', proficiency: 4 },
    ],
    ['primary', { primary: true, value: 'x' }, 'things[primary eq true]', { primary: true, value: 'X' }],
    ['a value from the directory', { value: 'x' }, 'things[value eq "X"]', { value: 'X' }],
    ['id', { id: { constant: 'say "1"' } }, 'things[id eq "say \\"1\\""]', { id: 'say "1"' }],
  ])('are told apart by %s', (_, item, path, value) => {
    expect(valuesOf(map({ things: [item] }, { x: ['X'] }))[path]).toEqual(value);
  });

  test('by value path are the same as by list', () => {
    const byPath = { 'phoneNumbers[type eq "work"].value': 'telephoneNumber', 'phoneNumbers[work].primary': true };
    const byList = { phoneNumbers: [{ type: 'work', value: 'telephoneNumber', primary: true }] };
    const attributes = { telephonenumber: ['030 901820'] };
    expect(desiredOf(map(byPath, attributes))).toEqual(desiredOf(map(byList, attributes)));
  });

  test('whose telling value comes from an empty attribute are absent, and their list stays owned', () => {
    const mapped = map({ roles: [{ value: 'role' }] });
    expect(Object.keys(valuesOf(mapped))).toEqual(['displayName', 'userName']);
    expect(desiredOf(mapped).ownedLists).toEqual(['roles']);
  });

  test('written once, or kept when empty, do not make Rollcall clear their list', () => {
    const once = { roles: { apply: 'createOnly', items: [{ value: { constant: 'employee' } }] } };
    expect(desiredOf(map(once))).toMatchObject({ ownedLists: [], attributes: [{}, { apply: 'createOnly' }, {}] });
    const keep = { roles: { onEmpty: 'keep', items: [{ value: 'role' }] } };
    expect(desiredOf(map(keep)).ownedLists).toEqual([]);
    expect(desiredOf(map(keep, { role: ['agent'] })).ownedLists).toEqual(['roles']);
  });

  test('that turn out the same keep the first value, with a warning', () => {
    const mapped = map({ roles: [{ value: 'x' }, { value: 'y' }] }, { x: ['agent'], y: ['agent'] });
    expect(valuesOf(mapped)['roles[value eq "agent"]']).toEqual({ value: 'agent' });
    expect(mapped.warnings).toEqual([
      problem('roles[value eq "agent"]', 'comes out of several items; the first one counts'),
    ]);
  });

  test('for roles outside grantableRoles park the entry', () => {
    const mapping = compileMapping({ ...LOGIN, roles: [{ value: 'role' }] });
    const context = { ...CONTEXT, grantableRoles: ['agent'] };
    expect(mapEntry(mapping, entry({ role: ['agent'] }), context).problems).toEqual([]);
    expect(mapEntry(mapping, entry({ role: ['admin'] }), context).problems).toEqual([
      problem('roles', 'is mapped to a role that target.grantableRoles does not list'),
    ]);
  });

  test.each([
    ['items', { patch: 'whole', items: [{ value: { constant: 'agent' } }, { value: 'role' }] }],
    ['plain values', ['role']],
  ])('for roles outside grantableRoles park the entry too when the list is written as a whole, of %s', (_, roles) => {
    const mapping = compileMapping({ ...LOGIN, roles });
    const context = { ...CONTEXT, grantableRoles: ['agent'] };
    expect(mapEntry(mapping, entry({ role: ['agent'] }), context).problems).toEqual([]);
    expect(mapEntry(mapping, entry({ role: ['admin'] }), context).problems).toHaveLength(1);
  });
});

describe('values', () => {
  test.each<[string, unknown, Record<string, string[]>, unknown]>([
    ['an attribute', 'title', { title: ['Agent'] }, 'Agent'],
    ['umlauts and other scripts as they are', 'title', { title: ['Łukasz Müller-Öz 李 😀'] }, 'Łukasz Müller-Öz 李 😀'],
    ['a missing attribute', 'title', {}, null],
    ['a blank attribute', 'title', { title: [' \t '] }, null],
    ['the first that is not empty', { from: ['a', 'b', 'c'] }, { a: [' '], b: ['B'], c: ['C'] }, 'B'],
    ['a template', { template: '{givenName} {sn}' }, { givenname: ['Ann'], sn: ['Lee'] }, 'Ann Lee'],
    [
      'a template with a gap',
      { template: '{givenName} {middle} {sn}' },
      { givenname: ['Ann'], sn: ['Lee'] },
      'Ann Lee',
    ],
    ['a template without any value', { template: '{givenName} {sn}' }, {}, null],
    ['a template with braces', { template: '{{{sn}}}' }, { sn: ['Lee'] }, '{Lee}'],
    ['a template with a built-in', { template: '{$vendor}/{$anchor}' }, {}, 'ad/ann-anchor'],
    ['the DN', '$dn', {}, 'CN=Ann'],
    ['a constant', { constant: 'Agent' }, {}, 'Agent'],
    ['a number', 5, {}, 5],
    ['a source with its own transform', { from: [{ from: 'mail', transform: { before: '@' } }, 'cn'] }, {}, 'ann'],
    ['a default', { from: ['x', { constant: 'none' }] }, {}, 'none'],
    ['transforms in order', { from: 'x', transform: ['trim', 'upper', { truncate: 2 }] }, { x: [' abc '] }, 'AB'],
    [
      'what a transform leaves empty',
      { from: 'x', transform: [{ after: '-' }, { lookup: { '': 'Q' } }] },
      { x: ['abc-'] },
      null,
    ],
    ['an attribute named as every object has one', 'constructor', {}, null],
  ])('of %s', (_, right, attributes, expected) => {
    expect(valuesOf(map({ title: right }, attributes))['title']).toEqual(expected);
  });

  test('nested objects leave out what is empty, and are empty when all is', () => {
    const source = { name: { givenName: 'givenName', familyName: 'sn' } };
    expect(valuesOf(map(source, { sn: ['Lee'] }))['name']).toEqual({ familyName: 'Lee' });
    expect(valuesOf(map(source))['name']).toBeNull();
    expect(valuesOf(map({ 'name.givenName': 'givenName', 'name.familyName': 'sn' }, { sn: ['Lee'] }))['name']).toEqual({
      familyName: 'Lee',
    });
  });

  test('of control characters alone count as empty, with a warning', () => {
    const mapped = map(
      { displayName: { from: ['displayName', 'cn'] } },
      { displayname: ['\u0001\u0000'], cn: ['Ann'] },
    );
    expect(valuesOf(mapped)['displayName']).toBe('Ann');
    expect(mapped.warnings).toEqual([
      problem('displayName', 'displayname contains control characters; nothing else, so it counts as empty'),
    ]);
  });

  test('with control characters, NUL included, have one space for each run, and a warning', () => {
    const mapped = map({}, { cn: ['Ann\0\r\n\tLee\u0085\u007f'] });
    expect(desiredOf(mapped).displayName).toBe('Ann Lee ');
    expect(mapped.warnings).toEqual([
      problem('displayName', 'cn contains control characters; each run became one space'),
    ]);
  });

  test('of several the first the server returned counts, with a warning', () => {
    const mapped = map({ title: 'title' }, { title: ['Agent', 'Lead'] });
    expect(valuesOf(mapped)['title']).toBe('Agent');
    expect(mapped.warnings).toEqual([problem('title', 'title has several values; the first one counts')]);
  });

  test('of sources that were not needed are not warned about', () => {
    expect(map({ title: { from: ['a', 'b'] } }, { a: ['A'], b: ['B', 'C'] }).warnings).toEqual([]);
  });

  test('that are invalid are left out with a warning, or park where the mapping says so', () => {
    const phone = (onInvalid: string) => ({
      'phoneNumbers[work].value': { from: 'tel', transform: 'e164', onInvalid },
    });
    const slot = 'phoneNumbers[type eq "work"]';
    const dropped = map(phone('drop'), { tel: ['12'] });
    expect(valuesOf(dropped)[slot]).toBeNull();
    expect(dropped.warnings).toEqual([problem(slot, 'is not a valid phone number: left out')]);
    expect(map(phone('park'), { tel: ['12'] }).problems).toEqual([problem(slot, 'is not a valid phone number')]);
  });

  test('carry their policy', () => {
    const mapped = map({ externalId: { from: 'sAMAccountName', apply: 'createOnly', onEmpty: 'keep' } });
    expect(desiredOf(mapped).attributes[1]).toEqual({
      path: 'externalId',
      value: null,
      reference: null,
      apply: 'createOnly',
      onEmpty: 'keep',
    });
  });

  test('come sorted by path, and time passes through', () => {
    const desired = desiredOf(map({ title: 'title', externalId: '$anchor' }, {}, { dueAt: '2026-02-01T00:00:00Z' }));
    expect(desired.attributes.map((one) => one.path)).toEqual(['displayName', 'externalId', 'title', 'userName']);
    expect(desired.dueAt).toBe('2026-02-01T00:00:00Z');
  });
});
