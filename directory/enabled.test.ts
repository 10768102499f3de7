import { describe, expect, it } from 'vitest';
import { enabledState, type EnabledRules } from './enabled.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const NO_RULES: EnabledRules = { disabledWhen: null, startsAt: null };
const ENABLED = { enabled: true, disabledBecause: null, dueAt: null };

function state(attributes: Record<string, string | string[]>, rules: Partial<EnabledRules> = {}) {
  const lists = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [value].flat()]),
  );
  return enabledState(lists, { ...NO_RULES, ...rules }, NOW);
}

function filetime(iso: string): string {
  return String((BigInt(Date.parse(iso)) + 11_644_473_600_000n) * 10_000n);
}

describe('a person is enabled', () => {
  it.each([
    ['without any sign', {}],
    ['as a normal account', { userAccountControl: '512' }],
    ['as an account that needs no password', { userAccountControl: '544' }],
    ['as an account whose password never expires', { userAccountControl: '66048' }],
    ['as an account with a smart card', { userAccountControl: '262656' }],
    ['when the account never expires (0)', { accountExpires: '0' }],
    ['when the account never expires (2^63-1)', { accountExpires: '9223372036854775807' }],
    ['when mistyped passwords locked him (AD)', { lockoutTime: '133485408000000000', userAccountControl: '528' }],
    ['when mistyped passwords locked him (OpenLDAP)', { pwdAccountLockedTime: '20261123115900Z' }],
    ['when his password has expired', { pwdLastSet: '0', userAccountControl: '8389120' }],
    ['when his time began', { pwdStartTime: '20260101000000Z' }],
  ])('%s', (_, attributes) => {
    expect(state(attributes)).toEqual(ENABLED);
  });
});

describe('a person is disabled', () => {
  it.each([
    ['by userAccountControl', { userAccountControl: '514' }, 'userAccountControl says disabled'],
    ['by userAccountControl with other bits', { userAccountControl: '66050' }, 'userAccountControl says disabled'],
    [
      'by userAccountControl as a negative number',
      { userAccountControl: '-2147483134' },
      'userAccountControl says disabled',
    ],
    ['by an administrator', { pwdAccountLockedTime: '000001010000Z' }, 'pwdAccountLockedTime says locked for good'],
    ['when the account expired', { accountExpires: filetime('2026-11-23T12:00:00Z') }, 'accountExpires has passed'],
    ['when his time ended', { pwdEndTime: '20261123115959Z' }, 'pwdEndTime has passed'],
  ])('%s', (_, attributes, disabledBecause) => {
    expect(state(attributes)).toEqual({ enabled: false, disabledBecause, dueAt: null });
  });

  it('until his time begins', () => {
    expect(state({ pwdStartTime: '20261201000000Z' })).toEqual({
      enabled: false,
      disabledBecause: 'pwdStartTime is still to come',
      dueAt: '2026-12-01T00:00:00.000Z',
    });
  });
});

describe('time alone', () => {
  it('will disable somebody whose end is known: the first of two ends', () => {
    const attributes = { accountExpires: filetime('2027-03-01T00:00:00Z'), pwdEndTime: '20270201000000Z' };
    expect(state(attributes)).toEqual({ ...ENABLED, dueAt: '2027-02-01T00:00:00.000Z' });
  });

  it('does not enable an account that is disabled otherwise', () => {
    expect(state({ userAccountControl: '514', pwdStartTime: '20261201000000Z' }).dueAt).toBeNull();
  });

  it('does not enable an account that ends before it begins', () => {
    const attributes = { pwdStartTime: '20270201000000Z', accountExpires: filetime('2027-01-01T00:00:00Z') };
    expect(state(attributes)).toMatchObject({ enabled: false, dueAt: null });
  });
});

describe('disabledWhen', () => {
  const rule = (equals: string[]) => ({ disabledWhen: { attribute: 'employeeType', equals } });

  it('looks at every value, ignoring case', () => {
    expect(state({ employeeType: ['Agent', ' INACTIVE '] }, rule(['inactive']))).toEqual({
      enabled: false,
      disabledBecause: 'employeeType is inactive',
      dueAt: null,
    });
  });

  it('takes FALSE for false and TRUE for true', () => {
    expect(state({ employeeType: 'FALSE' }, rule(['true'])).enabled).toBe(true);
    expect(state({ employeeType: 'TRUE' }, rule(['true'])).enabled).toBe(false);
  });

  it('says nothing about somebody without the attribute', () => {
    expect(state({}, rule(['inactive']))).toEqual(ENABLED);
  });
});

describe('startsAt', () => {
  const DAY = 86_400_000;
  const rule = (leadMs = 0) => ({ startsAt: { attribute: 'employeeStartDate', leadMs } });

  it.each([
    ['20261201000000Z', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01', '2026-12-01T00:00:00.000Z'],
    [filetime('2026-12-01T00:00:00Z'), '2026-12-01T00:00:00.000Z'],
  ])('holds a future hire back: %s', (value, dueAt) => {
    expect(state({ employeeStartDate: value }, rule())).toEqual({
      enabled: false,
      disabledBecause: 'employeeStartDate is still to come',
      dueAt,
    });
  });

  it('lets him in by the lead time before', () => {
    expect(state({ employeeStartDate: '2026-12-01' }, rule(3 * DAY)).dueAt).toBe('2026-11-28T00:00:00.000Z');
    expect(state({ employeeStartDate: '2026-11-26' }, rule(3 * DAY))).toEqual(ENABLED);
  });

  it('says nothing where the date is missing or no date', () => {
    expect(state({}, rule())).toEqual(ENABLED);
    expect(state({ employeeStartDate: 'next spring' }, rule())).toEqual(ENABLED);
  });
});
