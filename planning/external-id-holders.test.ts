import { expect, test } from 'vitest';
import { about, holder } from '../test/support/decisions.ts';
import { desiredUser, linkOf, owned } from '../test/support/people.ts';

/** An external id made of an account name, which another person has by now; her login is free. */

const ann = { desired: desiredUser([owned('externalId', 'alee')]) };
const elderLink = linkOf({
  ...{ anchor: 'e1de0000-0000-4000-8000-000000000009', genesysId: 'other-id', userName: 'al.lee@example.com' },
  written: { userName: 'al.lee@example.com', externalId: 'alee' },
});
const elder = (entry: 'stays' | 'leaves' | 'disabled' | 'absent') =>
  holder({ via: 'external id', entry, link: elderLink });

test('an account used again is recycled although its new owner has another login', () => {
  const identity = {
    personKey: ['title'],
    onReusedLogin: 'recycle' as const,
    onTakenLogin: 'park' as const,
    onDeletedUser: 'hold' as const,
  };
  const { change } = about(ann, { holders: [elder('absent')], sightingOf: () => 'gone', identity });
  expect(change).toMatchObject({ kind: 'recycle', genesysId: 'other-id', heldBecause: null });
  expect(change?.reason).toMatch(/^the external id is used again: Ann Lee the elder is gone/);
  expect(change?.predecessor?.retirement?.after).toMatchObject({
    userName: 'retired-e1de0000@example.com',
    externalId: 'retired-e1de0000-alee',
  });
});

test('of somebody disabled it is handed over by approval alone', () => {
  expect(about(ann, { holders: [elder('disabled')] }).change?.heldBecause).toMatch(/^login handed over/);
});

test.each(['stays', 'leaves'] as const)('who %s with his login keeps the id, and no number helps', (entry) => {
  const identity = {
    personKey: ['title'],
    onReusedLogin: 'hold' as const,
    onTakenLogin: 'suffix' as const,
    onDeletedUser: 'hold' as const,
  };
  const { change } = about(ann, { holders: [elder(entry)], identity });
  expect(change).toMatchObject({ kind: 'create', userName: 'ann.lee@example.com' });
  expect(change?.parked?.message).toMatch(/^The external id that this person shall get belongs to Ann Lee the elder/);
});

test('who is retired in this plan for somebody else gives the id up as well, and nobody retires him again', () => {
  const retiring = { ...elder('leaves'), retires: true as const };
  const after = { kind: 'create', parked: null, awaits: { genesysId: 'other-id' } };
  expect(about(ann, { holders: [retiring] }).change).toMatchObject(after);
  expect(about(ann, { holders: [retiring, { ...retiring, via: 'link' }] }).change).toMatchObject(after);
});

test('a login that is not free beside it is taken from nobody', () => {
  const identity = {
    personKey: ['title'],
    onReusedLogin: 'recycle' as const,
    onTakenLogin: 'park' as const,
    onDeletedUser: 'hold' as const,
  };
  const others = [holder({ entry: 'leaves', genesysId: 'third' }), elder('absent')];
  const { change } = about(ann, { holders: others, sightingOf: () => 'gone', identity });
  expect(change).toMatchObject({ kind: 'create', parked: { code: 'identity.login-taken' } });
});

test('a number goes behind a login that is taken, and the id is recycled all the same', () => {
  const identity = {
    personKey: ['title'],
    onReusedLogin: 'recycle' as const,
    onTakenLogin: 'suffix' as const,
    onDeletedUser: 'hold' as const,
  };
  const others = [holder({ genesysId: 'third' }), elder('absent')];
  const { change } = about(ann, { holders: others, sightingOf: () => 'gone', identity });
  expect(change).toMatchObject({ kind: 'recycle', genesysId: 'other-id', userName: 'ann.lee_1@example.com' });
});
