import { expect, test } from 'vitest';
import { RecentCount } from './recent-count.ts';

test('what happened within the span counts, what is older does not', () => {
  const recent = new RecentCount(60_000);
  for (let second = 0; second < 120; second += 1) recent.add(1_000_000 + second * 1_000);
  expect(recent.at(1_119_000)).toBe(60);
  expect(recent.at(1_149_000)).toBe(30);
  expect(recent.at(1_300_000)).toBe(0);
});
