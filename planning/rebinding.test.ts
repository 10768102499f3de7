import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENTERPRISE_USER } from '../model/scim-path.ts';
import { desiredUser, linkOf, owned } from '../test/support/people.ts';
import { keyOfEntry, keyOfLink, matchAnchors, type Namesakes } from './rebinding.ts';

const NUMBER = `${ENTERPRISE_USER}:employeeNumber`;

test('people are found by what was last written, whatever its case or the spaces around it', () => {
  expect(keyOfLink(linkOf({ userName: 'Ann.Lee@Example.com' }), 'userName')).toBe(
    keyOfEntry(desiredUser(), 'userName'),
  );
  const link = linkOf({ written: { [NUMBER]: 'A-7 ' } });
  expect(keyOfLink(link, 'employeeNumber')).toBe(keyOfEntry(desiredUser([owned(NUMBER, 'a-7')]), 'employeeNumber'));
});

test('who has no number is found by none', () => {
  for (const value of [null, '', ' ']) {
    expect(keyOfEntry(desiredUser([owned(NUMBER, value)]), 'employeeNumber')).toBeNull();
  }
  expect(keyOfEntry(desiredUser(), 'employeeNumber')).toBeNull();
  expect(keyOfLink(linkOf(), 'employeeNumber')).toBeNull();
});

describe('anchors', () => {
  const matched = (...namesakes: Namesakes[]) =>
    matchAnchors(new Map(namesakes.map((one, index) => [String(index), one])));

  test('match where a key is one person’s on both sides', () => {
    const { pairs, ambiguous } = matched({ old: ['a'], new: ['x'] }, { old: [], new: ['y'] }, { old: ['b'], new: [] });
    expect([...pairs]).toEqual([['x', 'a']]);
    expect(ambiguous.size).toBe(0);
  });

  test('are left to people where several have a key on either side', () => {
    const { pairs, ambiguous } = matched({ old: ['a', 'b'], new: ['x'] }, { old: ['c'], new: ['y', 'z'] });
    expect(pairs.size).toBe(0);
    expect([...ambiguous]).toEqual([
      ['x', { old: 2, new: 1 }],
      ['y', { old: 1, new: 2 }],
      ['z', { old: 1, new: 2 }],
    ]);
  });

  test('never give two people one user, and leave no namesake unmentioned', () => {
    const side = fc.array(fc.uuid(), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.record({ old: side, new: side }), { maxLength: 20 }), (namesakes) => {
        const { pairs, ambiguous } = matched(...namesakes);
        expect(new Set(pairs.values()).size).toBe(pairs.size);
        const told = namesakes.filter(({ old }) => old.length > 0).flatMap((one) => one.new);
        expect(new Set([...pairs.keys(), ...ambiguous.keys()])).toEqual(new Set(told));
      }),
    );
  });
});
