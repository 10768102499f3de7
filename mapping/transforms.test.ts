import { describe, expect, test } from 'vitest';
import type { Scalar } from '../model/user.ts';
import type { Outcome, Reading } from './mapping.ts';
import { compileTransform } from './transforms.ts';

const reading: Reading = {
  entry: {
    directory: 'corp',
    vendor: 'ad',
    anchor: 'a',
    dn: 'CN=Ann',
    dnKey: 'cn=ann',
    stamp: '1',
    stampScope: '',
    enabled: true,
    disabledBecause: null,
    dueAt: null,
    attributes: {},
  },
  context: { defaultRegion: 'DE', now: new Date(0), anchorOf: () => undefined },
  userName: 'ann@corp.example',
  warn: () => undefined,
};

function apply(transform: unknown, value: Scalar, region: string | null = 'DE'): Outcome {
  const context = { ...reading.context, defaultRegion: region };
  return compileTransform(transform, 'here')(value, { ...reading, context });
}

describe('each transform', () => {
  test.each<[string, unknown, Scalar, Scalar | null]>([
    ['trims', 'trim', '  Ann ', 'Ann'],
    ['lowers, umlauts too', 'lower', 'MÜLLER', 'müller'],
    ['raises, umlauts too', 'upper', 'müller', 'MÜLLER'],
    ['title-cases every word', 'titleCase', "ANNE-MARIE o'neil ÖZ", "Anne-Marie O'Neil Öz"],
    ['keeps a good address', 'email', 'ann.lee@corp.example', 'ann.lee@corp.example'],
    ['reads a number', 'number', ' 3.5 ', 3.5],
    ['reads TRUE', 'boolean', 'TRUE', true],
    ['reads FALSE as false', 'boolean', 'FALSE', false],
    ['reads 0 as false', 'boolean', '0', false],
    ['reads a FILETIME as a date', 'fileTimeToDate', '133774848000000000', '2024-12-01'],
    ['reads a FILETIME as a time', 'fileTimeToDateTime', '133774848000000000', '2024-12-01T00:00:00.000Z'],
    ['takes FILETIME 0 as never', 'fileTimeToDate', '0', null],
    ['takes the largest FILETIME as never', 'fileTimeToDateTime', '9223372036854775807', null],
    ['reads a GeneralizedTime as a date', 'generalizedTimeToDate', '20241201000000.0Z', '2024-12-01'],
    ['reads a zone', 'generalizedTimeToDateTime', '202412010030+0100', '2024-11-30T23:30:00.000Z'],
    ['reads a fraction of an hour', 'generalizedTimeToDateTime', '2024120112.5Z', '2024-12-01T12:30:00.000Z'],
    ['takes what is before', { before: '@' }, 'ann@corp@x', 'ann'],
    ['takes all when the mark is missing', { before: '@' }, 'ann', 'ann'],
    ['takes what is after', { after: '@' }, 'ann@corp', 'corp'],
    ['replaces every place literally', { replace: { text: 'a', with: '$&' } }, 'banana', 'b$&n$&n$&'],
    ['cuts out by characters, not halves of them', { substring: { start: 1, length: 2 } }, 'a😀bc', '😀b'],
    ['cuts from a start on', { substring: { start: 2 } }, 'abcd', 'cd'],
    ['truncates by characters', { truncate: 2 }, 'a😀b', 'a😀'],
    ['lets what fits pass', { maxLength: 3 }, 'a😀b', 'a😀b'],
    ['looks up ignoring case', { lookup: { Sales: 'Vertrieb' } }, 'SALES', 'Vertrieb'],
    ['falls back to the default', { lookup: { Sales: 'Vertrieb' }, default: 'Other' }, 'IT', 'Other'],
    ['makes empty by default: null', { lookup: { Sales: 'Vertrieb' }, default: null }, 'IT', null],
    ['looks up a false value', { lookup: { yes: false } }, 'yes', false],
    ['leaves out what equals the login', { differsFrom: 'userName' }, 'Ann@CORP.example', null],
    ['keeps what differs from the login', { differsFrom: 'userName' }, 'a@corp.example', 'a@corp.example'],
  ])('%s', (_, transform, value, expected) => {
    expect(apply(transform, value)).toEqual({ value: expected });
  });

  test.each<[string, unknown, Scalar, string]>([
    ['a number too short for its country', 'e164', '12345', 'is not a valid phone number'],
    ['no address', 'email', 'ann', 'is not an e-mail address'],
    ['no number', 'number', 'many', 'is not a number'],
    ['no Boolean', 'boolean', 'perhaps', 'is neither TRUE nor FALSE'],
    ['no FILETIME', 'fileTimeToDate', 'soon', 'is not a time of the kind its transform reads'],
    [
      'a FILETIME after the year 9999',
      'fileTimeToDate',
      '9223372036854775806',
      'is not a time of the kind its transform reads',
    ],
    ['31 February', 'generalizedTimeToDate', '20240231000000Z', 'is not a time of the kind its transform reads'],
    [
      'a time without a zone',
      'generalizedTimeToDate',
      '20241201000000',
      'is not a time of the kind its transform reads',
    ],
    ['too long a value', { maxLength: 2 }, 'abc', 'has more than 2 characters'],
    ['what is not in the table', { lookup: { a: 'b' } }, 'c', 'is not in the lookup table, which has no default'],
    [
      'a name every object has',
      { lookup: { a: 'b' } },
      'constructor',
      'is not in the lookup table, which has no default',
    ],
  ])('says what is wrong with %s', (_, transform, value, invalid) => {
    expect(apply(transform, value)).toEqual({ invalid });
  });
});

