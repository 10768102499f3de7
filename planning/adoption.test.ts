import { describe, expect, test } from 'vitest';
import { about } from '../test/support/decisions.ts';
import { ANN, ANN_ID, genesysUser } from '../test/support/people.ts';

describe('an account that a create brought back to life', () => {
  const carrier = genesysUser({ externalId: ANN });
  const revived = new Set([ANN_ID]);

  test('waits for a person, although it carries the anchor by now', () => {
    const { change } = about({ link: null }, { carriers: [carrier], revived });
    expect(change).toMatchObject({ kind: 'adopt', genesysId: ANN_ID });
    expect(change?.heldBecause).toMatch(/was deleted until a create with his login brought him back/);
  });

  test('is no matter for whoever else carries the anchor', () => {
    const { change } = about({ link: null }, { carriers: [{ ...carrier, id: 'another' }], revived });
    expect(change).toMatchObject({ kind: 'adopt', heldBecause: null });
  });
});
