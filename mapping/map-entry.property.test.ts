import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../model/entry.ts';
import { compileMapping } from './compile.ts';
import { mapEntry } from './map-entry.ts';
import type { MappingContext } from './mapping.ts';

const CONTEXT: MappingContext = {
  defaultRegion: 'DE',
  now: new Date('2026-01-01T00:00:00Z'),
  anchorOf: (dn) => (dn.length > 3 ? 'boss-anchor' : undefined),
};
const ENTRY: Entry = {
  directory: 'corp',
  vendor: 'ad',
  anchor: 'ann-anchor',
  dn: 'CN=Ann',
  dnKey: 'cn=ann',
  stamp: '1',
  stampScope: '',
  enabled: true,
  disabledBecause: null,
  dueAt: null,
  attributes: {},
};

describe('whatever a directory holds', () => {
  const EVERYTHING = compileMapping({
    userName: { from: ['mail', 'a'], transform: ['lower', 'email'] },
    displayName: { template: '{a} {b}' },
    active: 'flag',
    title: {
      from: 'a',
      transform: ['titleCase', { substring: { start: 1, length: 5 } }, { replace: { text: 'x', with: '' } }],
    },
    department: { from: 'b', transform: [{ lookup: { x: 'y' }, default: 'z' }, { maxLength: 3 }] },
    dateHire: { from: 'a', transform: 'fileTimeToDate' },
    division: { from: 'b', transform: ['generalizedTimeToDateTime', 'upper'] },
    phoneNumbers: [{ type: 'work', value: 'a' }],
    emails: [{ type: 'work', value: { from: 'b', transform: ['trim', { differsFrom: 'userName' }] } }],
    roles: [{ value: 'a' }, { value: 'b' }],
    name: { givenName: 'a', familyName: { from: 'b', transform: 'number' } },
    manager: 'manager',
  });
  const awkward = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\0', '\n', ' ', 'a', '@', '.', '0', '+', '\u0085', '\ud800', '"', '\\') }),
    fc.constantFrom('TRUE', 'FALSE', '0', '9223372036854775807', '20240231000000Z', 'ann@corp.example', '+4930901820'),
    fc.bigInt().map(String),
  );
  const attributes = fc.dictionary(
    fc.constantFrom('mail', 'a', 'b', 'flag', 'manager', '__proto__'),
    fc.array(awkward, { maxLength: 3 }),
  );

  test('mapping never throws, gives the same twice, and lets no control character survive', () => {
    fc.assert(
      fc.property(attributes, (values) => {
        const subject = { ...ENTRY, attributes: values };
        const mapped = mapEntry(EVERYTHING, subject, CONTEXT);
        expect(mapEntry(EVERYTHING, subject, CONTEXT)).toEqual(mapped);
        expect((mapped.desired === null) === mapped.problems.length > 0).toBe(true);
        expect(textsOf(mapped).filter((text) => /\p{Cc}/u.test(text))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  function textsOf(value: unknown): string[] {
    if (typeof value === 'string') return [value];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, member]) => [key, ...textsOf(member)]);
  }
});
