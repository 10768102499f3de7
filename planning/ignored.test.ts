import { expect, test } from 'vitest';
import type { ChangeKind } from '../model/change.ts';
import { CHANGE_KINDS } from '../model/change.ts';
import type { Ignore } from '../model/ignore.ts';
import { changeOf } from '../test/support/people.ts';
import type { Decision } from './identity.ts';
import { unlessIgnored } from './ignored.ts';

const IGNORE: Ignore = {
  ...{ until: '2026-12-23T10:00:00.000Z', reason: 'twin in HR, ticket 4711', actor: 'ann' },
  ...{ at: '2026-11-23T10:00:00.000Z', parkedKind: 'create' },
};
const decided = (kind: ChangeKind): Decision => ({
  ...{ change: changeOf({ kind }), drifted: ['title'] },
  notes: [{ attribute: 'manager', problem: 'is nobody' }],
});

test.each(CHANGE_KINDS.filter((kind) => kind !== 'deactivate'))('leaves a %s out and says why', (kind) => {
  const problem = `the ${kind} is left out: ignored until ${IGNORE.until} by ann because: twin in HR, ticket 4711`;
  expect(unlessIgnored(decided(kind), IGNORE)).toEqual({
    ...{ change: null, drifted: ['title'] },
    notes: [
      { attribute: 'manager', problem: 'is nobody' },
      { attribute: 'userName', problem },
    ],
  });
});

test('lets a leaver leave, unless his very deactivation was what failed', () => {
  const leaving = decided('deactivate');
  for (const parkedKind of [null, 'update', 'create'] as const) {
    expect(unlessIgnored(leaving, { ...IGNORE, parkedKind })).toBe(leaving);
  }
  expect(unlessIgnored(leaving, { ...IGNORE, parkedKind: 'deactivate' }).change).toBeNull();
});

test('changes nothing about those who are not ignored or about whom nothing is to be done', () => {
  const update = decided('update');
  expect(unlessIgnored(update, null)).toBe(update);
  const nothing: Decision = { change: null, notes: [], drifted: [] };
  expect(unlessIgnored(nothing, IGNORE)).toBe(nothing);
});
