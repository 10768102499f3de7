import { describe, expect, test } from 'vitest';
import type { LoginHolder } from '../model/candidate.ts';
import type { Provenance } from '../model/entry.ts';
import type { DesiredUser } from '../model/user.ts';
import { about, ELDER, EMPLOYEE_NUMBER, holder } from '../test/support/decisions.ts';
import { desiredUser, genesysUser, linkOf, owned } from '../test/support/people.ts';
import { evidenceFor, judge } from './evidence.ts';
import type { DecisionContext } from './identity.ts';

const OLD_SID = 'S-1-5-21-1-2-3-1104';
const NEW_SID = 'S-1-5-21-7-8-9-2001';
const GROUP = 'S-1-5-21-4-5-6-513';
const from = (sid: string | null, formerSids: string[] = [], createdAt: string | null = null): Provenance => ({
  ...{ sid, formerSids, createdAt },
});
const numbered = (number: string | null): DesiredUser => desiredUser([owned(EMPLOYEE_NUMBER, number)]);
const written = (number: string | null) => ({
  ...{ userName: 'ann.lee@example.com', displayName: 'Ann Lee the elder' },
  ...(number === null ? {} : { [EMPLOYEE_NUMBER]: number }),
});

describe('what SIDs say about a newcomer and the entry that had the login', () => {
  test.each<[string, Provenance | undefined, Provenance | undefined, string | null]>([
    ['nothing is known of one', undefined, from(OLD_SID), null],
    ['nothing is known of the other', from(NEW_SID, [OLD_SID]), undefined, null],
    ['neither has a SID', from(null), from(null), null],
    ['both have another one', from(NEW_SID), from(OLD_SID), null],
    ['both have the same', from(OLD_SID), from(OLD_SID), 'one SID'],
    ['the new one had the old one once', from(NEW_SID, [GROUP, OLD_SID]), from(OLD_SID), 'history of the new'],
    ['the old one had the new one once', from(NEW_SID), from(OLD_SID, [NEW_SID]), 'history of the old'],
    ['both have belonged to one group', from(NEW_SID, [GROUP]), from(OLD_SID, [GROUP]), null],
    ['the new one has a history, the old one no SID', from(NEW_SID, [OLD_SID]), from(null), null],
  ])('%s', (_, provenance, old, expected) => {
    const link = linkOf({ anchor: ELDER, written: written(null), ...(old === undefined ? {} : { provenance: old }) });
    expect(evidenceFor({ provenance }, numbered('1'), link, [EMPLOYEE_NUMBER]).account).toBe(expected);
  });

  test.each([
    ['equal', null, 'same'],
    ['equal', 'one SID', 'same'],
    ['unknown', null, 'unknown'],
    ['unknown', 'one SID', 'same'],
    ['unknown', 'history of the new', 'same'],
    ['unknown', 'history of the old', 'same'],
    ['differs', null, 'another'],
    ['differs', 'history of the new', 'contradiction'],
  ] as const)('with a person key that is %s and SIDs that show %s it is %s', (person, account, expected) => {
    expect(judge({ key: [], person, account, made: { old: null, new: null } })).toBe(expected);
  });
});

/** Ann takes the login of the elder, who is gone unless said otherwise. */
function newcomer(
  numbers: { old: string | null; new: string | null },
  entries: { old?: Provenance; new?: Provenance },
  more: Partial<DecisionContext> & { entry?: LoginHolder['entry'] } = {},
) {
  const { entry = 'absent', ...context } = more;
  const provenance = entries.old === undefined ? {} : { provenance: entries.old };
  const link = linkOf({
    ...{ anchor: ELDER, genesysId: 'other-id', displayName: 'Ann Lee the elder', written: written(numbers.old) },
    ...provenance,
  });
  const candidate = { desired: numbered(numbers.new), provenance: entries.new };
  const change = about(candidate, { holders: [holder({ entry, link })], sightingOf: () => 'gone', ...context }).change;
  expect(JSON.stringify([change?.reason, change?.heldBecause, change?.parked])).not.toContain('S-1-5');
  return change;
}

const MOVED = {
  old: from(OLD_SID, [], '2024-03-01T23:59:59.000Z'),
  new: from(NEW_SID, [OLD_SID], '2026-11-20T08:00:00.000Z'),
};
const policy = (onReusedLogin: 'hold' | 'recycle' | 'rebind') => ({
  identity: {
    personKey: [EMPLOYEE_NUMBER],
    onReusedLogin,
    onTakenLogin: 'park' as const,
    onDeletedUser: 'hold' as const,
  },
});
const POLICIES = ['hold', 'recycle', 'rebind'] as const;

