import { describe, expect, test } from 'vitest';
import type { LoginHolder } from '../model/candidate.ts';
import type { WrittenValues } from '../model/user.ts';
import { about, holder, inactive } from '../test/support/decisions.ts';
import { ANN, ANN_ID, desiredUser, genesysUser, linkOf, manager, MANAGER_PATH, owned } from '../test/support/people.ts';
import { deletedInGenesys } from './sentences.ts';
import { lacksUser, writtenAsShown } from './deleted.ts';
import type { DecisionContext } from './identity.ts';

const PHONE = 'phoneNumbers[type eq "work"]';
const link = linkOf({ written: { ...linkOf().written, title: 'Trainee' } });
const desired = desiredUser([owned('title', 'Agent')]);
const identity = { personKey: [], onReusedLogin: 'hold', onTakenLogin: 'park', onDeletedUser: 'recreate' } as const;
const policy = (onDeletedUser: 'hold' | 'recreate'): Partial<DecisionContext> => ({
  identity: { ...identity, personKey: [], onDeletedUser },
});
const decided = (more: Partial<DecisionContext> = {}) =>
  about({ link, desired, deleted: true }, { ...policy('recreate'), ...more }).change;

describe('somebody whose user was deleted in Genesys Cloud', () => {
  test('is created again in place of that user, which the change names', () => {
    expect(decided()).toMatchObject({
      kind: 'create',
      genesysId: ANN_ID,
      reason: 'his user was deleted in Genesys Cloud',
      before: { displayName: 'Ann Lee', title: 'Trainee', userName: 'ann.lee@example.com', active: false },
      after: { displayName: 'Ann Lee', title: 'Agent', userName: 'ann.lee@example.com', active: true },
      operations: null,
      parked: null,
      heldBecause: null,
    });
  });

  test('waits for a person where the policy is to hold', () => {
    expect(decided(policy('hold'))).toMatchObject({
      kind: 'create',
      parked: null,
      heldBecause: expect.stringMatching(/deleted in Genesys Cloud .*onDeletedUser is hold.*approval makes a new one/),
    });
  });

  test('is created again too when he was inactive and comes back', () => {
    const change = about({ link: linkOf({ active: false }), deleted: true }, policy('recreate')).change;
    expect(change).toMatchObject({ kind: 'create', genesysId: ANN_ID });
  });

  test.each([
    ['is disabled', { desired: inactive }],
    ['is disabled and was inactive before', { desired: inactive, link: linkOf({ active: false }) }],
  ])('gets no other one while he %s', (_, more) => {
    expect(about({ link, deleted: true, ...more }).change).toBeNull();
  });

  test('stays away while his entry is invalid', () => {
    expect(about({ link, deleted: true, desired: null }).change).toMatchObject({
      kind: 'update',
      parked: { code: 'identity.invalid-entry' },
    });
  });

  test('is left alone when he is protected', () => {
    const protect = { userNames: ['ann.*'], roles: [] };
    const { change, notes } = about({ link, desired, deleted: true }, { protect });
    expect(change).toBeNull();
    expect(notes[0]?.problem).toMatch(/protected.*create is left out/);
  });

  test('waits for a manager as anybody new does', () => {
    const newcomer = desiredUser([manager('newcomer')]);
    const decision = about({ link, desired: newcomer, deleted: true }, policy('recreate'));
    expect(decision.change?.after).not.toHaveProperty([MANAGER_PATH]);
    expect(decision.notes).toEqual([]);
  });
});