describe('phone numbers', () => {
  test.each([
    ['a national number', '030 901820', '+4930901820'],
    ['a foreign one', '+1 (317) 555-0100', '+13175550100'],
    ['an international prefix', '0049 30 901820', '+4930901820'],
    ['a trunk zero in brackets', '+49 (0)30 901820', '+4930901820'],
    ['an extension', '+1 317 555 0100 ext. 12', 'tel:+13175550100;ext=12'],
    ['a tel URI', 'tel:+13175550100;ext=12', 'tel:+13175550100;ext=12'],
    ['what an earlier run wrote', '+13175550100', '+13175550100'],
  ])('takes %s', (_, text, expected) => {
    expect(apply('e164', text)).toEqual({ value: expected });
  });

  test.each(['call 030 901820', '+49 30 901820 / +49 30 901821', '112', '', '+', '+49 30 901820 abc'])(
    'refuses %j',
    (text) => {
      expect(apply('e164', text)).toHaveProperty('invalid');
    },
  );

  test('a number without a country code needs a default region', () => {
    const hint = 'is not a valid phone number (numbers without a country code need defaultRegion)';
    expect(apply('e164', '030 901820', null)).toEqual({ invalid: hint });
    expect(apply('e164', '+49 30 901820', null)).toEqual({ value: '+4930901820' });
  });
});

describe('addresses', () => {
  test.each([
    'a@b.c',
    'ann.lee+x@corp.example',
    "o'neil@corp.example",
    'müller@bücher.example',
    `${'a'.repeat(64)}@x.de`,
  ])('takes %s', (address) => expect(apply('email', address)).toEqual({ value: address }));

  test.each([
    'ann',
    '@corp.example',
    'ann@',
    'ann@corp',
    'ann lee@corp.example',
    '.ann@corp.example',
    'ann..lee@corp.example',
    'ann@corp..example',
    'ann@-corp.example',
    'ann@lee@corp.example',
    'Ann <ann@corp.example>',
  ])('refuses %s', (address) => {
    expect(apply('email', address)).toEqual({ invalid: 'is not an e-mail address' });
  });

  test('refuses a local part of 65 characters', () => {
    expect(apply('email', `${'a'.repeat(65)}@corp.example`)).toEqual({
      invalid: 'has more than 64 characters before the @',
    });
  });
});
