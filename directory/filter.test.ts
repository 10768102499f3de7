import { BerWriter, EqualityFilter, type Filter, FilterParser } from 'ldapts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeFilterValue } from './dn.ts';
import { checkFilter, parseFilter } from './filter.ts';

/** What goes over the wire. */
function encoded(filter: Filter): Buffer {
  const writer = new BerWriter();
  filter.write(writer);
  return writer.buffer;
}

describe('parseFilter', () => {
  it.each([
    '(cn=Ann)',
    '(&(objectClass=person)(|(cn=A*)(cn=*b*c)(!(mail=*))))',
    '(userAccountControl:1.2.840.113556.1.4.803:=2)',
    '(memberOf:1.2.840.113556.1.4.1941:=cn=a:b,dc=corp)',
    '(cn:dn:=Ann)',
    '(uSNChanged>=12)',
    '(createTimestamp<=20260101000000Z)',
    '(sn~=Lee)',
  ])('reads %s as the library does', (text) => {
    expect(encoded(parseFilter(text))).toEqual(encoded(FilterParser.parseString(text)));
  });

  it.each([
    ['parentheses around it may be missing', 'cn=Ann', '(cn=Ann)'],
    ['spaces between filters do not count', ' ( & (cn=Ann) \n (sn=Lee) ) ', '(&(cn=Ann)(sn=Lee))'],
    ['hex pairs are bytes', '(cn=J\\c3\\bcrgen)', '(cn=Jürgen)'],
    ['hex pairs are bytes in parts of a value', '(cn=J\\c3\\bc*)', '(cn=Jü*)'],
  ])('%s', (_, one, other) => {
    expect(encoded(parseFilter(one))).toEqual(encoded(parseFilter(other)));
  });

  it('takes options and numbers as attributes', () => {
    expect(parseFilter('(cn;lang-de=Anne)')).toMatchObject({ attribute: 'cn;lang-de' });
    expect(parseFilter('(2.5.4.3=Ann)')).toMatchObject({ attribute: '2.5.4.3' });
  });

  it('gives back every value that was escaped, text or bytes', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const filter = parseFilter(`(&(cn=${escapeFilterValue(value)})(sn=x))`);
        const wanted = new EqualityFilter({ attribute: 'cn', value: Buffer.from(value) });
        expect(encoded(filter).includes(encoded(wanted))).toBe(true);
      }),
    );
  });
});

describe('checkFilter', () => {
  it.each([
    ['(cn=Ann', 'a closing parenthesis is missing'],
    ['(cn=Ann))', 'goes on after its last parenthesis'],
    ['(cn=Ann)(sn=Lee)', 'goes on after its last parenthesis'],
    ['(&(cn=Ann)', 'a closing parenthesis is missing'],
    ['(cn)', '"attribute=value" is expected'],
    ['(=Ann)', '"attribute=value" is expected'],
    ['(cn=a(b)', 'a closing parenthesis is missing'],
    ['(cn=\\zz)', 'two hex digits'],
    ['(!(cn=a)(cn=b))', 'exactly one filter'],
    ['(cn>=\\ff)', 'binary values'],
    ['', '"attribute=value" is expected'],
    [`${'(!'.repeat(200)}(cn=a)${')'.repeat(200)}`, 'nested too deeply'],
  ])('finds the fault in %s', (filter, problem) => {
    expect(checkFilter(filter)).toContain(problem);
  });

  it('has nothing against a good one', () => {
    expect(checkFilter('(&(objectCategory=person)(!(cn=svc-*)))')).toBeNull();
  });
});
