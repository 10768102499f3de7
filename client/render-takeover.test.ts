import { expect, test } from 'vitest';
import type { TakeoverReport } from '../model/run.ts';
import { takeoverLines } from './render-takeover.ts';

const NONE = { ambiguous: 0, 'other anchor': 0, inactive: 0, 'other person': 0, 'other provisioner': 0, revived: 0 };

function oddLine(odd: Partial<TakeoverReport['odd']>): string | undefined {
  const lines = takeoverLines({
    ...{ listed: 3, matched: { hand: 0, anchor: 0, 'external id': 0, login: 3 }, odd: { ...NONE, ...odd } },
    ...{ attributes: [], unowned: { count: 0, first: [] } },
  });
  return lines.find((line) => line.startsWith('to be looked at first'));
}

test('what is odd about one is told in the singular, about several in the plural', () => {
  expect(oddLine({ ambiguous: 1, inactive: 1, 'other person': 2 })).toBe(
    'to be looked at first: 1 person is matched by several users; 1 is inactive; 2 have another person key',
  );
  expect(oddLine({ ambiguous: 2, inactive: 2, 'other person': 1 })).toBe(
    'to be looked at first: 2 people are matched by several users each; 2 are inactive; 1 has another person key',
  );
});