describe('a newcomer whose login belonged to somebody gone', () => {
  test.each(POLICIES)('and who has no number is the same person where SIDs say so; onReusedLogin: %s', (setting) => {
    const change = newcomer({ old: '1', new: null }, MOVED, policy(setting));
    expect(change).toMatchObject({ kind: 'rebind', heldBecause: null });
    expect(change?.reason).toBe(
      'the same person under another anchor: Ann Lee the elder is gone from corp-ad, and the SID history of the new entry names the old account; the old entry was made on 2024-03-01, the new one on 2026-11-20',
    );
  });

  test.each(POLICIES)('with another number waits for a person where SIDs contradict; onReusedLogin: %s', (setting) => {
    const change = newcomer({ old: '1', new: '2' }, MOVED, policy(setting));
    expect(change?.kind).toBe('recycle');
    expect(change?.heldBecause).toBe(
      'login used again: it belongs to Ann Lee the elder, who is gone and had another employeeNumber, although the SID history of the new entry names the old account; the old entry was made on 2024-03-01, the new one on 2026-11-20; an approval retires that user and creates a new one; if it is the same person, `unlink` the old anchor and `link` the new entry to that user instead',
    );
  });

  test('is decided on by the person key alone where SIDs show nothing', () => {
    const hiredAgain = { old: from(OLD_SID), new: from(NEW_SID) };
    expect(newcomer({ old: '1', new: '1' }, hiredAgain)).toMatchObject({ kind: 'rebind' });
    expect(newcomer({ old: '1', new: '2' }, hiredAgain)).toMatchObject({ kind: 'recycle', heldBecause: null });
    expect(newcomer({ old: '1', new: null }, hiredAgain)).toMatchObject({
      ...{ kind: 'recycle', heldBecause: expect.stringMatching(/onReusedLogin is hold/) },
    });
  });

  test.each([
    [MOVED.old.createdAt, MOVED.new.createdAt, '; the old entry was made on 2024-03-01, the new one on 2026-11-20'],
    [MOVED.old.createdAt, null, '; the old entry was made on 2024-03-01'],
    [null, MOVED.new.createdAt, '; the new entry was made on 2026-11-20'],
    [null, null, ''],
  ])('is told with the days on which the entries were made, as far as known: %s, %s', (old, young, told) => {
    const entries = { old: from(null, [], old), new: from(null, [], young) };
    expect(newcomer({ old: '1', new: '2' }, entries)?.reason).toBe(
      `the login is used again: Ann Lee the elder is gone from corp-ad and had another employeeNumber${told}`,
    );
    expect(newcomer({ old: null, new: '2' }, entries)?.heldBecause).toBe(
      `login used again: it belongs to Ann Lee the elder, who is gone, and whether it is the same person is unknown, since employeeNumber is missing on one side (identity.onReusedLogin is hold)${told}; an approval retires that user and creates a new one`,
    );
  });
});

describe('the holder and the evidence are named', () => {
  const entries = { old: from(null, [], '2024-03-01T08:00:00.000Z'), new: from(null, [], '2026-11-20T08:00:00.000Z') };

  test('where the login is handed over', () => {
    const change = newcomer({ old: '1', new: '2' }, entries, { entry: 'disabled' });
    expect(change?.reason).toBe(
      'the login is used again: Ann Lee the elder is disabled and had another employeeNumber; the old entry was made on 2024-03-01, the new one on 2026-11-20',
    );
    expect(change?.heldBecause).toBe(
      'login handed over: it belongs to Ann Lee the elder, who is disabled and had another employeeNumber; the old entry was made on 2024-03-01, the new one on 2026-11-20; an approval retires that user and creates a new one',
    );
  });

  test.each([
    [{ old: '1', new: '1' }, entries],
    [{ old: null, new: '1' }, MOVED],
  ])('with what to do where a person whose login is handed over seems to be the same', (numbers, known) => {
    const change = newcomer(numbers, known, { entry: 'disabled' });
    expect(change?.heldBecause).toMatch(/creates a new one; if it is the same person, `unlink` the old anchor/);
  });

  test('where the login is kept, also by somebody who could not be proved to be gone', () => {
    expect(newcomer({ old: '1', new: '1' }, entries, { entry: 'stays' })?.parked?.message).toBe(
      'The login belongs to Ann Lee the elder (the same employeeNumber; the old entry was made on 2024-03-01, the new one on 2026-11-20), whom Rollcall manages; change the login of one of the two in the directory.',
    );
    expect(newcomer({ old: '1', new: '2' }, MOVED, { sightingOf: () => 'unproved' })?.parked?.message).toMatch(
      /^The login belongs to Ann Lee the elder \(another employeeNumber; the SID history of the new entry names the old account; .*\), whose entry was not read/,
    );
    expect(newcomer({ old: null, new: '2' }, {}, { entry: 'stays' })?.parked?.message).toBe(
      'The login belongs to Ann Lee the elder, whom Rollcall manages; change the login of one of the two in the directory.',
    );
  });

  test('where the holder gives the login away', () => {
    expect(newcomer({ old: '1', new: '2' }, entries, { entry: 'leaves' })).toMatchObject({
      kind: 'create',
      reason: 'new in corp-ad; the login comes from Ann Lee the elder, who gets another one first',
    });
  });

  test('where a user whom nobody manages is taken over', () => {
    const reasonWith = (number: string) => {
      const enterprise = EMPLOYEE_NUMBER.slice(0, EMPLOYEE_NUMBER.lastIndexOf(':'));
      const user = genesysUser({ id: 'visitor', displayName: 'Visitor', [enterprise]: { employeeNumber: number } });
      const other = holder({ via: 'inventory', anchor: null, genesysId: 'visitor', user });
      return about({ desired: numbered('1') }, { holders: [other] }).change?.reason;
    };
    const told = 'known to Genesys Cloud by this login: the Genesys Cloud user Visitor, whom Rollcall does not manage';
    expect(reasonWith('1')).toBe(`${told}, has the same employeeNumber`);
    expect(reasonWith('2')).toBe(told);
  });
});
