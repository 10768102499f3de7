import { Attribute, BerReader, BerWriter, SearchEntry } from 'ldapts';
import { expect, it } from 'vitest';
import { rawAttributes, textAttributes } from './attributes.ts';

/** An entry as it comes from the wire. */
function received(attributes: Record<string, (string | Buffer)[]>): SearchEntry {
  const parsed = Object.entries(attributes).map(([type, values]) => {
    const writer = new BerWriter();
    new Attribute({ type, values: values.map((value) => Buffer.from(value)) }).write(writer);
    const attribute = new Attribute();
    attribute.parse(new BerReader(writer.buffer));
    return attribute;
  });
  return new SearchEntry({ messageId: 1, name: 'cn=ann,dc=corp', attributes: parsed });
}

const texts = (attributes: Record<string, (string | Buffer)[]>) =>
  textAttributes(rawAttributes(received(attributes)).values);

it('names come in lower case, values in server order', () => {
  expect(texts({ telephoneNumber: ['2', '1', '3'] })).toEqual({ telephonenumber: ['2', '1', '3'] });
});

it('binary attributes are left out, even when their bytes pass for text', () => {
  expect(texts({ objectGUID: ['abcdefghijklmnop'], 'userCertificate;binary': ['abc'], cn: ['Ann'] })).toEqual({
    cn: ['Ann'],
  });
});

it('values that are no UTF-8 are left out, the others stay', () => {
  expect(texts({ cn: ['Ann', Buffer.from([0xff, 0xfe])], sn: [Buffer.from([0xe9])] })).toEqual({ cn: ['Ann'] });
});

it('odd text is kept as it is', () => {
  const odd = ['A\0nn', 'שלום', '😀', '\ufeffAnn', 'x'.repeat(200_000)];
  expect(texts({ cn: odd })).toEqual({ cn: odd });
});

it('a range stands under the plain name and says where it goes on', () => {
  const entry = received({ 'member;range=0-1': ['a', 'b'], member: [] });
  const { values, cut } = rawAttributes(entry);
  expect(values.get('member')?.map(String)).toEqual(['a', 'b']);
  expect(cut).toEqual([{ name: 'member', next: 2 }]);
});

it('the last range does not go on', () => {
  const { values, cut } = rawAttributes(received({ 'member;Range=2-*': ['c'] }));
  expect(values.get('member')?.map(String)).toEqual(['c']);
  expect(cut).toEqual([]);
});

it('an option that is no range does not mix with the plain attribute', () => {
  expect(texts({ 'cn;lang-de': ['Anne'], cn: ['Ann'] })).toEqual({ 'cn;lang-de': ['Anne'], cn: ['Ann'] });
});

it('an attribute without values is absent', () => {
  expect(texts({ cn: [] })).toEqual({});
});
