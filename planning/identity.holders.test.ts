import { describe, expect, test } from 'vitest';
import type { LoginHolder } from '../model/candidate.ts';
import { GENESYS_USER } from '../model/scim-path.ts';
import type { DesiredUser } from '../model/user.ts';
import { about, ELDER, EMPLOYEE_NUMBER, holder, nothing } from '../test/support/decisions.ts';
import { ANN, ANN_ID, desiredUser, genesysUser, linkOf, owned } from '../test/support/people.ts';
import type { DecisionContext } from './identity.ts';

const personKey = [EMPLOYEE_NUMBER];
const policy = (onReusedLogin: 'hold' | 'recycle' | 'rebind') => ({
  identity: { personKey, onReusedLogin, onTakenLogin: 'park' as const, onDeletedUser: 'hold' as const },
});
const numbered = (number: string | null): DesiredUser => desiredUser([owned(EMPLOYEE_NUMBER, number)]);
const ANCHOR_AT = `${GENESYS_USER}:externalIds[authority eq "ad-objectguid"]`;

/** Ann the elder, linked, with the login that Ann shall have. */
const elder = (entry: LoginHolder['entry'], number: string | null = null, more: Partial<LoginHolder> = {}) => {
  const written = { userName: 'ann.lee@example.com', displayName: 'Ann Lee the elder', externalId: ELDER };
  const link = linkOf({
    anchor: ELDER,
    genesysId: 'other-id',
    displayName: 'Ann Lee the elder',
    written: number === null ? written : { ...written, [EMPLOYEE_NUMBER]: number },
  });
  return holder({ entry, link, ...more });
};
const found = { dn: 'CN=Ann,OU=Alumni,DC=corp', anchor: ELDER, directory: 'corp-ad' };

