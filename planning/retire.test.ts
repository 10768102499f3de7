import { describe, expect, test } from 'vitest';
import { GENESYS_USER } from '../model/scim-path.ts';
import { ANN, genesysUser, linkOf } from '../test/support/people.ts';
import { retirement } from './retire.ts';

const ANCHOR_AT = `${GENESYS_USER}:externalIds[authority eq "ad-objectguid"]`;
const HR_AT = `${GENESYS_USER}:externalIds[authority eq "hr"]`;
const PHONE = 'phoneNumbers[type eq "work"]';
const written = {
  userName: 'ann.lee@example.com',
  displayName: 'Ann Lee',
  title: 'Agent',
  externalId: 'ann.lee',
  [ANCHOR_AT]: { authority: 'ad-objectguid', value: ANN },
  [PHONE]: { type: 'work', value: '+4930123' },
};
const free = { actual: null, isTaken: () => false };
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });

describe('a user taken out of use', () => {
  test('frees his login and numbers, archives an external id made of his name, keeps his name and his anchor', () => {
    expect(retirement(linkOf({ written }), free)).toEqual({
      operations: [
        replace('userName', 'retired-0a000000@example.com'),
        replace('externalId', 'retired-0a000000-ann.lee'),
        { op: 'remove', path: PHONE },
        replace('active', false),
      ],
      before: {
        userName: 'ann.lee@example.com',
        externalId: 'ann.lee',
        [PHONE]: { type: 'work', value: '+4930123' },
        active: true,
      },
      after: {
        userName: 'retired-0a000000@example.com',
        externalId: 'retired-0a000000-ann.lee',
        [PHONE]: null,
        active: false,
      },
    });
  });

  test('gives up every external id that may be given again, whoever gets it, and keeps his anchor', () => {
    const plain = retirement(linkOf({ written: { ...written, externalId: ANN } }), free);
    expect(Object.keys(plain.after).sort()).toEqual(['active', PHONE, 'userName']);
    const link = linkOf({ written: { ...written, externalId: ANN, [HR_AT]: { authority: 'hr', value: 'desk-1' } } });
    const { operations, after } = retirement(link, free);
    expect(operations).toContainEqual(replace(`${HR_AT}.value`, 'retired-0a000000-desk-1'));
    expect(after[HR_AT]).toEqual({ authority: 'hr', value: 'retired-0a000000-desk-1' });
  });

  test('loses nothing that others wrote', () => {
    const actual = genesysUser({
      externalId: 'ann.lee',
      phoneNumbers: [{ type: 'work', value: '+49999' }],
      active: false,
    });
    const { operations, before } = retirement(linkOf({ written }), { ...free, actual });
    expect(operations.map(({ path }) => path)).toEqual(['userName', 'externalId', 'active']);
    expect(before['active']).toBe(false);
  });

  test.each([
    [1, 'retired-0a000000-2@example.com'],
    [8, 'retired-0a000000-9@example.com'],
    [9, `retired-${ANN}@example.com`],
  ])('gets a login that nobody has: %i are taken', (taken, login) => {
    const names = ['retired-0a000000', ...Array.from({ length: 8 }, (_, index) => `retired-0a000000-${index + 2}`)];
    const isTaken = (one: string): boolean => names.slice(0, taken).includes(one.split('@')[0] ?? '');
    expect(retirement(linkOf({ written }), { ...free, isTaken }).after['userName']).toBe(login);
  });
});
