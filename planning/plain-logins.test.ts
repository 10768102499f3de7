import { expect, test } from 'vitest';
import { ANN, desiredUser, linkOf } from '../test/support/people.ts';
import { retirement } from './retire.ts';
import { spareLogins } from './spare-login.ts';
import { suffixedLogins, withSuffix } from './suffix.ts';

/** Logins that are no mail addresses, as other services than Genesys Cloud have them. */

test('get their number at the end, and a new one in its place', () => {
  const ann = desiredUser([], { userName: 'alee' });
  expect(suffixedLogins(ann)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => `alee_${number}`));
  expect(withSuffix(withSuffix(ann, 10), 2)).toMatchObject({ userName: 'alee_2', suffix: 2 });
});

test('may be longer than the local part of an address', () => {
  expect(suffixedLogins(desiredUser([], { userName: 'a'.repeat(70) }))).toHaveLength(10);
  expect(suffixedLogins(desiredUser([], { userName: `${'a'.repeat(70)}@x.example` }))).toEqual([]);
});

test('are followed by others without a domain', () => {
  expect(spareLogins('moving', ANN, 'alee').slice(0, 2)).toEqual(['moving-0a000000', 'moving-0a000000-2']);
  expect(spareLogins('retired', ANN, 'ann@x.example').at(-1)).toBe(`retired-${ANN}@x.example`);
});

test('are retired in one piece', () => {
  const link = linkOf({ userName: 'alee', written: { userName: 'alee', externalId: 'alee' } });
  const { after } = retirement(link, { actual: null, isTaken: () => false });
  expect(after).toEqual({ userName: 'retired-0a000000', externalId: 'retired-0a000000-alee', active: false });
});