describe('a newcomer whose login belongs to somebody linked', () => {
  test.each<[string, LoginHolder, Partial<DecisionContext>, DesiredUser, object]>([
    [
      'who gets another one',
      elder('leaves'),
      {},
      numbered('1'),
      { kind: 'create', parked: null, awaits: { genesysId: 'other-id' } },
    ],
    ['who keeps it', elder('stays'), {}, numbered('1'), { kind: 'create', parked: { code: 'identity.login-taken' } }],
    [
      'whose entry is invalid',
      elder('invalid'),
      {},
      numbered('1'),
      { kind: 'create', parked: { code: 'identity.login-taken' } },
    ],
    [
      'who is disabled',
      elder('disabled'),
      {},
      numbered('1'),
      { kind: 'recycle', heldBecause: expect.stringMatching(/^login handed over.*is disabled/) },
    ],
    [
      'who is out of scope',
      elder('absent'),
      { sightingOf: () => ({ ...found, inScope: false }) },
      numbered('1'),
      {
        kind: 'recycle',
        heldBecause: expect.stringMatching(/login handed over.*out of scope in corp-ad \(now CN=Ann,OU=Alumni/),
      },
    ],
    [
      'who was not read although he is in scope',
      elder('absent'),
      { sightingOf: () => ({ ...found, inScope: true }) },
      numbered('1'),
      { kind: 'create', parked: { code: 'identity.login-taken' } },
    ],
    [
      'whose absence is not proved',
      elder('absent', '1'),
      {},
      numbered('1'),
      { kind: 'create', parked: { message: expect.stringMatching(/could not be proved to be gone/) } },
    ],
    [
      'who is gone and was the same person',
      elder('absent', '1'),
      { sightingOf: () => 'gone' },
      numbered('1'),
      { kind: 'rebind', heldBecause: null },
    ],
    [
      'who is gone and was somebody else',
      elder('absent', '2'),
      { sightingOf: () => 'gone' },
      numbered('1'),
      { kind: 'recycle', heldBecause: null },
    ],
    [
      'who is gone and had no number',
      elder('absent'),
      { sightingOf: () => 'gone' },
      numbered('1'),
      { kind: 'recycle', heldBecause: expect.stringMatching(/employeeNumber is missing on one side/) },
    ],
    [
      'who is gone, while she has no number',
      elder('absent', '2'),
      { sightingOf: () => 'gone' },
      numbered(null),
      { kind: 'recycle', heldBecause: expect.stringMatching(/onReusedLogin is hold/) },
    ],
    [
      'unknown, to be used again',
      elder('absent'),
      { sightingOf: () => 'gone', ...policy('recycle') },
      numbered('1'),
      { kind: 'recycle', heldBecause: null },
    ],
    [
      'unknown, to be taken for the same',
      elder('absent'),
      { sightingOf: () => 'gone', ...policy('rebind') },
      numbered('1'),
      { kind: 'rebind', heldBecause: null },
    ],
    [
      'known to differ, whatever the policy',
      elder('absent', '2'),
      { sightingOf: () => 'gone', ...policy('rebind') },
      numbered('1'),
      { kind: 'recycle', heldBecause: null },
    ],
  ])('%s', (_who, other, more, desired, expected) => {
    expect(about({ desired }, { holders: [other], ...more }).change).toMatchObject(expected);
  });

  test('who is gone, while somebody else wants it too, is parked like that one', () => {
    const holders = [elder('absent', '2'), holder({ via: 'desired', genesysId: null, anchor: 'third' })];
    const { change } = about({ desired: numbered('1') }, { holders, sightingOf: () => 'gone' });
    expect(change).toMatchObject({ kind: 'create', parked: { code: 'identity.login-taken' } });
  });

  test('who is protected by a role is left alone', () => {
    const other = elder('absent', '2', { user: genesysUser({ id: 'other-id', roles: [{ value: 'Admin' }] }) });
    const protect = { userNames: [], roles: ['admin'] };
    const { change } = about({ desired: numbered('1') }, { holders: [other], sightingOf: () => 'gone', protect });
    expect(change?.parked?.code).toBe('identity.protected');
  });
});

describe('the changes that end a person', () => {
  test('a recycle names the old user, retires him and describes the new one', () => {
    const { change } = about({ desired: numbered('1') }, { holders: [elder('absent', '2')], sightingOf: () => 'gone' });
    expect(change).toMatchObject({
      anchor: ANN,
      kind: 'recycle',
      genesysId: 'other-id',
      reason: 'the login is used again: Ann Lee the elder is gone from corp-ad and had another employeeNumber',
      after: { userName: 'ann.lee@example.com', active: true },
      operations: null,
      predecessor: {
        anchor: ELDER,
        genesysId: 'other-id',
        userName: 'ann.lee@example.com',
        displayName: 'Ann Lee the elder',
        retirement: { after: { userName: 'retired-e1de0000@example.com', active: false } },
      },
    });
  });

  test('a rebind keeps the user, brings the new anchor in and what else differs', () => {
    const anchor = owned(ANCHOR_AT, { authority: 'ad-objectguid', value: ANN });
    const desired = desiredUser([owned('externalId', ANN), owned(EMPLOYEE_NUMBER, '1'), anchor]);
    const other = elder('absent', '1');
    if (other.link === null) throw new Error('the elder has a link');
    other.link.written = { ...other.link.written, [ANCHOR_AT]: { authority: 'ad-objectguid', value: ELDER } };
    const { change } = about({ desired }, { holders: [other], sightingOf: () => 'gone' });
    expect(change).toMatchObject({
      kind: 'rebind',
      genesysId: 'other-id',
      predecessor: { anchor: ELDER, retirement: null },
    });
    expect(change?.reason).toBe(
      'the same person under another anchor: Ann Lee the elder is gone from corp-ad and had the same employeeNumber',
    );
    expect(change?.operations).toEqual([
      { op: 'replace', path: 'displayName', value: 'Ann Lee' },
      { op: 'replace', path: 'externalId', value: ANN },
      { op: 'replace', path: `${ANCHOR_AT}.value`, value: ANN },
    ]);
  });

  test('a rebind of somebody inactive by now gives him his access back', () => {
    const other = elder('absent', '1', { active: false });
    if (other.link !== null) other.link.active = false;
    const { change } = about({ desired: numbered('1') }, { holders: [other], sightingOf: () => 'gone' });
    expect(change?.operations?.[0]).toEqual({ op: 'replace', path: 'active', value: true });
    expect(change).toMatchObject({ before: { active: false }, after: { active: true } });
  });
});

describe('a newcomer whose login belongs to a Genesys user whom nobody manages', () => {
  const desired = desiredUser([
    owned('externalId', ANN),
    owned(EMPLOYEE_NUMBER, '1'),
    owned(ANCHOR_AT, { authority: 'ad-objectguid', value: ANN }),
  ]);
  const number = (value: string) => ({
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: value },
  });
  const ids = (...externalIds: { authority: string; value: string }[]) => ({ [GENESYS_USER]: { externalIds } });

  test.each<[string, Record<string, unknown>, string | null]>([
    ['plain', {}, null],
    ['with the same number', number('1'), null],
    [
      'with the external id that she shall have, and its mirror',
      { externalId: ANN, ...ids({ authority: 'x-pc:scimv2:v1:a', value: ANN }) },
      null,
    ],
    ['inactive', { active: false }, 'is inactive'],
    ['with another number', number('2'), 'has another employeeNumber'],
    ['with another anchor', ids({ authority: 'ad-objectguid', value: ELDER }), "carries another entry's anchor"],
    [
      "with another provisioner's external id",
      ids({ authority: 'x-pc:scimv2:v1:b', value: 'okta-1' }),
      'carries an external id that another system gave him',
    ],
    [
      'with an id of some other system',
      ids({ authority: 'hr', value: '12' }),
      'carries an external id that another system gave him',
    ],
    [
      'with another SCIM external id',
      { externalId: 'somebody' },
      'carries an external id that another system gave him',
    ],
  ])('is tied to him, held where something is odd: %s', (_how, more, doubt) => {
    const user = genesysUser({ id: 'visitor', ...more });
    const other = holder({ via: 'inventory', anchor: null, genesysId: 'visitor', user });
    const { change } = about({ desired }, { holders: [other] });
    expect(change).toMatchObject({ kind: 'adopt', genesysId: 'visitor', parked: null });
    const held = `the Genesys Cloud user Ann Lee, whom Rollcall does not manage, ${doubt}; an approval takes him over`;
    expect(change?.heldBecause).toBe(doubt === null ? null : held);
  });

  test('is never tied to a protected one', () => {
    const user = genesysUser({ id: 'visitor', roles: [{ value: 'admin' }] });
    const other = holder({ via: 'inventory', anchor: null, genesysId: 'visitor', user });
    expect(about({ desired }, { holders: [other], protect: { userNames: [], roles: ['admin'] } }).change).toBeNull();
  });

  test('goes by the external id before the login, and not at all by one that two have', () => {
    const named = genesysUser({ id: 'namesake', userName: 'old@example.com', externalId: 'alee' });
    const wanted = desiredUser([owned('externalId', 'alee')]);
    const first = about({ desired: wanted }, { namesakes: [named] });
    expect(first.change).toMatchObject({ kind: 'adopt', genesysId: 'namesake', heldBecause: null });
    const both = about({ desired: wanted }, { namesakes: [named, { ...named, id: 'second' }] });
    expect(both.change).toMatchObject({ kind: 'adopt', parked: { code: 'identity.ambiguous' } });
  });
});

