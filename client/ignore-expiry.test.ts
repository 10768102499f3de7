import { expect, test } from 'vitest';
import { ignoredUntil } from './ignore-expiry.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');

test('an ignore ends after 30 days unless said otherwise', () => {
  expect(ignoredUntil({}, NOW)).toBe('2026-12-23T10:00:00.000Z');
  expect(ignoredUntil({ for: 3_600_000 }, NOW)).toBe('2026-11-23T11:00:00.000Z');
});

test('a date counts to its end, a time to the moment', () => {
  expect(ignoredUntil({ until: '2026-12-31' }, NOW)).toBe(new Date(2027, 0, 1).toISOString());
  expect(ignoredUntil({ until: '2026-11-23' }, NOW)).toBe(new Date(2026, 10, 24).toISOString());
  expect(ignoredUntil({ until: '2026-12-01T12:00:00+01:00' }, NOW)).toBe('2026-12-01T11:00:00.000Z');
  expect(ignoredUntil({ until: '2026-12-01T12:00Z' }, NOW)).toBe('2026-12-01T12:00:00.000Z');
});

test.each(['tomorrow', '', '2026-02-30', '2026-13-01', '2026-12-01T12:00:00', '31.12.2026', '2026-12-01T25:00Z'])(
  'refuses %j, which is no time',
  (until) => {
    expect(() => ignoredUntil({ until }, NOW)).toThrow(/is no time/);
  },
);

test('refuses what is past, and spans beyond the calendar', () => {
  expect(() => ignoredUntil({ until: '2026-11-22' }, NOW)).toThrow(/is past/);
  expect(() => ignoredUntil({ until: NOW.toISOString() }, NOW)).toThrow(/is past/);
  expect(() => ignoredUntil({ for: 0 }, NOW)).toThrow(/is past/);
  expect(() => ignoredUntil({ for: 999_999_999 * 86_400_000 }, NOW)).toThrow(/is no time/);
});
