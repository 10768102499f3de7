import { describe, expect, test } from 'vitest';
import type { LoginHolder } from '../model/candidate.ts';
import type { Sighting } from '../model/entry.ts';
import { ENTERPRISE_USER } from '../model/scim-path.ts';
import { about, holder, inactive, nothing } from '../test/support/decisions.ts';
import { ANN, ANN_ID, MANAGER_PATH, desiredUser, genesysUser, linkOf, manager, owned } from '../test/support/people.ts';

describe('a newcomer', () => {
  test('is created', () => {
    expect(about({ desired: desiredUser([owned('title', 'Agent'), manager('bob')]) })).toEqual({
      notes: [],
      drifted: [],
      change: {
        anchor: ANN,
        kind: 'create',
        genesysId: null,
        directory: 'corp-ad',
        dn: 'CN=Ann Lee,OU=Agents,DC=corp,DC=example',
        userName: 'ann.lee@example.com',
        displayName: 'Ann Lee',
        reason: 'new in corp-ad',
        before: null,
        after: {
          displayName: 'Ann Lee',
          title: 'Agent',
          [MANAGER_PATH]: { value: 'bob-id' },
          userName: 'ann.lee@example.com',
          active: true,
        },
        desired: desiredUser([owned('title', 'Agent'), manager('bob')]),
        operations: null,
        absent: false,
        heldBecause: null,
        parked: null,
      },
    });
  });

  test('who is disabled is nobody yet', () => {
    expect(about({ desired: inactive })).toEqual(nothing);
  });

  test('is created without a manager who has no user, and a note says so', () => {
    const decision = about({ desired: desiredUser([manager('nobody')]) });
    expect(decision.change).toMatchObject({ kind: 'create', parked: null });
    expect(decision.notes).toMatchObject([{ attribute: 'manager' }]);
    expect(decision.notes[0]?.problem).toContain('a later run sets it');
    expect(about({ desired: desiredUser([manager('newcomer')]) }).notes).toEqual([]);
  });

  test.each<[string, LoginHolder, RegExp]>([
    ['a linked active user', holder(), /belongs to Ann Lee the elder, whom Rollcall manages/],
    ['a linked inactive user', holder({ active: false }), /belongs to Ann Lee the elder, a deactivated user/],
    [
      'another newcomer',
      holder({ via: 'desired', genesysId: null }),
      /Ann Lee the elder has or wants the same login in the directory; give one of the two another/,
    ],
  ])('whose login is taken by %s is parked', (_who, other, sentence) => {
    const { change } = about({}, { holders: [other] });
    expect(change).toMatchObject({ kind: 'create', parked: { code: 'identity.login-taken' } });
    expect(change?.parked?.message).toMatch(sentence);
    expect(change?.parked?.message).not.toContain('ann.lee@example.com');
  });

  test('hears of him who has the login rather than of him who wants it', () => {
    const wants = holder({ via: 'desired', displayName: 'Somebody' });
    expect(about({}, { holders: [wants, holder()] }).change?.parked?.message).toMatch(/belongs to Ann Lee the elder/);
  });

  test('is not in his own way', () => {
    expect(about({}, { holders: [holder({ via: 'desired', anchor: ANN })] }).change?.parked).toBeNull();
  });
});

describe('two newcomers with one login', () => {
  test('are both parked', () => {
    const other = 'b0000000-0000-4000-8000-000000000002';
    const first = about({}, { holders: [holder({ via: 'desired', anchor: other })] });
    const second = about({ anchor: other }, { holders: [holder({ via: 'desired', anchor: ANN })] });
    expect(first.change?.parked?.code).toBe('identity.login-taken');
    expect(second.change?.parked?.code).toBe('identity.login-taken');
  });

  test('do not disturb him who has it', () => {
    expect(about({ link: linkOf() }, { holders: [holder({ via: 'desired' })] })).toEqual(nothing);
    const desired = desiredUser([owned('title', 'Agent')]);
    const { change } = about({ link: linkOf(), desired }, { holders: [holder({ via: 'desired' })] });
    expect(change).toMatchObject({ kind: 'update', parked: null });
  });
});

