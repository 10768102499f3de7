import { expect, test } from 'vitest';
import { implausible } from './plausible.ts';
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
