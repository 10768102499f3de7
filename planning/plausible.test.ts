import { describe, expect, test } from 'vitest';
import { desiredUser, owned } from '../test/support/people.ts';
import { anchorsReplaced, implausible, isReplacement } from './plausible.ts';
import type { ReadFigures } from './plausible.ts';

const safety = { minimumEntries: 2, maximumDropPercent: 50 };
const read = (more: Partial<ReadFigures>): ReadFigures => ({
  inScope: 100,
  previous: 100,
  canariesMissing: [],
  ...more,
});

test.each<[string, Partial<ReadFigures>]>([
  ['as many as before', {}],
  ['more than before', { inScope: 1000 }],
  ['exactly the drop allowed', { inScope: 50 }],
  ['a first read of exactly the minimum', { inScope: 2, previous: null }],
  ['something after nothing', { inScope: 2, previous: 0 }],
])('%s is plausible', (_what, figures) => {
  expect(implausible(read(figures), safety)).toBeNull();
});

test.each<[string, Partial<ReadFigures>, RegExp]>([
  ['a drop by more than allowed', { inScope: 49 }, /49 entries in scope after 100 .* safety\.maximumDrop \(50 %\)/],
  [
    'fewer than the minimum',
    { inScope: 1, previous: null },
    /1 entry in scope, fewer than safety\.minimumEntries \(2\)/,
  ],
  ['nothing, read successfully', { inScope: 0 }, /0 entries in scope/],
  ['a canary missing', { canariesMissing: ['CN=Canary'] }, /lacks CN=Canary, which safety\.canaries expects/],
  ['many canaries missing', { canariesMissing: ['a', 'b', 'c', 'd', 'e'] }, /lacks a and b and c and 2 more/],
])('%s is not believed', (_what, figures, sentence) => {
  expect(implausible(read(figures), safety)).toMatch(sentence);
});

test('no drop is too much at 100 %', () => {
  expect(implausible(read({ inScope: 0 }), { minimumEntries: 0, maximumDropPercent: 100 })).toBeNull();
});

describe('anchors that were replaced', () => {
  const KEY = ['employeeNumber'];
  const pair = (before: string | null, now: string | null) => ({
    written: before === null ? {} : { employeeNumber: before },
    desired: desiredUser([owned('employeeNumber', now)]),
  });

  test.each([
    [10, 10],
    [19, 10],
  ])('of %i absent people %i are there under another anchor: a failed read', (absent, replaced) => {
    expect(anchorsReplaced({ absent, replaced })).toMatch(/rebind --by employeeNumber or rebind --by userName/);
  });

  test.each([
    [20, 10],
    [9, 9],
    [0, 0],
  ])('of %i absent people %i are there under another anchor: no failed read', (absent, replaced) => {
    expect(anchorsReplaced({ absent, replaced })).toBeNull();
  });

  test('are no accounts used again: those belong to somebody else, as the person key says', () => {
    expect(isReplacement(pair('1', '1'), KEY)).toBe(true);
    expect(isReplacement(pair(null, '1'), KEY)).toBe(true);
    expect(isReplacement(pair('1', '2'), KEY)).toBe(false);
  });
});
