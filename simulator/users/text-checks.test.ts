import { describe, expect, it } from 'vitest';
import { dateOnly, isAddress, isPhoneNumber } from './text-checks.ts';

describe('text checks', () => {
  it.each(['ann.lee@example.com', "o'neil+x@sub.example.co.uk", `${'a'.repeat(64)}@example.com`])(
    'takes %s as a login',
    (text) => {
      expect(isAddress(text)).toBe(true);
    },
  );

  it.each([
    'ann',
    'ann@',
    '@example.com',
    'a b@example.com',
    'a@localhost',
    '.a@b.com',
    'a..b@c.com',
    'jörg@b.com',
    'a@-b.com',
    `${'a'.repeat(65)}@b.com`,
  ])('refuses %s as a login', (text) => {
    expect(isAddress(text)).toBe(false);
  });

  it.each(['+13175550100', 'tel:+13175551234;ext=123', 'tel:+1-317-555-1234'])('takes the number %s', (text) => {
    expect(isPhoneNumber(text)).toBe(true);
  });

  it.each([
    '03175550100',
    '+0123456789',
    '+49 30 123456',
    '+13175550100;ext=5',
    'tel:030123456',
    '+12',
    '+1234567890123456',
    'tel:+13175551234;ext=',
  ])('refuses the number %s', (text) => {
    expect(isPhoneNumber(text)).toBe(false);
  });

  it.each([
    ['2026-02-28', '2026-02-28'],
    ['2024-12-01T08:30:00Z', '2024-12-01'],
    ['2024-12-01T23:30:00.123+02:00', '2024-12-01'],
  ])('keeps of %s the date', (text, date) => {
    expect(dateOnly(text)).toBe(date);
  });

  it.each(['2026-02-30', '2026-13-01', '01.02.2026', '20260201', '2026-02-01T'])('refuses the date %s', (text) => {
    expect(() => dateOnly(text)).toThrow(expect.objectContaining({ scimType: 'invalidValue' }));
  });
});
