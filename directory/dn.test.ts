import { FilterParser } from 'ldapts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dnKey, escapeFilterValue, firstRdn, isWithin } from './dn.ts';

describe('dnKey', () => {
  it.each([
    ['types and values compare ignoring case', 'CN=Ann Lee,OU=Agents,DC=Corp', 'cn=ann lee,ou=agents,dc=corp'],
    ['spaces around signs do not count', ' cn = Ann Lee , ou=Agents', 'cn=Ann Lee,ou=Agents'],
    ['an escaped comma and its hex pair are the same', 'cn=Lee\\, Ann,dc=corp', 'cn=Lee\\2C Ann,dc=corp'],
    ['a trailing space does not count, even escaped', 'cn=Ann\\20,dc=corp', 'cn=Ann\\ ,dc=corp'],
    ['a trailing space does not count', 'cn=Ann\\20,dc=corp', 'cn=Ann,dc=corp'],
    ['several spaces count as one', 'cn=Ann  Lee', 'cn=Ann Lee'],
    ['hex pairs are UTF-8', 'cn=J\\c3\\bcrgen', 'cn=Jürgen'],
    ['the parts of a multi-valued RDN have no order', 'cn=Ann+uid=al,dc=corp', 'uid=al + cn=Ann,dc=corp'],
    ['long names and OIDs of types are the short ones', 'commonName=Ann,OID.2.5.4.11=Agents', 'cn=Ann,ou=Agents'],
    ['quotes are those of LDAPv2', 'cn="Lee, Ann";dc=corp', 'cn=Lee\\, Ann,dc=corp'],
    ['a hex-encoded string is its text', 'cn=#0403416e6e', 'cn=Ann'],
    ['a sigma at the end of a word is a sigma', 'cn=ΝΊΚΟΣ', 'cn=νίκος'],
    ['a number sign may be escaped', 'cn=\\#1', 'cn=\\231'],
    ['line breaks of conflict objects are kept', 'CN=Ann\\0ACNF:1', 'cn=ann\\0acnf:1'],
  ])('%s', (_, one, other) => {
    expect(dnKey(one)).toBe(dnKey(other));
  });

  it.each([
    ['composed and decomposed letters are two names', 'cn=J\u00fcrgen', 'cn=Ju\u0308rgen'],
    ['an escaped comma is no separator', 'cn=Lee\\,ou=Agents', 'cn=Lee,ou=Agents'],
    ['an escaped plus is no separator', 'cn=Ann\\+uid=al', 'cn=Ann+uid=al'],
    ['another unit is another DN', 'cn=Ann,ou=Agents', 'cn=Ann,ou=Others'],
    ['bytes that are no text keep apart', 'cn=\\ff', 'cn=\\fe'],
  ])('%s', (_, one, other) => {
    expect(dnKey(one)).not.toBe(dnKey(other));
  });

  it('text that is no DN has a key of its own', () => {
    expect(dnKey(' Ann Lee ')).toBe('ann lee');
    expect(dnKey('cn=Ann,')).toBe('cn=ann,');
    expect(dnKey('cn="Ann')).toBe('cn="ann');
    expect(dnKey('')).toBe('');
  });

  const value = fc
    .string({
      unit: fc.oneof(fc.constantFrom(...',+"\\<>;=# \0\nüÜ'), fc.constantFrom(...'abXY09')),
      minLength: 1,
      maxLength: 12,
    })
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const rdns = fc.array(fc.tuple(fc.constantFrom('cn', 'OU', 'uid', 'dc'), value), { minLength: 1, maxLength: 4 });

  it('does not depend on how a DN is escaped', () => {
    fc.assert(
      fc.property(rdns, fc.infiniteStream(fc.boolean()), (parts, asHex) => {
        const spell = (escape: (character: string) => string): string =>
          parts.map(([type, text]) => `${type}=${[...text].map(escape).join('')}`).join(',');
        const plain = spell((character) => (/[,+"\\<>;=#\0]/.test(character) ? hex(character) : character));
        const mixed = spell((character) => (asHex.next().value === true ? hex(character) : backslash(character)));
        expect(dnKey(mixed)).toBe(dnKey(plain));
      }),
    );
  });

  it('is its own key', () => {
    fc.assert(
      fc.property(rdns, (parts) => {
        const key = dnKey(parts.map(([type, text]) => `${type}=${[...text].map(hex).join('')}`).join(','));
        expect(dnKey(key)).toBe(key);
      }),
    );
  });

  it('never fails, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom(...'cn=,+;"\\# 0a\0'), fc.constantFrom('ü', '\ud800', '😀')) }),
        (text) => {
          expect(typeof dnKey(text)).toBe('string');
          expect(typeof firstRdn(text)).toBe('string');
        },
      ),
    );
  });
});

describe('firstRdn', () => {
  it.each([
    ['CN=Lee\\, Ann,OU=Agents,DC=corp', 'CN=Lee, Ann'],
    ['uid=al + cn=Ann,dc=corp', 'uid=al+cn=Ann'],
    ['', ''],
    ['no dn', ''],
  ])('of %j is %j', (dn, rdn) => {
    expect(firstRdn(dn)).toBe(rdn);
  });
});

describe('isWithin', () => {
  it('takes whole RDNs', () => {
    expect(isWithin('cn=ann,ou=agents,dc=corp', 'ou=agents,dc=corp')).toBe(true);
    expect(isWithin('ou=agents,dc=corp', 'ou=agents,dc=corp')).toBe(true);
    expect(isWithin('cn=ann,ou=all-agents,dc=corp', 'agents,dc=corp')).toBe(false);
    expect(isWithin('cn=ann,dc=corp', '')).toBe(true);
  });
});

describe('escapeFilterValue', () => {
  it('makes any text a value of a filter and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const filter = FilterParser.parseString(`(cn=x${escapeFilterValue(text)})`);
        expect(filter).toMatchObject({ attribute: 'cn', value: `x${text}` });
      }),
    );
  });
});

function hex(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
}

function backslash(character: string): string {
  return /[,+"\\<>;=# ]/.test(character) ? `\\${character}` : character.replace('\0', '\\00');
}
