import { expect, test } from 'vitest';
import { lockWaits } from './lock-waits.ts';

test('a scheduled full waits for the lock in steps of 1 to 5 minutes, 6 hours in all', () => {
  const minutes = lockWaits().map((ms) => ms / 60_000);
  expect(minutes.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 5, 5]);
  expect(new Set(minutes.slice(4))).toEqual(new Set([5]));
  expect(minutes.reduce((sum, wait) => sum + wait, 0)).toBe(360);
});