describe('an invalid entry', () => {
  const problems = [
    { attribute: 'userName', problem: 'has no value; give the entry a mail address' },
    { attribute: `${ENTERPRISE_USER}:department`, problem: 'is too long; shorten it' },
  ];
  const invalid = { desired: null, hash: null, problems };

  test.each([
    ['create', null],
    ['update', linkOf()],
    ['update', linkOf({ active: false })],
  ])('is parked as %s, with its attributes and their problems', (kind, link) => {
    const { change } = about({ ...invalid, link });
    expect(change).toMatchObject({ kind, parked: { code: 'identity.invalid-entry' }, operations: null, after: null });
    expect(change?.parked?.message).toBe(
      'The directory entry cannot be used (userName: has no value; give the entry a mail address and department: is too long; shorten it); correct it in the directory and a later run takes it up.',
    );
  });

  test('is never a leaver, whatever a second look says', () => {
    const elsewhere: Sighting = { anchor: ANN, directory: 'corp-ad', dn: 'CN=Ann,DC=corp', inScope: false };
    for (const sighting of ['gone', 'unproved', elsewhere] as const) {
      expect(about({ ...invalid, link: linkOf() }, { sighting }).change?.kind).toBe('update');
    }
  });

  test('with many problems still makes a short sentence', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ attribute: `a${index}`, problem: 'is wrong' }));
    expect(about({ ...invalid, problems: many }).change?.parked?.message).toMatch(/a3: is wrong and 46 more\)/);
  });
});

describe('somebody known', () => {
  const link = linkOf({ written: { ...linkOf().written, title: 'Trainee', [MANAGER_PATH]: { value: 'old-id' } } });
  const desired = desiredUser([owned('title', 'Agent'), manager('bob')]);

  test('is updated with what differs, and the reason names it', () => {
    expect(about({ link, desired }).change).toMatchObject({
      kind: 'update',
      genesysId: ANN_ID,
      reason: 'title and manager changed',
      before: { title: 'Trainee', [MANAGER_PATH]: { value: 'old-id' } },
      after: { title: 'Agent', [MANAGER_PATH]: { value: 'bob-id' } },
      operations: [
        { op: 'replace', path: 'title', value: 'Agent' },
        { op: 'replace', path: MANAGER_PATH, value: { value: 'bob-id' } },
      ],
      parked: null,
    });
  });

  test('is left alone when all is as wanted', () => {
    expect(about({ link: linkOf() })).toEqual(nothing);
    expect(about({ link: linkOf({ active: false }), desired: inactive })).toEqual(nothing);
  });

  test('who loses part of a value hears nothing of others having changed it', () => {
    const named = linkOf({ written: { ...linkOf().written, name: { givenName: 'Ann', familyName: 'Lee' } } });
    const actual = genesysUser({ name: { givenName: 'Ann', familyName: 'Lee' } });
    const less = desiredUser([owned('name', { familyName: 'Lee' })]);
    expect(about({ link: named, desired: less, actual }).change?.reason).toBe('name changed');
  });

  test('keeps a login that nobody else has, and may take a free one', () => {
    const renamed = desiredUser([], { userName: 'ann.ray@example.com' });
    expect(about({ link, desired: renamed }).change).toMatchObject({ reason: 'userName changed', parked: null });
  });

  test.each<[string, LoginHolder]>([
    ['a linked user', holder()],
    ['a Genesys user without link', holder({ via: 'inventory', anchor: null })],
    ['another entry', holder({ via: 'desired' })],
  ])('who shall get the login of %s is parked as an update', (_who, other) => {
    const renamed = desiredUser([], { userName: 'ann.ray@example.com' });
    const { change } = about({ link, desired: renamed }, { holders: [other] });
    expect(change).toMatchObject({ kind: 'update', parked: { code: 'identity.login-taken' } });
  });

  test('whose login differs only by case has not changed it', () => {
    const written = { ...linkOf().written, userName: 'Ann.Lee@Example.com' };
    expect(about({ link: linkOf({ written }) }, { holders: [holder()] })).toEqual(nothing);
  });

  test('whose user nobody listed or looked for is not taken for deleted', () => {
    expect(about({ link: linkOf(), actual: null, deleted: false })).toEqual(nothing);
  });
});

describe('a reference to somebody without a Genesys user', () => {
  const link = linkOf();

  test('makes an update that waits, when he is created in this run', () => {
    const { change, notes } = about({ link, desired: desiredUser([manager('newcomer')]) });
    expect(change).toMatchObject({ kind: 'update', operations: [], before: {}, after: {}, parked: null });
    expect(change?.desired?.attributes).toContainEqual(manager('newcomer'));
    expect(notes).toEqual([]);
  });

  test('makes nothing else than a note, when he is not', () => {
    const decision = about({ link, desired: desiredUser([manager('nobody')]) });
    expect(decision.change).toBeNull();
    expect(decision.notes).toHaveLength(1);
  });

  test('does not hold up what else changed', () => {
    const { change } = about({ link, desired: desiredUser([owned('title', 'Agent'), manager('newcomer')]) });
    expect(change?.operations).toEqual([{ op: 'replace', path: 'title', value: 'Agent' }]);
  });
});