describe('who has the login by then decides as for somebody new:', () => {
  const ELSE = { anchor: ANN, directory: 'corp-ad', dn: 'CN=Elder,OU=Else', inScope: false };
  test.each<[string, LoginHolder, Partial<DecisionContext>]>([
    ['a linked user who keeps it', holder(), {}],
    ['another entry that wants it', holder({ via: 'desired' }), {}],
    ['a linked user who is disabled', holder({ entry: 'disabled' }), {}],
    ['a linked user who is out of scope', holder({ entry: 'absent' }), { sightingOf: () => ELSE }],
    ['a linked user who is gone', holder({ entry: 'absent' }), { sightingOf: () => 'gone' }],
    ['a linked user whose absence is not proved', holder({ entry: 'absent' }), {}],
  ])('%s: parked', (_, other, more) => {
    expect(decided({ holders: [other], ...more })).toMatchObject({
      kind: 'create',
      genesysId: ANN_ID,
      parked: { code: 'identity.login-taken' },
    });
  });

  test('a linked user who gets another one: after him', () => {
    expect(decided({ holders: [holder({ entry: 'leaves' })] })).toMatchObject({
      kind: 'create',
      awaits: { genesysId: 'other-id' },
      parked: null,
    });
  });

  const stranger = holder({ via: 'inventory', anchor: null });
  test.each([
    ['recreate', null],
    ['hold', expect.stringMatching(/approval takes that other user over/)],
  ] as const)('a user whom nobody manages is taken over, with %s held: %s', (onDeletedUser, heldBecause) => {
    expect(decided({ holders: [stranger], ...policy(onDeletedUser) })).toMatchObject({
      kind: 'adopt',
      genesysId: 'other-id',
      reason: expect.stringMatching(/^his user was deleted in Genesys Cloud; known to Genesys Cloud by this login: /),
      heldBecause,
    });
  });

  test('one about whom something is odd waits whatever the policy', () => {
    const odd = { ...stranger, user: genesysUser({ id: 'other-id', active: false }), active: false };
    expect(decided({ holders: [odd] })?.heldBecause).toMatch(/is inactive/);
  });

  test('one who carries the anchor is nobody else, and waits for no policy', () => {
    const carrier = genesysUser({ id: 'new-id', externalId: ANN });
    const known = { carriers: [carrier], ...policy('hold') };
    expect(decided(known)).toMatchObject({ kind: 'adopt', genesysId: 'new-id', heldBecause: null });
    expect(decided({ ...known, revived: new Set(['new-id']) })?.heldBecause).toMatch(/deleted until a create/);
  });

  test('one who has the external id is taken over as well', () => {
    const namesake = genesysUser({ id: 'new-id', externalId: 'alee' });
    expect(decided({ namesakes: [namesake] })).toMatchObject({ kind: 'adopt', match: { by: 'external id' } });
  });
});

test.each([
  [null, false, desired, true],
  [link, false, desired, false],
  [link, true, desired, true],
  [link, true, inactive, false],
  [link, true, null, false],
])('a user is lacked without link, or once he was deleted and the person may work', (tied, deleted, wants, lacks) => {
  expect(lacksUser({ link: tied, deleted, desired: wants })).toBe(lacks);
});

describe('what stands as written about an account that was brought back', () => {
  const nobody = { idOf: () => null, stillThere: () => false };
  const wanted = desiredUser([
    owned('title', 'Agent'),
    owned('roles', [{ value: 'Agent' }, { value: 'Lead' }]),
    owned(PHONE, { type: 'work', value: '+4930111' }),
    owned('password', 'secret'),
    owned('department', null),
  ]);
  const before: WrittenValues = { title: 'Trainee', department: 'Sales', [PHONE]: { type: 'work', value: '+4930000' } };
  const names = { displayName: 'Ann Lee', userName: 'ann.lee@example.com' };

  test.each<[string, Record<string, unknown>, WrittenValues]>([
    [
      'all that is wanted',
      {
        title: 'Agent',
        roles: [{ value: 'Lead' }, { value: 'Agent' }],
        phoneNumbers: [{ type: 'work', value: '+4930111' }],
      },
      { title: 'Agent', roles: [{ value: 'Agent' }, { value: 'Lead' }], [PHONE]: { type: 'work', value: '+4930111' } },
    ],
    [
      'what was written before',
      { title: 'Trainee', department: 'Sales', phoneNumbers: [{ type: 'work', value: '+4930000' }] },
      before,
    ],
    ['values of others, or a part of a list', { title: 'King', department: 'Palace', roles: [{ value: 'Agent' }] }, {}],
  ])('it shows %s', (_, shown, expected) => {
    const written = writtenAsShown(wanted, before, nobody, genesysUser(shown));
    expect(written).toEqual({ ...names, ...expected, password: 'secret' });
  });
});

test.each([
  ['update', 'hold', /restore him there and run retry-failed, or wait for the next full run.*for approval/],
  ['reactivate', 'recreate', /or leave it to the next full run, which makes him anew/],
  ['adopt', 'hold', /or leave it to the next full run, which decides anew/],
  ['rebind', 'recreate', /or `unlink` the person under the old anchor/],
  ['recycle', 'hold', /restore him there so that he can be retired/],
] as const)('a deleted user met by a %s under %s says what comes next', (kind, onDeletedUser, sentence) => {
  expect(deletedInGenesys(kind, onDeletedUser)).toMatch(sentence);
});
