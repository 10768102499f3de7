import { describe, expect, test } from 'vitest';
import { GENESYS_USER } from '../model/scim-path.ts';
import { about, ELDER, EMPLOYEE_NUMBER, holder } from '../test/support/decisions.ts';
import { ANN, desiredUser, genesysUser, linkOf, owned } from '../test/support/people.ts';

const user = genesysUser({ id: 'old-id', userName: 'a.old@example.com', displayName: 'A. Old', externalId: ELDER });
const tied = { user, reason: 'ticket 4711' };
const context = { tied, carriers: [user], revived: new Set(['old-id']) };

describe('a person tied to a user by hand', () => {
  test('takes him over without another question, whatever is odd about him', () => {
    for (const active of [true, false]) {
      const odd = { ...user, active };
      const { change } = about({}, { ...context, tied: { ...tied, user: odd }, carriers: [odd] });
      expect(change).toMatchObject({ kind: 'adopt', genesysId: 'old-id', heldBecause: null, parked: null });
      expect(change).toMatchObject({
        reason: 'linked by hand: ticket 4711',
        after: { userName: 'ann.lee@example.com' },
      });
    }
  });

  test('waits for a login that somebody else keeps', () => {
    const { change } = about({}, { ...context, holders: [holder({ entry: 'stays' })] });
    expect(change).toMatchObject({ kind: 'adopt', parked: { code: 'identity.login-taken' } });
  });

  test('does not get a protected one, nor anybody once he is linked', () => {
    expect(about({}, { ...context, protect: { userNames: ['a.old@*'], roles: [] } }).change).toBeNull();
    expect(about({ link: linkOf() }, context).change?.kind).not.toBe('adopt');
  });

  test('is linked as the user stands while his entry is disabled', () => {
    const desired = desiredUser([], { active: false, inactiveBecause: 'disabled' });
    expect(about({ desired }, context).change).toMatchObject({ kind: 'adopt', operations: [] });
  });
});

describe('a newcomer whose login belongs to somebody gone', () => {
  const written = { userName: 'ann.lee@example.com', [EMPLOYEE_NUMBER]: '1' };
  const link = linkOf({ anchor: ELDER, genesysId: 'other-id', written });
  const carrying = (value: string) =>
    genesysUser({ id: 'other-id', [GENESYS_USER]: { externalIds: [{ authority: 'ad-objectguid', value }] } });
  const decided = (value: string) =>
    about(
      { desired: desiredUser([owned(EMPLOYEE_NUMBER, '2')]) },
      { holders: [holder({ entry: 'absent', link, user: carrying(value) })], sightingOf: () => 'gone' },
    ).change;

  test('goes on with his user where that one carries the new anchor already, as an older state shows it', () => {
    expect(decided(ANN)).toMatchObject({ kind: 'rebind', genesysId: 'other-id' });
    expect(decided(ANN)?.reason).toContain('carries this anchor already');
    expect(decided(ELDER)?.kind).toBe('recycle');
  });
});