describe('drift', () => {
  const link = linkOf({ written: { ...linkOf().written, title: 'Agent' } });
  const desired = desiredUser([owned('title', 'Agent')]);
  const actual = genesysUser({ title: 'King', active: false });

  test('is reported, the state of the user too', () => {
    expect(about({ link, desired, actual })).toEqual({ change: null, notes: [], drifted: ['active', 'title'] });
  });

  test('is respected in silence', () => {
    expect(about({ link, desired, actual }, { drift: 'respect' })).toEqual(nothing);
  });

  test('is put back where told so, and the reason says who changed it', () => {
    const here = genesysUser({ title: 'King' });
    expect(about({ link, desired, actual: here }, { drift: 'restore' }).change).toMatchObject({
      kind: 'update',
      reason: 'title put back after a change in Genesys Cloud',
      before: { title: 'King' },
    });
    const boss = desiredUser([owned('nickName', 'Annie'), owned('title', 'Agent')]);
    expect(about({ link, desired: boss, actual: here }, { drift: 'restore' }).change?.reason).toBe(
      'nickName changed; title put back after a change in Genesys Cloud',
    );
  });

  test('of the state is put back by a reactivation', () => {
    expect(about({ link, desired, actual }, { drift: 'restore' }).change).toMatchObject({
      kind: 'reactivate',
      reason: 'made inactive in Genesys Cloud, made active again',
    });
  });

  test('of a login does not take it from him who has it now', () => {
    const renamed = genesysUser({ userName: 'other@example.com', title: 'Agent' });
    const { change } = about({ link, desired, actual: renamed }, { drift: 'restore', holders: [holder()] });
    expect(change?.parked?.code).toBe('identity.login-taken');
  });
});

describe('somebody who comes back', () => {
  const link = linkOf({ active: false, written: { ...linkOf().written, title: 'Trainee' } });
  const desired = desiredUser([
    owned('roles[value eq "agent"]', { value: 'agent' }, { apply: 'createOnly' }),
    owned('title', 'Agent'),
  ]);

  test('is reactivated with every owned value', () => {
    expect(about({ link, desired }).change).toMatchObject({
      kind: 'reactivate',
      genesysId: ANN_ID,
      reason: 'active again in corp-ad',
      before: { active: false, title: 'Trainee' },
      after: { active: true, title: 'Agent', userName: 'ann.lee@example.com', displayName: 'Ann Lee' },
      operations: null,
      parked: null,
    });
    expect(about({ link, desired }).change?.after).not.toHaveProperty(['roles[value eq "agent"]']);
  });

  test('keeps the login he still has, although a newcomer wants it', () => {
    expect(about({ link, desired }, { holders: [holder({ via: 'desired' })] }).change?.parked).toBeNull();
  });

  test('is parked when his new login is taken', () => {
    const renamed = desiredUser([], { userName: 'ann.ray@example.com' });
    const { change } = about({ link, desired: renamed }, { holders: [holder()] });
    expect(change).toMatchObject({ kind: 'reactivate', parked: { code: 'identity.login-taken' } });
  });
});

describe('somebody without a link whose anchor Genesys users carry', () => {
  const carrier = genesysUser({ displayName: 'Ann Lee' });

  test('is adopted without a write when he is as he shall be', () => {
    const { change } = about({ link: null }, { carriers: [carrier] });
    expect(change).toMatchObject({ kind: 'adopt', genesysId: carrier.id, operations: [], parked: null });
  });

  test('is adopted with what differs, and made active', () => {
    const { change } = about({ link: null }, { carriers: [{ ...carrier, displayName: 'Old', active: false }] });
    expect(change).toMatchObject({ kind: 'adopt', before: { displayName: 'Old', active: false } });
    expect(change?.operations).toEqual([
      { op: 'replace', path: 'active', value: true },
      { op: 'replace', path: 'displayName', value: 'Ann Lee' },
    ]);
  });

  test('is linked as he stands while his entry is disabled', () => {
    const { change } = about({ link: null, desired: inactive }, { carriers: [{ ...carrier, displayName: 'Old' }] });
    expect(change).toMatchObject({ kind: 'adopt', operations: [] });
  });

  test('is not guessed about when there are two', () => {
    const { change } = about({ link: null }, { carriers: [carrier, { ...carrier, id: 'second' }] });
    expect(change).toMatchObject({ kind: 'adopt', parked: { code: 'identity.ambiguous' } });
  });

  test('is left alone when protected', () => {
    const protect = { userNames: [], roles: ['admin'] };
    const { change } = about({ link: null }, { carriers: [{ ...carrier, roles: [{ value: 'admin' }] }], protect });
    expect(change).toBeNull();
  });
});