describe('a newcomer whose login others want as well', () => {
  const rival = holder({ via: 'desired', anchor: '1'.repeat(8) });
  test('is no leaver under the old anchor that had it, where he is the same person', () => {
    const gone = { sightingOf: () => 'gone' as const };
    const { change } = about({ desired: numbered('1') }, { ...gone, holders: [rival, elder('absent', '1')] });
    expect(change).toMatchObject({
      ...{ kind: 'rebind', genesysId: 'other-id', predecessor: { anchor: ELDER, retirement: null } },
      parked: { code: 'identity.login-taken' },
    });
    const other = about({ desired: numbered('2') }, { ...gone, holders: [rival, elder('absent', '1')] });
    expect(other.change).toMatchObject({ kind: 'create', parked: { code: 'identity.login-taken' } });
  });
});

describe('somebody linked who shall get the login of another', () => {
  const renamed = desiredUser([], { userName: 'ann.ray@example.com' });
  const awaits = { genesysId: 'other-id', displayName: 'Ann Lee the elder' };
  test.each<[LoginHolder['entry'], object]>([
    ['leaves', { parked: null, awaits }],
    ['stays', { parked: { code: 'identity.login-taken' } }],
    ['invalid', { parked: { code: 'identity.login-taken' } }],
    ['absent', { parked: { message: expect.stringMatching(/could not be proved to be gone/) } }],
  ])('goes after one who leaves it, and is parked while he may be there: %s', (entry, expected) => {
    for (const active of [true, false]) {
      const { change } = about({ link: linkOf({ active }), desired: renamed }, { holders: [elder(entry)] });
      expect(change).toMatchObject({ kind: active ? 'update' : 'reactivate', ...expected });
      expect(change?.makesWay).toBeUndefined();
    }
  });

  const numberedRay = (number: string | null) =>
    desiredUser([owned(EMPLOYEE_NUMBER, number)], { userName: 'ann.ray@example.com' });
  const gone = { sightingOf: () => 'gone' as const };
  const elsewhere = { sightingOf: () => ({ ...found, inScope: false }) };
  test.each<[string, LoginHolder, DesiredUser, Partial<DecisionContext>, RegExp]>([
    ['another person', elder('absent', '1'), numberedRay('2'), gone, /^goes ahead$/],
    [
      'the same person',
      elder('absent', '2'),
      numberedRay('2'),
      gone,
      /^two users of one person: .*had the same employeeN/,
    ],
    [
      'nobody knows who',
      elder('absent'),
      numberedRay('2'),
      gone,
      /^login handed over: .*is gone from corp-ad, and whether/,
    ],
    ['nobody knows who', elder('absent'), numberedRay('2'), { ...gone, ...policy('recycle') }, /^goes ahead$/],
    ['nobody knows who', elder('absent'), numberedRay('2'), { ...gone, ...policy('rebind') }, /^login handed over/],
    [
      'another person',
      elder('disabled', '1'),
      numberedRay('2'),
      {},
      /^login handed over: .*who is disabled and had another/,
    ],
    ['the same person', elder('disabled', '2'), numberedRay('2'), policy('recycle'), /^two users of one person/],
    [
      'another person',
      elder('absent', '1'),
      numberedRay('2'),
      elsewhere,
      /^login handed over: .*is out of scope in corp-ad/,
    ],
  ])('takes it from somebody who may not work by having him retired: %s', (_, other, desired, more, held) => {
    for (const active of [true, false]) {
      const { change } = about({ link: linkOf({ active }), desired }, { ...more, holders: [other] });
      expect(change).toMatchObject({ kind: active ? 'update' : 'reactivate', parked: null, awaits });
      expect(change?.reason).toMatch(/; the login was that of Ann Lee the elder, who is .*; he is retired first$/);
      expect(change?.heldBecause).toBe(change?.makesWay?.heldBecause);
      expect(change?.makesWay).toMatchObject({
        ...{ kind: 'recycle', anchor: ELDER, genesysId: 'other-id', desired: null, parked: null },
        reason: expect.stringMatching(/^the login goes to Ann Lee, who has a user already: Ann Lee the elder is /),
        before: { userName: 'ann.lee@example.com' },
        after: { userName: 'retired-e1de0000@example.com', active: false },
        predecessor: { anchor: ELDER, genesysId: 'other-id', alone: true },
      });
      expect(change?.makesWay?.heldBecause ?? 'goes ahead').toMatch(held);
    }
  });

  test('takes it from no protected user', () => {
    const roles = genesysUser({ id: 'other-id', roles: [{ value: 'admin' }] });
    const { change } = about(
      { link: linkOf(), desired: numberedRay('2') },
      { ...gone, holders: [elder('absent', '1', { user: roles })], protect: { userNames: [], roles: ['admin'] } },
    );
    expect(change).toMatchObject({ kind: 'update', parked: { code: 'identity.protected' } });
    expect(change?.makesWay).toBeUndefined();
  });

  test('takes it from nobody for being linked by hand to the user that he has', () => {
    const tied = { user: genesysUser({ id: 'visitor', userName: 'visitor@example.com' }), reason: 'he says so' };
    const more = { ...gone, holders: [elder('absent', '1')], carriers: [tied.user], tied };
    const { change } = about({ desired: numberedRay('2') }, more);
    expect(change).toMatchObject({ kind: 'adopt', parked: { code: 'identity.login-taken' } });
    expect(change?.makesWay).toBeUndefined();
    const { tied: _, ...untied } = more;
    expect(about({ desired: numberedRay('2') }, untied).change?.makesWay).toBeDefined();
  });
});

