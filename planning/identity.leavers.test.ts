import { describe, expect, test } from 'vitest';
import type { Candidate } from '../model/candidate.ts';
import type { Sighting } from '../model/entry.ts';
import { about, holder, inactive, nothing } from '../test/support/decisions.ts';
import { ANN, ANN_ID, desiredUser, genesysUser, linkOf, owned } from '../test/support/people.ts';
import type { DecisionContext } from './identity.ts';

const absent = { desired: null, hash: null, present: false, link: linkOf() };
const elsewhere: Sighting = { anchor: ANN, directory: 'corp-ad', dn: 'CN=Ann Lee,OU=Alumni,DC=corp', inScope: false };

describe('a leaver', () => {
  test('who is disabled is deactivated, and the reason names the sign', () => {
    expect(about({ link: linkOf(), desired: inactive }).change).toMatchObject({
      kind: 'deactivate',
      genesysId: ANN_ID,
      reason: 'disabled in corp-ad: userAccountControl says disabled',
      before: { active: true },
      after: { active: false },
      operations: [{ op: 'replace', path: 'active', value: false }],
      absent: false,
      heldBecause: null,
    });
  });

  test('who is gone is deactivated', () => {
    expect(about(absent, { sighting: 'gone' }).change).toMatchObject({
      kind: 'deactivate',
      reason: 'gone from corp-ad: no directory has an entry with this anchor any more',
      userName: 'ann.lee@example.com',
      desired: null,
      absent: true,
      heldBecause: null,
    });
  });

  test('who moved out of scope is deactivated, and the reason says where he is', () => {
    expect(about(absent, { sighting: elsewhere }).change).toMatchObject({
      kind: 'deactivate',
      reason:
        'out of scope in corp-ad: bases, filter or exclude leave its entry out, which is now CN=Ann Lee,OU=Alumni,DC=corp',
      absent: true,
    });
  });

  test.each<[string, Partial<Candidate>, Partial<DecisionContext>, string]>([
    ['disabled', { link: linkOf(), desired: inactive }, {}, 'leavers.disabled is set to hold'],
    ['gone', absent, { sighting: 'gone' }, 'leavers.gone is set to hold'],
    ['out of scope', absent, { sighting: elsewhere }, 'leavers.outOfScope is set to hold'],
    [
      'gone since the configuration changed',
      absent,
      { sighting: 'gone', configChanged: true },
      'the configuration changed since the last run',
    ],
  ])('who is %s waits for a person where told so', (_how, candidate, more, heldBecause) => {
    const leavers = { disabled: 'hold', gone: 'hold', outOfScope: 'hold' } as const;
    expect(about(candidate, { leavers, ...more }).change).toMatchObject({ kind: 'deactivate', heldBecause });
  });

  test('who is disabled is held too when the configuration changed, since that may have disabled him', () => {
    expect(about({ link: linkOf(), desired: inactive }, { configChanged: true }).change?.heldBecause).toBe(
      'the configuration changed since the last run',
    );
  });

  test('who is disabled leaves although his entry is invalid by now', () => {
    const stripped = { desired: null, present: true, problems: [{ attribute: 'userName', problem: 'is missing' }] };
    const sign = { disabledBecause: 'userAccountControl says disabled' };
    expect(about({ ...stripped, ...sign, link: linkOf() }).change).toMatchObject({
      kind: 'deactivate',
      reason: 'disabled in corp-ad: userAccountControl says disabled',
    });
    expect(about({ ...stripped, ...sign, link: null })).toEqual(nothing);
    expect(about({ ...stripped, ...sign, link: linkOf({ active: false }) })).toEqual(nothing);
  });

  test('who is absent is held when the configuration changed, although leavers are not', () => {
    for (const sighting of ['gone', elsewhere] as const) {
      expect(about(absent, { sighting, configChanged: true }).change?.heldBecause).toBe(
        'the configuration changed since the last run',
      );
    }
  });

  test('who is inactive already stays so', () => {
    expect(about({ ...absent, link: linkOf({ active: false }) }, { sighting: 'gone' })).toEqual(nothing);
  });

  test('who was deleted in Genesys needs no deactivation, and a note says so', () => {
    for (const candidate of [absent, { link: linkOf(), desired: inactive }]) {
      const { change, notes } = about({ ...candidate, deleted: true }, { sighting: 'gone' });
      expect(change).toBeNull();
      expect(notes[0]?.problem).toMatch(/already deleted in Genesys Cloud/);
    }
  });
});

describe('an absence that is not proved', () => {
  test.each<[string, DecisionContext['sighting']]>([
    ['a second look failed', 'unproved'],
    ['no second look was made', null],
    ['a second look found the entry in scope', { ...elsewhere, inScope: true }],
  ])('deactivates nobody: %s', (_why, sighting) => {
    for (const configChanged of [false, true]) {
      const { change, notes } = about(absent, { sighting, configChanged });
      expect(change).toBeNull();
      expect(notes).toHaveLength(1);
    }
  });
});

describe('protected people are never touched', () => {
  const admin = genesysUser({ roles: [{ value: 'admin' }] });
  const changes: [string, Partial<Candidate>, Partial<DecisionContext>][] = [
    ['created', {}, {}],
    ['parked', {}, { holders: [holder()] }],
    ['updated', { link: linkOf(), desired: desiredUser([owned('title', 'x')]), actual: admin }, {}],
    ['reactivated', { link: linkOf({ active: false }), actual: admin }, {}],
    ['deactivated', { link: linkOf(), desired: inactive, actual: admin }, {}],
    ['deactivated when gone', { ...absent, actual: admin }, { sighting: 'gone' }],
  ];

  test.each(changes)('by login: not %s', (_what, candidate, more) => {
    expect(about(candidate, more).change).not.toBeNull();
    const { change, notes } = about(candidate, { ...more, protect: { userNames: ['ANN.*@example.com'], roles: [] } });
    expect(change).toBeNull();
    expect(notes).toHaveLength(1);
    expect(notes[0]?.problem).toContain('protected by target.protect');
  });

  test.each(changes.filter(([, candidate]) => candidate.actual))('by role: not %s', (_what, candidate, more) => {
    const { change, notes } = about(candidate, { ...more, protect: { userNames: [], roles: ['Admin'] } });
    expect(change).toBeNull();
    expect(notes).toHaveLength(1);
  });
});
