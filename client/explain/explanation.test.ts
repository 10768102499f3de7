import { expect, test } from 'vitest';
import type { KnownPerson } from '../../state/people.ts';
import { inOrder } from './explanation.ts';
import type { LiveEntry } from './live-look.ts';

const known = (anchor: string, via: KnownPerson['via'], more: Partial<KnownPerson> = {}): KnownPerson => ({
  ...{ anchor, userName: `${anchor}@corp.example`, displayName: '', dn: '', via },
  ...more,
});
const live = (anchor: string, inScope: boolean): LiveEntry => ({
  entry: {
    ...{ directory: 'corp-ad', vendor: 'ad', anchor, dn: `CN=${anchor}`, dnKey: `cn=${anchor}`, stamp: '1' },
    ...{ stampScope: '', enabled: true, disabledBecause: null, dueAt: null, attributes: {} },
  },
  ...{ withinBases: [], isPerson: true, matchesFilter: null, excludedBy: [], inScope },
  mapped: { desired: null, problems: [], warnings: [] },
});
const look = (...entries: LiveEntry[]) => [{ directory: 'corp-ad', error: null, entries }];

test('who has the name now stands before who had it once, strangers in scope before those outside', () => {
  const people = inOrder(
    [known('link', 'link'), known('past', 'audit')],
    look(live('outside', false), live('inside', true)),
  );
  expect(people.map(({ anchor }) => anchor)).toEqual(['link', 'inside', 'past', 'outside']);
});

test('one person is one, and each source fills in what the others do not know', () => {
  const people = inOrder([known('ann', 'parked', { displayName: 'Ann' })], look(live('ann', true)));
  expect(people).toEqual([{ anchor: 'ann', userName: 'ann@corp.example', displayName: 'Ann', dn: 'CN=ann' }]);
});