describe('with numbered logins', () => {
  const suffix = (taken: string[] = []): Partial<DecisionContext> => ({
    identity: { personKey, onReusedLogin: 'hold', onTakenLogin: 'suffix', onDeletedUser: 'hold' },
    isTaken: (login) => taken.includes(login),
  });
  const wants = (anchor: string, genesysId: string | null = null) => holder({ via: 'desired', anchor, genesysId });
  const loginOf = (more: Partial<DecisionContext>, desired = desiredUser()) =>
    about({ desired }, more).change?.userName;

  test('a newcomer gets the first free number, which goes with his user', () => {
    const taken = ['ann.lee_1@example.com', 'ann.lee_2@example.com'];
    const { change } = about({}, { ...suffix(taken), holders: [elder('stays')] });
    expect(change).toMatchObject({
      kind: 'create',
      parked: null,
      userName: 'ann.lee_3@example.com',
      desired: { suffix: 3 },
    });
    expect(change?.after).toMatchObject({ userName: 'ann.lee_3@example.com' });
    expect(change?.desired?.attributes).toContainEqual(owned('userName', 'ann.lee_3@example.com'));
  });

  test('of two newcomers the lower anchor gets the login, and somebody linked before either', () => {
    expect(loginOf({ ...suffix(), holders: [wants('1'.repeat(8))] })).toBe('ann.lee@example.com');
    expect(loginOf({ ...suffix(), holders: [wants('0'.repeat(8))] })).toBe('ann.lee_1@example.com');
    expect(loginOf({ ...suffix(), holders: [wants('1'.repeat(8), 'some-id')] })).toBe('ann.lee_1@example.com');
  });

  test('nobody gets an eleventh number, or a login that is too long', () => {
    const taken = Array.from({ length: 10 }, (_, index) => `ann.lee_${index + 1}@example.com`);
    expect(about({}, { ...suffix(taken), holders: [elder('stays')] }).change?.parked?.code).toBe(
      'identity.login-taken',
    );
    const long = desiredUser([], { userName: `${'a'.repeat(63)}@example.com` });
    expect(about({ desired: long }, { ...suffix(), holders: [elder('stays')] }).change?.parked).not.toBeNull();
  });

  test('somebody whose own login others want keeps it', () => {
    expect(about({ link: linkOf() }, { ...suffix(), holders: [wants('0'.repeat(8))] })).toEqual(nothing);
  });

  test('somebody numbered whose new login is taken gets another number behind that', () => {
    const desired = desiredUser([], { userName: 'ann.ray_2@example.com', suffix: 2 });
    const link = linkOf({ userName: 'ann.lee_2@example.com', suffix: 2 });
    const taken = ['ann.ray_1@example.com', 'ann.ray_2@example.com'];
    const { change } = about({ desired, link }, { ...suffix(taken), holders: [elder('stays')] });
    expect(change).toMatchObject({
      kind: 'update',
      parked: null,
      userName: 'ann.ray_3@example.com',
      desired: { suffix: 3 },
    });
  });
});

describe('an account that came back without its name', () => {
  test('changes nothing: it is invalid, and its user waits for the correction', () => {
    const reanimated = {
      desired: null,
      problems: [{ attribute: 'userName', problem: 'is empty' }],
      disabledBecause: null,
    };
    for (const link of [linkOf(), linkOf({ active: false })]) {
      const { change } = about({ ...reanimated, link });
      expect(change).toMatchObject({ kind: 'update', operations: null, after: null, genesysId: ANN_ID });
      expect(change?.parked?.code).toBe('identity.invalid-entry');
    }
  });
});
